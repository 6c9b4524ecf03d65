//! The field above the lists of a place: what is typed there finds divisions, and the one that is chosen fills in the lists.
//!
//! A script offers what it finds while somebody types ([`hits`]). Without one a button sends the form, which comes back with
//! the lists filled in, with what there is to choose from, or with what to do. All of that follows from the text that was
//! searched and from what stood in the lists then, so it is told again in whatever language.
//!
//! No text is passed over. One that was not searched is searched when the form is sent; one that was searched stays a fault of
//! the form until a place is chosen for it, the place in the lists is kept by its button, or the lists are changed.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::picked::Picked;
use crate::domain::division::{Division, MAX_TYPED_CHARS};
use crate::pages::kit::form::fault_at;
use crate::pages::kit::form_input::Fields;
use crate::pages::kit::kept_form::{SEARCH, SEARCHED};
use crate::pages::text::{Language, Text};
use crate::serve::problem::{Code, Problem};
use crate::serve::read::path::Path;
use crate::serve::read::query::Query;

/// How long a browser may keep a list, in seconds: it changes with the program.
const LIST_AGE_S: u32 = 86_400;
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
    state: State,
}

/// How far a search has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The text was not searched yet.
    Unread,
    /// It was searched, and nothing was chosen since.
    Open,
    /// The lists have been filled in by it.
    Taken,
}

impl<'a> Search<'a> {
    /// What a form says. A text that was searched does not count any more once the lists say something else: what is chosen
    /// from the lists is meant.
    #[must_use]
    pub fn read(fields: &'a Fields, prefix: &str) -> Self {
        let typed = cut(fields.raw(&name_of(prefix)).trim());
        match Searched::read(fields, prefix).filter(|searched| searched.typed == typed) {
            None => Self { typed, state: State::Unread },
            Some(searched) if searched.lists != Picked::read(fields, prefix).codes() => {
                Self { typed: "", state: State::Unread }
            }
            Some(searched) => Self { typed, state: if searched.is_taken { State::Taken } else { State::Open } },
        }
    }

    /// Whether a text stands there to which no place was chosen, searched or not.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        !self.typed.is_empty() && self.state != State::Taken
    }

    /// Whether such a text was searched, so that the page has asked what is meant.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_unanswered() && self.state == State::Open
    }

    /// The field, what is wrong with it, and what came of a search.
    #[must_use]
    pub fn markup(&self, text: Text, prefix: &str, picked: &Picked, fault: Option<&str>) -> Markup {
        let name = name_of(prefix);
        let described_by = fault.map_or_else(|| format!("{name}-said"), |_| format!("{name}-error {name}-said"));
        html! {
            div class="find" {
                label for=(name) { (text.get("place-search")) }
                (fault_at(&name, fault))
                div class="line" {
                    input type="text" id=(name) name=(name) value=(self.typed) autocomplete="off" autocapitalize="off"
                        spellcheck="false" enterkeyhint="search" aria-describedby=(described_by)
                        aria-invalid=[fault.map(|_| "true")]
                        data-finds={ "/divisions/" (text.0.tag()) "?name=" } data-fills=(prefix);
                    button class="button second no-script" name="do" value={ "search-" (prefix) } {
                        (text.get("place-search-button"))
                    }
                }
                (self.remembered(prefix, picked))
                (self.found(text, prefix, picked, fault))
            }
        }
    }

    fn remembered(&self, prefix: &str, picked: &Picked) -> Markup {
        let is_taken = self.state == State::Taken;
        let searched = Searched { is_taken, lists: picked.codes(), typed: self.typed };
        html! {
            @if self.state != State::Unread {
                input type="hidden" name=(searched_of(prefix)) value=(searched.written());
            }
        }
    }

    fn found(&self, text: Text, prefix: &str, picked: &Picked, fault: Option<&str>) -> Markup {
        let found = if self.state == State::Unread { Found::default() } else { Found::of(text, self.typed) };
        let said = match self.state {
            State::Unread => String::new(),
            State::Taken => found.taken(text, picked),
            // The fault says it.
            State::Open if found.hits.is_empty() && fault.is_some() => String::new(),
            State::Open => found.said(text, self.typed),
        };
        let hits = found.hits.iter().filter(|_| self.is_open()).map(|hit| (hit.code, hit.name.clone()));
        let stays = picked.code().filter(|_| self.is_open()).map(|code| (code, keeping(text, code)));
        let choices: Vec<(&str, String)> = hits.chain(stays).collect();
        html! {
            p class="said" id={ (name_of(prefix)) "-said" } role="status" { (said) }
            ul class="hits" id={ (name_of(prefix)) "-hits" } hidden[choices.is_empty()] {
                @for (code, name) in choices {
                    li { button name="do" value={ "place-" (prefix) "-" (code) } { (name) } }
                }
            }
        }
    }
}

/// What the button says by which the place in the lists stays.
fn keeping(text: Text, code: &str) -> String {
    text.with("place-search-keep", &[("place", text.division(code).into())])
}

fn searched_of(prefix: &str) -> String {
    format!("{prefix}{SEARCHED}")
}

/// What a form remembers of the last search.
#[derive(Debug, PartialEq, Eq)]
struct Searched<'a> {
    /// Whether the lists were filled in by it.
    is_taken: bool,
    /// What the lists said then.
    lists: [&'a str; 3],
    typed: &'a str,
}

impl<'a> Searched<'a> {
    /// What stands in the hidden field; `None` if there was no search.
    fn read(fields: &'a Fields, prefix: &str) -> Option<Self> {
        let mut parts = fields.raw(&searched_of(prefix)).splitn(5, ',');
        let mut next = || parts.next();
        let is_taken = next()? == "taken";
        Some(Self { is_taken, lists: [next()?, next()?, next()?], typed: next()? })
    }

    fn written(&self) -> String {
        let [province, city, county] = self.lists;
        format!("{},{province},{city},{county},{}", if self.is_taken { "taken" } else { "open" }, self.typed)
    }

    /// The form with this search, and with a text in the field.
    fn into(self, fields: Fields, prefix: &str) -> Fields {
        fields.with(&searched_of(prefix), self.written()).with(&name_of(prefix), self.typed)
    }
}

/// As much of a text as is looked at: one character more, so that it is too long still.
fn cut(typed: &str) -> &str {
    typed.char_indices().nth(MAX_TYPED_CHARS + 1).map_or(typed, |(end, _)| &typed[..end])
}

/// The form after a button of this picker's search: the text is searched, or one of what was offered is taken. `None` for any
/// other button.
#[must_use]
pub fn pressed(text: Text, fields: &Fields, prefix: &str, button: &str) -> Option<Fields> {
    if button.strip_prefix("search-") == Some(prefix) {
        return Some(after_search(fields, prefix));
    }
    let code = button.strip_prefix("place-")?.strip_prefix(prefix)?.strip_prefix('-')?;
    let division = Division::find(code)?;
    Some(taken(fields, prefix, division, &text.division(division.code)))
}

/// The form with a division in the lists, and with what was typed or is called so.
fn taken(fields: &Fields, prefix: &str, division: Division, typed: &str) -> Fields {
    let picked = Picked::leading_to(division.code);
    let searched = Searched { is_taken: true, lists: picked.codes(), typed };
    searched.into(picked.into(fields.clone(), prefix), prefix)
}

/// The form after a search for a text that was typed and not searched yet; `None` if there is none.
#[must_use]
pub fn unread(fields: &Fields, prefix: &str) -> Option<Fields> {
    let search = Search::read(fields, prefix);
    (search.is_unanswered() && !search.is_open()).then(|| after_search(fields, prefix))
}

/// Searches; what is found alone is taken.
fn after_search(fields: &Fields, prefix: &str) -> Fields {
    let typed = cut(fields.raw(&name_of(prefix)).trim());
    if let [only] = Division::search(typed)[..] {
        return taken(fields, prefix, only, typed);
    }
    let lists = Picked::read(fields, prefix).codes();
    Searched { is_taken: false, lists, typed }.into(fields.clone(), prefix)
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

    /// What is said once the lists were filled in.
    fn taken(&self, text: Text, picked: &Picked) -> String {
        match picked.code() {
            Some(code) => text.with("place-taken", &[("place", text.division(code).into())]),
            None => {
                self.hits.iter().find(|hit| hit.codes == picked.codes()).map(|hit| hit.said.clone()).unwrap_or_default()
            }
        }
    }

    /// What there is to choose from.
    fn said(&self, text: Text, typed: &str) -> String {
        match &self.hits[..] {
            _ if typed.is_empty() => text.get("place-found-nothing-typed"),
            [] => text.with("place-found-none", &[("typed", typed.into())]),
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

/// An answer that a browser may keep.
pub fn kept_by_browsers(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let age = HeaderValue::from_str(&format!("public, max-age={LIST_AGE_S}"));
    response.headers_mut().extend(age.ok().map(|age| (CACHE_CONTROL, age)));
    response
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
        Search::read(fields, "r").markup(ZH, "r", &picked, None).into_string()
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
            assert!(!Search::read(&found, "r").is_unanswered(), "it goes on from there");
        }
        let part = pressed(ZH, &typed("杭州"), "r", "search-r").unwrap();
        assert_eq!(
            (Picked::read(&part, "r").codes(), Picked::read(&part, "r").code()),
            (["330000", "330100", ""], None)
        );
        assert!(shown(&part).contains("请继续在下面选择"));
        // What was left open is chosen from the lists: nothing goes back on it.
        let whole = part.with("r-county", "330106");
        assert!(!shown(&whole).contains("杭州") && !Search::read(&whole, "r").is_unanswered(), "{}", shown(&whole));
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
    fn a_text_that_was_not_searched_is_not_passed_over() {
        let form = typed("西湖");
        assert!(!shown(&form).contains("place-r-"), "nothing is said before it is searched");
        let found = unread(&form, "r").unwrap();
        assert!(shown(&found).contains("place-r-330106"));
        assert!(unread(&found, "r").is_none(), "once is enough");
        assert!(unread(&found.with("r-search", "南昌西湖"), "r").is_some());
        assert!(unread(&fields("r-search=+"), "r").is_none() && unread(&Fields::default(), "r").is_none());
    }

    #[test]
    fn a_text_that_was_searched_is_open_until_it_is_answered() {
        let is_open = |fields: &Fields| Search::read(fields, "r").is_open();
        for text in ["西湖", "火星"] {
            let before = Picked::leading_to("330102").into(typed(text), "r");
            let found = unread(&before, "r").unwrap();
            assert!(is_open(&found), "{text}");
            assert_eq!(Picked::read(&found, "r").code(), Some("330102"), "{text}: nothing is chosen by it");
            let page = shown(&found);
            assert!(page.contains("value=\"place-r-330102\"") && page.contains("保留浙江省杭州市上城区"), "{page}");
            let kept = pressed(ZH, &found, "r", "place-r-330102").unwrap();
            assert!(!is_open(&kept) && shown(&kept).contains("已选择：浙江省杭州市上城区"), "{}", shown(&kept));
            // From the lists: the next county, and a whole province that is not complete yet.
            for (list, code) in [("r-county", "330105"), ("r-province", "110000")] {
                let chosen = found.clone().with(list, code);
                assert!(!is_open(&chosen) && !shown(&chosen).contains(text), "{text}: {}", shown(&chosen));
            }
            let emptied = found.clone().with("r-search", "");
            assert!(!is_open(&emptied) && unread(&emptied, "r").is_none(), "{text}");
        }
        let found = unread(&typed("火星"), "r").unwrap();
        assert!(is_open(&found) && !shown(&found).contains("<button name"), "there is nothing to keep yet");
        let asked = pressed(ZH, &typed(" "), "r", "search-r").unwrap();
        assert!(!is_open(&asked), "nothing was typed");
    }

    #[test]
    fn what_is_wrong_with_a_search_is_said_once() {
        let found = pressed(ZH, &typed("火星"), "r", "search-r").unwrap();
        let page = Search::read(&found, "r").markup(ZH, "r", &Picked::default(), Some("没有找到“火星”")).into_string();
        assert_eq!(page.matches("没有找到").count(), 1, "{page}");
        assert!(page.contains("id=\"r-search-error\"") && page.contains("aria-invalid=\"true\""), "{page}");
        assert!(page.contains("aria-describedby=\"r-search-error r-search-said\""), "{page}");
    }

    #[test]
    fn what_is_remembered_of_a_search_is_read_as_it_is_written() {
        for (is_taken, lists, typed) in [
            (true, ["330000", "330100", ""], "Xihu, Hangzhou, Zhejiang"),
            (false, ["", "", ""], ""),
            (false, [""; 3], ","),
        ] {
            let searched = Searched { is_taken, lists, typed };
            let fields = Fields::default().with("r-searched", searched.written());
            assert_eq!(Searched::read(&fields, "r"), Some(searched));
        }
        for none in ["", "西湖", "open,,"] {
            assert_eq!(Searched::read(&Fields::default().with("r-searched", none), "r"), None, "{none}");
        }
    }

    #[test]
    fn whatever_is_offered_is_taken_in_every_language() {
        // Each of some thousand is searched by its whole name to say what was taken.
        const SOME: usize = 29;
        let places = Division::provinces().flat_map(|province| [vec![province], province.below()].concat());
        for division in places.step_by(SOME) {
            for language in [Language::Simplified, Language::Traditional, Language::English] {
                let button = format!("place-r-{}", division.code);
                let taken = pressed(Text(language), &typed("x"), "r", &button).unwrap();
                let search = Search::read(&taken, "r");
                let picked = Picked::read(&taken, "r");
                let said = Found::of(Text(language), search.typed).taken(Text(language), &picked);
                assert!(!search.is_unanswered() && !said.is_empty(), "{}", division.code);
            }
        }
    }
}
