//! A file of halls edited through several servers: what one of them has checked, the other puts in force.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};

use super::servers::{Instance, on};
use crate::http::{CHIEF, Files};
use crate::world::directory;
use crate::world::shared::Shared;

const EDITOR: &str = "/staff/configuration/halls/east.toml";
const CAPACITY: &str = "\"09:00\" = 2";

/// A browser as far as these pages need one: it keeps cookies, and follows nothing by itself.
struct Visitor {
    client: Client,
    cookies: BTreeMap<String, String>,
}

/// An answer: its status, where it leads, and its page.
struct Page {
    status: u16,
    to: String,
    text: String,
}

impl Page {
    fn hidden(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).expect("the field is there");
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Visitor {
    fn new() -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { client, cookies: BTreeMap::new() }
    }

    async fn ask(&mut self, method: Method, at: SocketAddr, path: &str, form: Option<String>) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.request(method, format!("http://{at}{path}")).header(ACCEPT, "text/html");
        let request = request.header(COOKIE, cookies.join("; "));
        let request = match form {
            Some(form) => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form),
            None => request,
        };
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let to = answer.headers().get(LOCATION).map_or("", |to| to.to_str().unwrap()).to_owned();
        Page { status: answer.status().as_u16(), to, text: answer.text().await.unwrap() }
    }

    /// Sends a form with the mark of a page.
    async fn send(&mut self, page: &Page, at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("mark", &page.hidden("mark")).append_pair("once", &page.hidden("once"));
        let form = form.extend_pairs(fields).finish();
        self.ask(Method::POST, at, path, Some(form)).await
    }
}

/// The editor of a file, open for a member of staff who has typed something there.
struct Editing {
    visitor: Visitor,
    was: String,
    typed: String,
}

impl Editing {
    /// Signs in, and types. Gives the page of the editor, too.
    async fn begin(at: SocketAddr) -> (Self, Page) {
        let mut visitor = Visitor::new();
        let asked = visitor.ask(Method::GET, at, "/staff/sign-in", None).await;
        let signed_in = visitor.send(&asked, at, "/staff/sign-in", &[("token", CHIEF)]).await;
        assert_eq!(signed_in.status, 303);
        let page = visitor.ask(Method::GET, at, EDITOR, None).await;
        let was = page.hidden("was");
        let (_, text) = page.text.split_once("name=\"text\"").unwrap();
        let (_, text) = text.split_once(">\n").unwrap();
        let text = text.split("</textarea>").next().unwrap().replace("&quot;", "\"").replace("&amp;", "&");
        let typed = text.replace(CAPACITY, "\"09:00\" = 1");
        assert_ne!(typed, text);
        (Self { visitor, was, typed }, page)
    }

    /// Sends what was typed, with the mark of the page from which that is done.
    async fn send(&mut self, from: &Page, at: SocketAddr, path: &str, rest: &[(&str, &str)]) -> Page {
        let typed = [("was", self.was.as_str()), ("text", self.typed.as_str())];
        self.visitor.send(from, at, path, &[typed.as_slice(), rest].concat()).await
    }

    /// Has it checked by a server, which answers in place, with the text.
    async fn check(&mut self, from: &Page, at: SocketAddr) -> Page {
        let checked = self.send(from, at, EDITOR, &[("do", "check")]).await;
        assert_eq!((checked.status, checked.to.as_str()), (200, ""));
        let text = &checked.text;
        assert!(text.contains("名额 2 → 1") && text.contains("&quot;09:00&quot; = 1"), "{text}");
        checked
    }

    async fn apply(&mut self, checked: &Page, at: SocketAddr) {
        let digest = checked.hidden("checked");
        let published = self.send(checked, at, EDITOR, &[("checked", &digest), ("do", "apply")]).await;
        assert_eq!((published.status, published.to.as_str()), (303, "/staff/configuration?done=applied&displaced=0"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_has_checked_another_puts_in_force() {
    let (shared, folder) = (Shared::start(), directory());
    let files = on(&Files::default(), &shared.url, &folder.path().join("keys"));
    let (one, other) = (Instance::start(&files).await, Instance::start(&files).await);
    let (here, there) = (one.door.address(), other.door.address());
    let (mut editing, page) = Editing::begin(here).await;

    // The page of a draft may be asked of the other server, which would know nothing of it: the text is in the answer.
    let checked = editing.check(&page, here).await;

    // So it goes on through the other, another language included.
    let language = format!("/language/en?next={}", EDITOR.replace('/', "%2F"));
    let in_english = editing.send(&checked, there, &language, &[]).await;
    assert!(in_english.status == 200 && in_english.text.contains("&quot;09:00&quot; = 1"), "{}", in_english.text);
    assert!(in_english.text.contains("lang=\"en\""), "{}", in_english.text);
    editing.apply(&checked, there).await;
    let version = other.chief().get("/v1/admin/config").await.ok(200)["version"].clone();
    assert_ne!(version, serde_json::Value::Null);
    one.stop().await;
    other.stop().await;
}

/// A rolling update: the server that has checked the text is alone then, and gone when it is asked again.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_has_checked_that_was_alone_the_next_one_puts_in_force() {
    let (shared, folder) = (Shared::start(), directory());
    let files = on(&Files::default(), &shared.url, &folder.path().join("keys"));
    let one = Instance::start(&files).await;
    let (mut editing, page) = Editing::begin(one.door.address()).await;
    editing.check(&page, one.door.address()).await;
    let other = Instance::start(&files).await;
    let there = other.door.address();
    one.stop().await;
    // A refresh sends the same form again; nothing of it lies with the server that is gone.
    let checked = editing.check(&page, there).await;
    editing.apply(&checked, there).await;
    other.stop().await;
}
