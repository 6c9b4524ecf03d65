//! Who comes together: the person who is signed in, where ticked, and the others, each in a row of fields.

use crate::app::input::booking::{ApplicantInput, MAX_PARTY};
use crate::domain::applicant::Applicant;
use crate::domain::reading;
use crate::pages::kit::form_input::Fields;

/// The field that says whether the signed-in person comes.
pub const SELF: &str = "self";
/// The value of [`SELF`] where that is so.
pub const YES: &str = "yes";
/// The field that says that a form has people in it at all, since a form on which nobody is ticked has none of their fields.
pub const PEOPLE: &str = "people";
/// The fields of a row, without its number: the same names as in the body of a booking.
pub const ROW: [&str; 3] = ["name", "id_number", "phone"];

/// A company as it stands in a form, right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Whether the signed-in person comes.
    pub with_self: bool,
    /// What was typed of the others, in the order of [`ROW`], at most [`MAX_PARTY`].
    others: Vec<[String; 3]>,
}

impl Company {
    /// The signed-in person and empty rows for as many as come besides.
    #[must_use]
    pub fn of(people: u32) -> Self {
        Self { with_self: true, others: Vec::new() }.for_people(people)
    }

    /// The same with as many rows as that many people need. Nothing that was typed goes: only empty rows do.
    #[must_use]
    pub fn for_people(mut self, people: u32) -> Self {
        let wanted = (people.min(MAX_PARTY) as usize).saturating_sub(usize::from(self.with_self));
        while self.others.len() > wanted
            && self.others.last().is_some_and(|row| row.iter().all(|it| it.trim().is_empty()))
        {
            self.others.pop();
        }
        while self.others.len() < wanted {
            self.others.push([const { String::new() }; 3]);
        }
        self
    }

    /// The company of a form.
    #[must_use]
    pub fn read(fields: &Fields) -> Self {
        let rows = (0..MAX_PARTY).take_while(|row| fields.has(&field(ROW[0], *row as usize)));
        let others = rows.map(|row| ROW.map(|name| fields.raw(&field(name, row as usize)).to_owned())).collect();
        Self { with_self: fields.raw(SELF) == YES, others }
    }

    /// How many others have a row.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.others.len()
    }

    /// How many come.
    #[must_use]
    pub fn count(&self) -> usize {
        self.others.len() + usize::from(self.with_self)
    }

    /// The company after a button: `add` and `remove-N` change rows; none for any other.
    #[must_use]
    pub fn after(&self, button: &str) -> Option<Self> {
        let mut company = self.clone();
        if button == "add" {
            if company.rows() < MAX_PARTY as usize {
                company.others.push([const { String::new() }; 3]);
            }
            return Some(company);
        }
        let row: usize = button.strip_prefix("remove-")?.parse().ok()?;
        if row < company.rows() {
            company.others.remove(row);
        }
        Some(company)
    }

    /// The fields of a form with this company in place of the one that it had.
    #[must_use]
    pub fn put_into(&self, form: Fields) -> Fields {
        let begun = form.without(is_of_people).with(PEOPLE, YES);
        let begun = if self.with_self { begun.with(SELF, YES) } else { begun };
        self.others.iter().enumerate().fold(begun, |fields, (row, typed)| {
            ROW.iter().zip(typed).fold(fields, |fields, (name, value)| fields.with(&field(name, row), value.as_str()))
        })
    }

    /// The id of the field to which a pointer into the body leads.
    #[must_use]
    pub fn id_of(&self, pointer: &str) -> String {
        let mut names = pointer.split('/').skip(2);
        let place: Option<usize> = names.next().and_then(|place| place.parse().ok());
        let row = place.and_then(|place| self.row_of(place));
        match (row, names.next()) {
            (Some(row), Some(name)) => field(name, row),
            _ => SELF.to_owned(),
        }
    }

    /// The row of an applicant, counted from 0; none for the signed-in person.
    #[must_use]
    pub fn row_of(&self, applicant: usize) -> Option<usize> {
        applicant.checked_sub(usize::from(self.with_self))
    }

    /// The applicants as they are judged. Who has no number of their own is reached at the one of the person who books.
    #[must_use]
    pub fn applicants(&self, own: &Applicant) -> Vec<ApplicantInput> {
        let own_row = self.with_self.then(|| ApplicantInput {
            name: Some(own.name.clone()),
            id_number: Some(own.id_number.reveal().to_owned()),
            phone: Some(own.phone.clone()),
        });
        let others = self.others.iter().map(|row| {
            let [name, id_number, phone] = row.each_ref().map(|typed| filled(typed));
            ApplicantInput { name, id_number, phone: phone.or_else(|| Some(own.phone.clone())) }
        });
        own_row.into_iter().chain(others).collect()
    }
}

/// Whether a field is one of the people's.
fn is_of_people(name: &str) -> bool {
    let is_of_row =
        |kind: &str| name.strip_prefix(kind).is_some_and(|row| row.strip_prefix('-').is_some_and(is_number));
    name == SELF || name == PEOPLE || ROW.into_iter().any(is_of_row)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The id and name of a field of a row.
#[must_use]
pub fn field(name: &str, row: usize) -> String {
    format!("{name}-{row}")
}

/// What was typed, without spaces around it; `None` if that shows nothing.
#[must_use]
pub fn filled(typed: &str) -> Option<String> {
    reading::shows_something(&reading::text(typed)).then(|| typed.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::input::fields::civil_today;
    use crate::domain::appointment::samples;

    fn company(form: &str) -> Company {
        Company::read(&Fields::read(form.as_bytes()).unwrap())
    }

    fn own() -> Applicant {
        let today = civil_today(samples::held().created_at);
        let id_number = crate::domain::applicant::IdNumber::parse("330102199001010004", today).unwrap();
        Applicant { name: "张伟".into(), id_number, phone: "19900000004".into() }
    }

    #[test]
    fn rows_come_and_go_and_keep_what_was_typed() {
        let two = company("self=yes&name-0=a&id_number-0=1&phone-0=2&name-1=b&id_number-1=3&phone-1=4");
        assert_eq!((two.with_self, two.rows(), two.count()), (true, 2, 3));
        let three = two.after("add").unwrap();
        assert_eq!((three.rows(), three.put_into(Fields::default()).raw("name-1")), (3, "b"));
        let one = two.after("remove-0").unwrap();
        assert_eq!(
            (one.rows(), one.put_into(Fields::default()).raw("name-0"), one.put_into(Fields::default()).raw("phone-0")),
            (1, "b", "4")
        );
        assert_eq!(two.after("remove-7"), Some(two.clone()));
        assert_eq!(two.after("review"), None);
        assert_eq!(Company::read(&two.put_into(Fields::default())), two);
    }

    #[test]
    fn as_many_rows_as_people_were_asked_for_and_nothing_typed_goes() {
        assert_eq!((Company::of(1).rows(), Company::of(3).rows(), Company::of(9).count()), (0, 2, MAX_PARTY as usize));
        let typed = company("self=yes&name-0=a&name-1=&name-2=c&name-3=");
        assert_eq!(typed.clone().for_people(2).rows(), 3, "the last empty row goes, and none before one that is typed");
        assert_eq!(typed.for_people(5).rows(), 4);
        assert_eq!(company("name-0=a").for_people(2).rows(), 2, "who books does not come");
    }

    #[test]
    fn no_more_rows_than_a_party_can_have() {
        let full = (0..9).fold(Company::of(1), |company, _| company.after("add").unwrap());
        assert_eq!(full.rows(), MAX_PARTY as usize);
        let form = (0..40).fold(String::new(), |form, row| form + &format!("name-{row}=x&"));
        assert_eq!(company(&form).rows(), MAX_PARTY as usize);
    }

    #[test]
    fn the_rows_of_a_form_are_replaced_and_the_rest_stays() {
        let form = Fields::read(b"self=yes&name-0=a&name-1=b&contact-name=c&phone-x=d").unwrap();
        let fewer = Company::read(&form).after("remove-0").unwrap().put_into(form);
        assert_eq!((fewer.raw("name-0"), fewer.has("name-1")), ("b", false));
        assert_eq!((fewer.raw("contact-name"), fewer.raw("phone-x")), ("c", "d"));
    }

    #[test]
    fn a_pointer_leads_to_its_field() {
        let with_self = company("self=yes&name-0=a");
        assert_eq!(with_self.id_of("/applicants/1/id_number"), "id_number-0");
        assert_eq!(with_self.id_of("/applicants/0/name"), "self");
        assert_eq!(with_self.id_of("/applicants"), "self");
        assert_eq!(company("name-0=a").id_of("/applicants/0/phone"), "phone-0");
    }

    #[test]
    fn a_child_without_a_number_is_reached_at_the_one_of_who_books() {
        let family = company("self=yes&name-0=a&id_number-0=1&phone-0=+&name-1=b&id_number-1=2&phone-1=4");
        let phones: Vec<_> = family.applicants(&own()).into_iter().map(|it| it.phone.unwrap()).collect();
        assert_eq!(phones, ["19900000004", "19900000004", "4"]);
        assert_eq!(family.applicants(&own())[1].name.as_deref(), Some("a"));
        assert!(company("").applicants(&own()).is_empty());
    }
}
