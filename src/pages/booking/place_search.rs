//! The field above the lists of a place: what is typed there finds divisions, and the one that is chosen fills in the lists.
//!
//! A script offers what it finds while somebody types ([`hits`]). Without one a button sends the form, which comes back with
//! the lists filled in, with what there is to choose from, or with what to do. All of that follows from the text that was
//! searched and from what stands in the lists, so it is told again in whatever language.

use axum::Json;
use axum::response::Response;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::place_picker::{Picked, kept_by_browsers};
use crate::domain::division::{Division, MAX_TYPED_CHARS};
use crate::pages::kit::form_input::Fields;
use crate::pages::kit::kept_form::{SEARCH, SEARCHED};
use crate::pages::text::{Language, Text};
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// How many of what was found are offered.
const MAX_HITS: usize = 8;
/// The name of the search field of a picker.
#[must_use]
pub fn name_of(prefix: &str) -> String {
    format!("{prefix}{SEARCH}")
}

/// What was typed into a search field.
#[derive(Debug)]
pub struct Search<'a> {
    typed: &'a str,
    /// Whether this very text was searched.
    is_done: bool,
}

impl<'a> Search<'a> {
    /// What a form says.
    #[must_use]
    pub fn read(fields: &'a Fields, prefix: &str) -> Self {
        let typed = cut(fields.raw(&name_of(prefix)).trim());
        Self { typed, is_done: fields.has(&searched_of(prefix)) && fields.raw(&searched_of(prefix)) == typed }
    }

    /// The field, and what came of a search.
    #[must_use]
    pub fn markup(&self, text: Text, prefix: &str, picked: &Picked) -> Markup {
        let name = name_of(prefix);
        html! {
            div class="find" {
                label for=(name) { (text.get("place-search")) }
                div class="line" {
                    input type="text" id=(name) name=(name) value=(self.typed) autocomplete="off" autocapitalize="off"
                        spellcheck="false" enterkeyhint="search" aria-describedby={ (name) "-said" }
                        data-finds={ "/divisions/" (text.0.tag()) "?name=" } data-fills=(prefix);
                    button class="button second no-script" name="do" value={ "search-" (prefix) } {
                        (text.get("place-search-button"))
                    }
                }
                @if self.is_done { input type="hidden" name=(searched_of(prefix)) value=(self.typed); }
                (self.found(text, prefix, picked))
            }
        }
    }

    fn found(&self, text: Text, prefix: &str, picked: &Picked) -> Markup {
        let found = if self.is_done { Found::of(text, self.typed) } else { Found::default() };
        let hits: Vec<&Hit> = found.hits.iter().filter(|_| !found.is_picked(picked)).collect();
        let said = if self.is_done { found.said(text, self.typed, picked) } else { String::new() };
        html! {
            p class="said" id={ (name_of(prefix)) "-said" } role="status" { (said) }
            ul class="hits" id={ (name_of(prefix)) "-hits" } hidden[hits.is_empty()] {
                @for hit in hits {
                    li { button name="do" value={ "place-" (prefix) "-" (hit.code) } { (hit.name) } }
                }
            }
        }
    }
}

fn searched_of(prefix: &str) -> String {
    format!("{prefix}{SEARCHED}")
}

/// As much of a text as is looked at: one character more, so that it is too long still.
fn cut(typed: &str) -> &str {
    typed.char_indices().nth(MAX_TYPED_CHARS + 1).map_or(typed, |(end, _)| &typed[..end])
}

/// The form after a button of this picker's search: the text is searched, or one of what was found is taken. `None` for any
/// other button.
#[must_use]
pub fn pressed(text: Text, fields: &Fields, prefix: &str, button: &str) -> Option<Fields> {
    if button.strip_prefix("search-") == Some(prefix) {
        return Some(after_search(fields, prefix));
    }
    let code = button.strip_prefix("place-")?.strip_prefix(prefix)?.strip_prefix('-')?;
    let division = Division::find(code)?;
    // Its whole name finds it alone, so the page says what was taken.
    let whole = text.division(division.code);
    let fields = Picked::leading_to(division.code).into(fields.clone(), prefix);
    Some(fields.with(&name_of(prefix), whole.clone()).with(&searched_of(prefix), whole))
}

/// The form after a search for a text that was typed and not searched yet; `None` if there is none.
#[must_use]
pub fn unread(fields: &Fields, prefix: &str) -> Option<Fields> {
    let search = Search::read(fields, prefix);
    (!search.typed.is_empty() && !search.is_done).then(|| after_search(fields, prefix))
}

/// The form without a search that is done.
#[must_use]
pub fn settled(fields: &Fields, prefix: &str) -> Fields {
    let is_done = Search::read(fields, prefix).is_done;
    fields.clone().without(|name| is_done && (name == name_of(prefix) || name == searched_of(prefix)))
}

/// Searches; what is found alone is taken.
fn after_search(fields: &Fields, prefix: &str) -> Fields {
    let typed = cut(fields.raw(&name_of(prefix)).trim()).to_owned();
    let fields = match Division::search(&typed)[..] {
        [only] => Picked::leading_to(only.code).into(fields.clone(), prefix),
        _ => fields.clone(),
    };
    fields.with(&name_of(prefix), typed.clone()).with(&searched_of(prefix), typed)
}

/// One of what was found.
#[derive(Debug, Serialize)]
struct Hit {
    #[serde(skip)]
    code: &'static str,
    /// Its name with all that it lies in.
    name: String,
    /// What is chosen in the three lists by choosing it.
    codes: [&'static str; 3],
    /// What is said once it is chosen.
    said: String,
}

impl Hit {
    fn of(text: Text, division: Division) -> Self {
        let (place, picked) = (text.division(division.code), Picked::leading_to(division.code));
        let argument = [("place", place.as_str().into())];
        let said = if division.is_abolished {
            "place-taken-abolished"
        } else if picked.code().is_none() {
            "place-taken-in-part"
        } else {
            "place-taken"
        };
        let said = text.with(said, &argument);
        let name = if division.is_abolished { text.with("place-abolished", &argument) } else { place };
        Self { code: division.code, name, codes: picked.codes(), said }
    }
}

/// What a text finds.
#[derive(Debug, Default)]
struct Found {
    hits: Vec<Hit>,
    /// How many there are beside those.
    more: usize,
}

impl Found {
    fn of(text: Text, typed: &str) -> Self {
        let found = Division::search(typed);
        let hits = found.iter().take(MAX_HITS).map(|division| Hit::of(text, *division)).collect();
        Self { hits, more: found.len().saturating_sub(MAX_HITS) }
    }

    /// Whether it is one alone, which the lists show.
    fn is_picked(&self, picked: &Picked) -> bool {
        matches!(&self.hits[..], [only] if only.is_begun(picked))
    }

    fn said(&self, text: Text, typed: &str, picked: &Picked) -> String {
        match &self.hits[..] {
            _ if typed.is_empty() => text.get("place-found-nothing-typed"),
            [] => text.with("place-found-none", &[("typed", typed.into())]),
            [only] if self.is_picked(picked) => match picked.code() {
                Some(code) => text.with("place-taken", &[("place", text.division(code).into())]),
                None => only.said.clone(),
            },
            _ => self.counted(text),
        }
    }

    /// How many were found, and what to do.
    fn counted(&self, text: Text) -> String {
        let count = self.hits.len() + self.more;
        match self.more {
            0 => text.with("place-found", &[("count", count.into())]),
            more => text.with("place-found-more", &[("shown", self.hits.len().into()), ("more", more.into())]),
        }
    }
}

impl Hit {
    /// Whether the lists say what this says, and more: what it left open was chosen.
    fn is_begun(&self, picked: &Picked) -> bool {
        picked.codes().iter().zip(self.codes).all(|(chosen, code)| code.is_empty() || *chosen == code)
    }
}

/// What is asked of [`hits`].
#[derive(Deserialize)]
pub struct Asked {
    name: Option<String>,
}

/// What is found while somebody types.
#[derive(Serialize)]
struct Answer {
    hits: Vec<Hit>,
    said: String,
}

/// `GET /divisions/{language}?name=…`: the divisions that a text finds, and what to say about them.
///
/// # Errors
/// `not_found` for a language in which nothing is written.
pub async fn hits(Path(tag): Path<String>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let language = Language::tagged(&tag).ok_or_else(|| Problem::new(Code::NotFound, "there is no such list"))?;
    let (text, typed) = (Text(language), asked.name.unwrap_or_default());
    let typed = cut(typed.trim());
    let found = Found::of(text, typed);
    let said = match found.hits.len() {
        _ if typed.is_empty() => String::new(),
        0 => text.with("place-found-none", &[("typed", typed.into())]),
        _ => found.counted(text),
    };
    Ok(kept_by_browsers(Json(Answer { hits: found.hits, said })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::kit::redirect::percent;

    const ZH: Text = Text(Language::Simplified);

    fn fields(form: &str) -> Fields {
        Fields::read(form.as_bytes()).unwrap()
    }

    fn shown(fields: &Fields) -> String {
        let picked = Picked::read(fields, "r");
        Search::read(fields, "r").markup(ZH, "r", &picked).into_string()
    }

    fn typed(name: &str) -> Fields {
        fields(&format!("r-search={}", percent(name)))
    }

    #[test]
    fn what_is_found_alone_fills_in_the_lists() {
        for name in ["杭州西湖", "330106", "Xihu, Hangzhou"] {
            let found = pressed(ZH, &typed(name), "r", "search-r").unwrap();
            assert_eq!(Picked::read(&found, "r").code(), Some("330106"), "{name}");
            let page = shown(&found);
            assert!(page.contains("已选择：浙江省杭州市西湖区") && !page.contains("<button name"), "{page}");
            assert!(unread(&found, "r").is_none(), "it goes on from there");
        }
        let part = pressed(ZH, &typed("杭州"), "r", "search-r").unwrap();
        assert_eq!(
            (Picked::read(&part, "r").codes(), Picked::read(&part, "r").code()),
            (["330000", "330100", ""], None)
        );
        assert!(shown(&part).contains("请继续在下面选择"));
        // What was left open is chosen from the lists: the sentence does not go back on it.
        let whole = part.with("r-county", "330106");
        assert!(shown(&whole).contains("已选择：浙江省杭州市西湖区"), "{}", shown(&whole));
    }

    #[test]
    fn several_are_offered_and_one_is_taken() {
        let found = pressed(ZH, &typed("西湖"), "r", "search-r").unwrap();
        assert!(Picked::read(&found, "r").is_empty());
        let page = shown(&found);
        for part in ["value=\"place-r-330106\"", "value=\"place-r-360103\"", "江西省南昌市西湖区", "找到 2 个"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        let taken = pressed(ZH, &found, "r", "place-r-360103").unwrap();
        assert_eq!(Picked::read(&taken, "r").code(), Some("360103"));
        assert!(shown(&taken).contains("已选择：江西省南昌市西湖区"), "{}", shown(&taken));
        assert!(
            pressed(ZH, &found, "r", "place-q-360103").is_none() && pressed(ZH, &found, "r", "place-r-x").is_none()
        );
    }

    #[test]
    fn too_many_are_bounded_and_none_is_said() {
        let page = shown(&pressed(ZH, &typed("县"), "r", "search-r").unwrap());
        assert_eq!(page.matches("<button name=\"do\" value=\"place-").count(), MAX_HITS);
        assert!(page.contains("请多输入几个字"), "{page}");
        let page = shown(&pressed(ZH, &typed("火星<b>"), "r", "search-r").unwrap());
        assert!(page.contains("没有找到“火星&lt;b&gt;”"), "{page}");
        let page = shown(&pressed(ZH, &typed(" "), "r", "search-r").unwrap());
        assert!(page.contains("请输入"), "{page}");
        let long = pressed(ZH, &typed(&"西湖".repeat(100)), "r", "search-r").unwrap();
        assert!(long.raw("r-search").chars().count() <= MAX_TYPED_CHARS + 1);
    }

    #[test]
    fn what_was_abolished_leads_as_far_as_there_is_something() {
        let found = pressed(ZH, &typed("杭州下城"), "r", "search-r").unwrap();
        assert_eq!(Picked::read(&found, "r").codes(), ["330000", "330100", ""]);
        assert!(shown(&found).contains("浙江省杭州市下城区已撤销"), "{}", shown(&found));
    }

    #[test]
    fn a_text_that_nobody_has_searched_is_not_passed_over() {
        let form = typed("西湖");
        assert!(!shown(&form).contains("place-r-"), "nothing is said before it is searched");
        let found = unread(&form, "r").unwrap();
        assert!(shown(&found).contains("place-r-330106"));
        assert!(unread(&found, "r").is_none(), "once is enough");
        assert!(!shown(&settled(&found, "r")).contains("place-r-") && settled(&form, "r") == form);
        assert!(unread(&found.with("r-search", "南昌西湖"), "r").is_some());
        assert!(unread(&fields("r-search=+"), "r").is_none() && unread(&Fields::default(), "r").is_none());
    }
}
