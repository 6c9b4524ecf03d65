//! Fields of a form as markup, and what is wrong with them: beside each field, and in a list on top of the form.

use chrono::NaiveDate;
use maud::{Markup, html};

use super::form_input::Fields;
use super::refusals;
use crate::app::refusal::Refusal;
use crate::pages::text::Text;

/// What is wrong with a form, by the id of the field.
#[derive(Debug, Default)]
pub struct Faults(Vec<(String, String)>);

impl Faults {
    /// The bad fields of a refusal in the words of the visitor. `id_of` gives the id of the field that a pointer leads to.
    #[must_use]
    pub fn of(text: Text, refusal: &Refusal, today: NaiveDate, id_of: impl Fn(&str) -> String) -> Self {
        let faults = refusals::fields(text, refusal, today).into_iter();
        Self(faults.map(|(pointer, told)| (id_of(&pointer), told)).collect())
    }

    /// The same in the order in which the fields stand in the form.
    #[must_use]
    pub fn in_order(mut self, ids: &[impl AsRef<str>]) -> Self {
        self.0.sort_by_key(|(id, _)| ids.iter().position(|known| known.as_ref() == id.as_str()));
        self
    }

    /// What is wrong with the field with this id.
    #[must_use]
    pub fn at(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == id).map(|(_, told)| told.as_str())
    }

    /// The list on top of the form; nothing where all is well.
    #[must_use]
    pub fn summary(&self, text: Text) -> Markup {
        html! {
            @if !self.0.is_empty() {
                div class="errors" role="alert" tabindex="-1" {
                    h2 { (text.get("form-errors")) }
                    ul { @for (id, told) in &self.0 { li { a href={ "#" (id) } { (told) } } } }
                }
            }
        }
    }
}

/// One line to type into.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its id and name.
    pub id: &'a str,
    /// The message of its label.
    pub label: &'a str,
    /// The message of its hint.
    pub hint: Option<&'a str>,
    /// What kind of text it takes.
    pub kind: Kind,
    /// By what a browser fills it in.
    pub autocomplete: &'a str,
}

/// What is typed into a line, which decides its keyboard and its width. No line has a `maxlength`: a browser cuts a pasted
/// text without a word, and what is too long is refused with a reason instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a person.
    Name,
    /// A resident ID number.
    IdNumber,
    /// A telephone number.
    Phone,
    /// A street and house.
    Street,
}

impl Kind {
    const fn type_(self) -> &'static str {
        match self {
            Self::Phone => "tel",
            Self::Name | Self::IdNumber | Self::Street => "text",
        }
    }

    /// The keyboard of a phone. An ID number may end with an X, which a keyboard of digits has not.
    const fn inputmode(self) -> Option<&'static str> {
        match self {
            Self::Phone => Some("tel"),
            Self::Name | Self::IdNumber | Self::Street => None,
        }
    }

    const fn width(self) -> &'static str {
        match self {
            Self::Name | Self::IdNumber => "w-18",
            Self::Phone => "w-11",
            Self::Street => "w-full",
        }
    }
}

impl Line<'_> {
    /// The line with what was typed into it and what is wrong with that.
    #[must_use]
    pub fn markup(&self, text: Text, fields: &Fields, faults: &Faults) -> Markup {
        let (id, kind, fault) = (self.id, self.kind, faults.at(self.id));
        html! {
            div .field .bad[fault.is_some()] {
                label for=(id) { (text.get(self.label)) }
                @if let Some(hint) = self.hint { p class="hint" id={ (id) "-hint" } { (text.get(hint)) } }
                (fault_at(id, fault))
                input class=(kind.width()) id=(id) name=(id) type=(kind.type_()) inputmode=[kind.inputmode()]
                    autocomplete=(self.autocomplete) spellcheck="false"
                    value=(fields.raw(id)) aria-describedby=[described_by(id, self.hint.is_some(), fault.is_some())]
                    aria-invalid=[fault.map(|_| "true")];
            }
        }
    }
}

/// What is wrong with a field, beside it.
#[must_use]
pub fn fault_at(id: &str, fault: Option<&str>) -> Markup {
    html! { @if let Some(told) = fault { p class="error" id={ (id) "-error" } { (told) } } }
}

/// The ids of what describes a field; none where nothing does.
#[must_use]
pub fn described_by(id: &str, has_hint: bool, has_fault: bool) -> Option<String> {
    let parts = [(has_hint, "hint"), (has_fault, "error")];
    let ids: Vec<String> =
        parts.iter().filter(|(is_there, _)| *is_there).map(|(_, part)| format!("{id}-{part}")).collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_listed_as_the_fields_stand() {
        let faults = Faults(["c", "a", "b"].map(|id| (id.to_owned(), id.to_uppercase())).into());
        let faults = faults.in_order(&["a", "b", "c"]);
        assert_eq!((faults.at("b"), faults.at("d")), (Some("B"), None));
        assert_eq!(faults.0.iter().map(|(id, _)| id.as_str()).collect::<String>(), "abc");
    }

    #[test]
    fn a_field_names_what_describes_it() {
        assert_eq!(described_by("name", false, false), None);
        assert_eq!(described_by("name", true, false).as_deref(), Some("name-hint"));
        assert_eq!(described_by("name", true, true).as_deref(), Some("name-hint name-error"));
    }
}
