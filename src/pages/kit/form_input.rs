//! A form that somebody has filled in: read within bounds, and only where it was made here for this browser.

use std::borrow::Cow;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};

use super::cookies;
use super::cookies::STAFF;
use super::visitor::Visit;
use crate::app::once::{Once, of_form};
use crate::app::state::App;
use crate::engine::Caller;
use crate::serve::body_watch::BodyWatch;
use crate::serve::problem::{Code, Problem};
use crate::serve::read::body::judged_body_of;

/// The largest form, in bytes.
pub const MAX_FORM_BYTES: usize = 64 * 1024;
/// Within how many bytes from its beginning a form that is longer has its mark. The mark is the first field of every form.
pub const MARK_WITHIN_BYTES: usize = 1024;
/// How many fields a form may have.
pub const MAX_FIELDS: usize = 200;

/// A form of at most `MAX` bytes and who sent it.
pub struct Filled<const MAX: usize = MAX_FORM_BYTES> {
    /// Who sent it.
    pub visit: Visit,
    fields: Fields,
}

/// The fields of a form, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a text in the form of `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// `malformed_request` where there are more than [`MAX_FIELDS`].
    pub fn read(text: &[u8]) -> Result<Self, Problem> {
        let fields: Vec<_> = form_urlencoded::parse(text)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .take(MAX_FIELDS + 1)
            .collect();
        if fields.len() > MAX_FIELDS {
            return Err(Problem::malformed(format!("a form has at most {MAX_FIELDS} fields")));
        }
        Ok(Self(fields))
    }

    /// What was typed into a field, without spaces around it; none where that is nothing. What people type of names and
    /// numbers is read by `domain::reading` wherever it is judged.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(self.raw(name).trim()).filter(|value| !value.is_empty())
    }

    /// What was typed into a field, to the letter.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether the form has a field with this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// Whether a button with this name and value was pressed.
    #[must_use]
    pub fn pressed(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(found, given)| found == name && given == value)
    }

    /// Names and values, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The fields as text again, but for those that belong to the form itself.
    #[must_use]
    pub fn text(&self) -> String {
        let own = |name: &str| matches!(name, "mark" | "once");
        let fields = self.0.iter().filter(|(name, _)| !own(name));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }

    /// The same without the fields whose names are such.
    #[must_use]
    pub fn without(mut self, is_such: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|(name, _)| !is_such(name));
        self
    }

    /// The same with another value of a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.retain(|(found, _)| found != name);
        self.0.push((name.to_owned(), value.into()));
        self
    }
}

impl<const MAX: usize> Filled<MAX> {
    /// The fields.
    #[must_use]
    pub const fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What was typed into a field, without spaces around it; none where that is nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    /// What was typed into a field, to the letter.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.fields.raw(name)
    }

    /// Whether a button with this name and value was pressed.
    #[must_use]
    pub fn pressed(&self, name: &str, value: &str) -> bool {
        self.fields.pressed(name, value)
    }

    /// How this very form is answered once, sent once or twice.
    #[must_use]
    pub fn once(&self, caller: &Caller) -> Once {
        match self.fields.raw("once") {
            "" => Once::Unkeyed,
            name => Once::Form(of_form(caller, name, &self.visit.here, self.fields.text().as_bytes())),
        }
    }
}

impl<const MAX: usize> FromRequest<App> for Filled<MAX> {
    type Rejection = Problem;

    /// Reads a form, after everything that its head tells has been judged, and most of it only after its mark has been: so
    /// nobody has much kept who has not been to a page of this site. A form that is longer than citizens' forms is read only
    /// for who has signed in at a desk.
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await.unwrap_or_else(|never| match never {});
        judge_origin(&parts.headers)?;
        judge_media_type(&parts.headers)?;
        judge_visitor(&visit)?;
        let is_of_desk =
            cookies::value(&parts.headers, STAFF).is_some_and(|it| cookies::once_staff(app.sealer(), it).is_some());
        if visit.person.is_some() || is_of_desk {
            BodyWatch::note_known(&parts.extensions);
        }
        let max = if is_of_desk { MAX } else { MAX.min(MAX_FORM_BYTES) };
        let judge = |beginning: &[u8], is_whole| judge_mark(&visit, mark_in(beginning, is_whole).as_bytes());
        let text = judged_body_of(Request::from_parts(parts, body), max, MARK_WITHIN_BYTES, judge).await;
        let text = text.map_err(|problem| match problem.code {
            Code::TooLarge if max < MAX => {
                Problem::unauthenticated("sign in at /staff/sign-in, and send the form again")
            }
            _ => problem,
        })?;
        let fields = Fields::read(&text)?;
        judge_mark(&visit, fields.raw("mark").as_bytes())?;
        if let Some(person) = &visit.person {
            person.admit(app)?;
        }
        Ok(Self { visit, fields })
    }
}

/// The mark in the beginning of a form; nothing if none is there whole.
fn mark_in(beginning: &[u8], is_whole: bool) -> Cow<'_, str> {
    let end = beginning.iter().rposition(|byte| *byte == b'&').filter(|_| !is_whole);
    let whole_fields = &beginning[..end.unwrap_or(if is_whole { beginning.len() } else { 0 })];
    let mut fields = form_urlencoded::parse(whole_fields).take(MAX_FIELDS);
    fields.find(|(name, _)| name == "mark").map_or(Cow::Borrowed(""), |(_, value)| value)
}

/// Judges whether the browser has been to a page of this site: only then it can bring a mark.
fn judge_visitor(visit: &Visit) -> Result<(), Problem> {
    if visit.new_visitor.is_some() { Err(not_made_here()) } else { Ok(()) }
}

/// Judges whether a mark is that of the visitor's browser, so that what brings it comes from a page made here for it.
pub(crate) fn judge_mark(visit: &Visit, brought: &[u8]) -> Result<(), Problem> {
    judge_visitor(visit)?;
    if visit.form_mark.is(brought) { Ok(()) } else { Err(not_made_here()) }
}

fn not_made_here() -> Problem {
    Problem::forbidden("this form was not made for this browser; open the page again")
}

/// Judges whether the browser says that another site sends the form: by Fetch Metadata, or by `Origin` where it knows
/// nothing of that.
pub(crate) fn judge_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_ours = match (text(HeaderName::from_static("sec-fetch-site")), text(ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == text(HOST),
        (None, None) => true,
    };
    if is_ours { Ok(()) } else { Err(Problem::forbidden("another site cannot send a form to this one")) }
}

fn judge_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let media_type =
        headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map_or(Cow::Borrowed(""), Cow::Borrowed);
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType, "send the form as application/x-www-form-urlencoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_their_order() {
        let fields = Fields::read("name=+%E5%BC%A0+&name=b&empty=+&do=add".as_bytes()).unwrap();
        assert_eq!((fields.get("name"), fields.raw("name")), (Some("张"), " 张 "));
        assert_eq!((fields.get("empty"), fields.get("none")), (None, None));
        assert!(fields.pressed("do", "add") && !fields.pressed("do", "remove"));
        let again = Fields::read(fields.clone().with("mark", "m").text().as_bytes()).unwrap();
        assert_eq!(again, fields);
    }

    #[test]
    fn another_site_cannot_send_a_form() {
        let check = |fields: &[(&'static str, &str)], expected: bool| {
            let headers = fields.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            assert_eq!(judge_origin(&headers.collect()).is_ok(), expected, "{fields:?}");
        };
        let host = ("host", "a.example:8080");
        check(&[host], true);
        check(&[host, ("sec-fetch-site", "same-origin")], true);
        check(&[host, ("sec-fetch-site", "none")], true);
        check(&[host, ("sec-fetch-site", "same-site")], false);
        check(&[host, ("sec-fetch-site", "cross-site"), ("origin", "http://a.example:8080")], false);
        check(&[host, ("origin", "http://a.example:8080")], true);
        check(&[host, ("origin", "https://b.example")], false);
        check(&[host, ("origin", "null")], false);
    }

    #[test]
    fn a_form_has_bounds() {
        let text = |count: usize| vec!["a=b"; count].join("&");
        assert!(Fields::read(text(MAX_FIELDS).as_bytes()).is_ok());
        assert_eq!(Fields::read(text(MAX_FIELDS + 1).as_bytes()).unwrap_err().code, Code::MalformedRequest);
    }

    #[test]
    fn a_mark_is_found_in_the_beginning_of_a_form() {
        let check = |beginning: &str, is_whole, mark| assert_eq!(mark_in(beginning.as_bytes(), is_whole), mark);
        check("mark=a%2Bb&once=c", true, "a+b");
        check("mark=a%2Bb&once=c", false, "a+b");
        check("once=c&mark=ab", true, "ab");
        check("once=c&mark=ab", false, "");
        check("mark=ab", false, "");
        check("mark=ab&", false, "ab");
        check("name=a&mark2=b&text=cccc", false, "");
        check("", true, "");
        check("", false, "");
    }
}
