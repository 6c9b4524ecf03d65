//! The frame of every page: head, top, foot, and the headers that guard it.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};

use super::cookies;
use super::redirect::percent;
use super::visitor::Visit;
use crate::pages::assets;
use crate::pages::text::Language;

/// Nothing from elsewhere, no script and no style inside a page, no page inside another one.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What a page may ask of the device: the place of a citizen, the camera of a desk.
const PERMISSIONS: &str = "geolocation=(self), camera=(self), microphone=(), payment=()";

/// The telephone line of the National Immigration Administration, open day and night in Chinese and English.
pub const HELP_LINE: &str = "12367";

/// For whom a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum House {
    Citizens,
    Staff,
    Display,
}

/// A page before it has its body.
pub struct Frame<'a> {
    visit: &'a Visit,
    house: House,
    title: String,
    back: Option<String>,
    status: StatusCode,
    /// Whether the title is the page's heading as well.
    has_heading: bool,
    /// After how many seconds the main part is fetched again.
    refresh_s: Option<u32>,
    /// After how many seconds the whole page is fetched again where no script runs.
    reload_s: Option<u32>,
    /// The id of the page's form: in another language it is shown as it is filled in.
    form: Option<(&'static str, &'static str)>,
    /// What is wrong with the form that the page shows; empty where nothing is.
    errors: Markup,
    /// Whether no browser may store the page, not even for "back".
    is_unstored: bool,
}

impl<'a> Frame<'a> {
    /// A page for citizens.
    #[must_use]
    pub fn citizens(visit: &'a Visit, title: impl Into<String>) -> Self {
        Self::new(visit, House::Citizens, title.into())
    }

    /// A page for staff.
    #[must_use]
    pub fn staff(visit: &'a Visit, title: impl Into<String>) -> Self {
        Self::new(visit, House::Staff, title.into())
    }

    /// A page for a screen that many look at.
    #[must_use]
    pub fn display(visit: &'a Visit, title: impl Into<String>) -> Self {
        Self { has_heading: false, ..Self::new(visit, House::Display, title.into()) }
    }

    fn new(visit: &'a Visit, house: House, title: String) -> Self {
        Self {
            visit,
            house,
            title,
            back: None,
            status: StatusCode::OK,
            has_heading: true,
            refresh_s: None,
            reload_s: None,
            form: None,
            errors: Markup::default(),
            is_unstored: false,
        }
    }

    /// The same with a way back.
    #[must_use]
    pub fn back(self, href: impl Into<String>) -> Self {
        Self { back: Some(href.into()), ..self }
    }

    /// The same under another status.
    #[must_use]
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same, whose body has a heading of its own.
    #[must_use]
    pub fn own_heading(self) -> Self {
        Self { has_heading: false, ..self }
    }

    /// The same, whose main part is fetched again now and then.
    #[must_use]
    pub fn refreshed_every(self, seconds: u32) -> Self {
        Self { refresh_s: Some(seconds), ..self }
    }

    /// The same, which is fetched again as a whole where no script runs. What is half typed there is lost, so a page on
    /// which much is typed has no such thing.
    #[must_use]
    pub fn reloaded_every(self, seconds: u32) -> Self {
        Self { reload_s: Some(seconds), ..self }
    }

    /// The same, whose form has this id. A change of language sends it and shows it filled in as it was. `enter` is what the
    /// key Enter does.
    #[must_use]
    pub fn form(self, id: &'static str, enter: &'static str) -> Self {
        Self { form: Some((id, enter)), ..self }
    }

    /// The same with what is wrong with its form, or why it was refused: that stands first, and the title in the browser says
    /// so. Empty markup changes nothing.
    #[must_use]
    pub fn errors(self, list: Markup) -> Self {
        Self { errors: list, ..self }
    }

    /// The same, which shows in full what somebody typed: "back" asks for it anew, so the next person at the same machine
    /// gets their own page. Its form needs `autocomplete="off"` too, or the browser puts the old text into the new page.
    #[must_use]
    pub fn unstored(self) -> Self {
        Self { is_unstored: true, ..self }
    }

    /// The page.
    #[must_use]
    pub fn page(self, body: &Markup) -> Response {
        let markup = self.markup(body).into_string();
        let mut response = Response::new(Body::from(markup));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let language = self.visit.text.0.tag();
        for (name, value) in [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_LANGUAGE, language),
            (VARY, "accept-language, cookie"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (HeaderName::from_static("permissions-policy"), PERMISSIONS),
            (REFERRER_POLICY, "same-origin"),
            // A page of another site that opens this one, or is opened by it, keeps no hold of it.
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        // "Back" shows a page of a citizen as it was left, without asking for it again. What a desk shows is never kept, nor is
        // a page with full numbers: the outer layer forbids to store whatever does not say otherwise.
        if self.house == House::Citizens && !self.is_unstored {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        if let Some(visitor) = &self.visit.new_visitor {
            cookies::keep(headers, cookies::VISITOR, visitor);
        }
        response
    }

    fn markup(&self, body: &Markup) -> Markup {
        let text = self.visit.text;
        let title = format!("{} – {}", self.name(), text.get("frame-brand"));
        let main_class = if self.house == House::Staff { "wide full" } else { "wide" };
        html! {
            (DOCTYPE)
            html lang=(text.0.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) }
                    link rel="icon" href=(assets::icon()) type="image/svg+xml";
                    link rel="stylesheet" href=(assets::style());
                    script type="module" src=(assets::script()) {}
                    @if let Some(seconds) = self.reload_s {
                        // By its address: of one with `#` a browser might look only for what stands behind that.
                        noscript { meta http-equiv="refresh" content={ (seconds) "; url=" (self.visit.here) }; }
                    }
                }
                body class=(self.body_class()) {
                    @if self.house == House::Display {
                        main id="main" class="calling" data-refresh=[self.refresh_s] { (body) }
                    } @else {
                        a class="skip" href="#main" { (text.get("frame-skip")) }
                        (self.top())
                        (self.banners())
                        @if let Some(back) = &self.back {
                            div class="wide" {
                                nav class="back" aria-label=(text.get("frame-back")) {
                                    a href=(back) { (text.get("frame-back")) }
                                }
                            }
                        }
                        main id="main" class=(main_class) tabindex="-1" data-refresh=[self.refresh_s] {
                            @if self.house == House::Citizens {
                                p class="notice warn stale" role="alert" data-stale hidden { (text.get("frame-stale")) }
                            }
                            (self.errors)
                            @if self.has_heading { h1 { (self.title) } }
                            (body)
                        }
                        (self.foot())
                    }
                }
            }
        }
    }

    /// What the page is called in the browser.
    fn name(&self) -> String {
        if self.errors.0.is_empty() {
            return self.title.clone();
        }
        self.visit.text.with("frame-error-title", &[("title", self.title.as_str().into())])
    }

    /// What is true of all that is done here: that nothing can be changed now, and that this is a demonstration.
    fn banners(&self) -> Markup {
        let text = self.visit.text;
        html! {
            @if self.visit.is_read_only {
                div class="banner" role="status" {
                    div class="wide" { strong { (text.get("frame-read-only")) } " " (text.get("frame-read-only-words")) }
                }
            }
            @if self.house == House::Citizens {
                @if self.visit.is_demonstration {
                    aside class="demo" aria-label=(text.get("frame-demonstration-name")) {
                        span class="wide" { (text.get("frame-demonstration")) }
                    }
                }
            }
        }
    }

    const fn body_class(&self) -> &'static str {
        match self.house {
            House::Citizens => "citizens",
            House::Staff => "staff",
            House::Display => "display",
        }
    }

    fn top(&self) -> Markup {
        let text = self.visit.text;
        let (home, brand) = match self.house {
            House::Staff => ("/staff", "frame-brand-staff"),
            House::Citizens | House::Display => ("/", "frame-brand"),
        };
        html! {
            header class="top" {
                div class="wide" {
                    a class="brand" href=(home) { (mark()) span { (text.get(brand)) } }
                    nav aria-label=(text.get("frame-navigation")) { (self.links()) }
                    div class="languages" role="group" aria-label=(text.get("frame-languages")) {
                        // The key Enter presses the first button of a form, which must not be a language.
                        @if let Some((form, enter)) = self.form { button hidden form=(form) name="do" value=(enter) {} }
                        @for language in Language::ALL {
                            @if language != text.0 { (self.in_language(language)) }
                        }
                    }
                }
            }
        }
    }

    /// The way to the same page in another language: a button of the page's form, so that what is filled in comes along.
    fn in_language(&self, language: Language) -> Markup {
        let (tag, here) = (language.tag(), self.visit.here.as_str());
        html! {
            @if let Some((form, _)) = self.form {
                button form=(form) formaction={ "/language/" (tag) "?next=" (percent(here)) } formnovalidate lang=(tag) {
                    (language.own_name())
                }
            } @else {
                a lang=(tag) hreflang=(tag) href={ "/language/" (tag) "?next=" (percent(here)) } { (language.own_name()) }
            }
        }
    }

    /// The links that lead everywhere from here.
    fn links(&self) -> Markup {
        let (text, visit) = (self.visit.text, self.visit);
        let path = visit.here.split('?').next().unwrap_or_default();
        let link = |href: &str, key: &str| {
            let is_here = path == href;
            html! { a href=(href) aria-current=[is_here.then_some("page")] { (text.get(key)) } }
        };
        match self.house {
            House::Citizens => html! {
                (link("/appointments", "frame-own"))
                @if visit.person.is_some() { (sign_out(visit, "/sign-out")) } @else { (link("/sign-in", "frame-sign-in")) }
            },
            House::Staff if visit.staff.is_some() => html! {
                (link("/staff", "frame-staff-today"))
                (link("/staff/city", "frame-staff-city"))
                (link("/staff/displaced", "frame-staff-displaced"))
                (link("/staff/configuration", "frame-staff-configuration"))
                (link("/staff/record", "frame-staff-record"))
                (sign_out(visit, "/staff/sign-out"))
            },
            House::Staff | House::Display => html! {},
        }
    }

    fn foot(&self) -> Markup {
        let text = self.visit.text;
        html! {
            footer class="foot" {
                div class="wide" {
                    @if self.house == House::Citizens { (self.help()) }
                    @if self.house == House::Citizens { p { (text.get("frame-foot-promise")) } }
                    p class="links" {
                        a href="/about" { (text.get("frame-foot-about")) }
                        @if self.house == House::Citizens {
                            @if let Some(privacy) = &self.visit.contact.privacy {
                                a href=(privacy) { (text.get("frame-foot-privacy")) }
                            }
                            a href="/staff" { (text.get("frame-foot-staff")) }
                        }
                    }
                    @if self.house == House::Citizens { (self.organiser()) }
                }
            }
        }
    }

    /// Whom to ask: the line of the immigration administration, and who runs this service, where that is configured.
    fn help(&self) -> Markup {
        let (text, contact) = (self.visit.text, &self.visit.contact);
        html! {
            h2 { (text.get("frame-help")) }
            p class="links" {
                a href={ "tel:" (HELP_LINE) } { (text.with("frame-help-line", &[("number", HELP_LINE.into())])) }
                @if let Some(phone) = &contact.phone {
                    a href={ "tel:" (phone) } { (text.with("frame-help-phone", &[("number", phone.as_str().into())])) }
                }
                @if let Some(feedback) = &contact.feedback { a href=(feedback) { (text.get("frame-foot-feedback")) } }
            }
        }
    }

    /// Who runs the service, and the number under which it is registered.
    fn organiser(&self) -> Markup {
        let (text, contact) = (self.visit.text, &self.visit.contact);
        html! {
            @if let Some(organiser) = &contact.organiser {
                p { (text.with("frame-foot-organiser", &[("organiser", text.pick(organiser).into())])) }
            }
            @if let Some(icp) = &contact.icp {
                p class="links" { a href="https://beian.miit.gov.cn/" lang=[text.foreign(icp)] { (icp) } }
            }
        }
    }
}

fn sign_out(visit: &Visit, action: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (visit.csrf())
            button class="button quiet" { (visit.text.get("frame-sign-out")) }
        }
    }
}

/// The mark beside the name: a door that stands open.
fn mark() -> Markup {
    html! {
        svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            path d="M6 3h20v26H6z" fill="none" stroke="currentColor" stroke-width="2.5" {}
            path d="M6 3l13 4v22L6 29z" fill="currentColor" {}
            circle cx="15.5" cy="17" r="1.6" fill="#fff" {}
        }
    }
}
