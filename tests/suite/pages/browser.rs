//! A browser in a test: it opens pages, and what it shows is read. What hands do is in `hands`.
//!
//! The drop check: when the browser goes, no page may have met an error of script, of policy or of loading that the
//! test did not ask for. Where the test has failed, a picture of the page is left in `target/tmp/pages`.
//!
//! Invariants: at most [`BROWSERS`] are open in this process; a test that holds one never waits for another.

use std::collections::HashSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Duration, sleep};

use super::console::{Console, Lines};
use super::driver::{Fault, Session};
use super::script::{Question, words};
use super::setup::Setup;

/// How many browsers are open at a time: a race needs two, and a small machine bears no more.
const BROWSERS: u32 = 2;
/// How long a look at a page is apart from the next.
const GLANCE: Duration = Duration::from_millis(20);

static PLACES: Semaphore = Semaphore::const_new(BROWSERS as usize);
/// The tests, told apart by their runtimes, that hold browsers.
static HOLDERS: Mutex<Option<HashSet<Id>>> = Mutex::new(None);

/// What a person has done at a browser so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// How often a finger has touched the screen; to choose from a list takes two touches.
    pub taps: u32,
    /// How many fields were typed into.
    pub typed: u32,
    /// How many pages came.
    pub pages: u32,
}

/// An open browser.
#[derive(Debug)]
pub struct Browser {
    pub(super) session: Session,
    setup: Setup,
    base: String,
    console: Mutex<Console>,
    pub(super) effort: Mutex<Effort>,
    holder: Id,
    _place: SemaphorePermit<'static>,
}

impl Browser {
    /// 390×844 at two pixels a point, touched.
    pub fn phone() -> Setup {
        Setup::phone()
    }

    /// 1440×900.
    pub fn desktop() -> Setup {
        Setup::desktop()
    }

    /// Two browsers at once, for a race. One after the other could wait for ever for a test that does the same.
    pub async fn pair(first: Setup, second: Setup, server: SocketAddr) -> (Self, Self) {
        let mut places = Self::places(BROWSERS).await;
        let place = places.split(1).unwrap();
        tokio::join!(Self::start(first, server, places), Self::start(second, server, place))
    }

    pub(super) async fn open(setup: Setup, server: SocketAddr) -> Self {
        let place = Self::places(1).await;
        Self::start(setup, server, place).await
    }

    /// Waits for its turn. It is in the order of asking, so whoever wants two gets them.
    async fn places(count: u32) -> SemaphorePermit<'static> {
        let test = Handle::current();
        assert_eq!(test.runtime_flavor(), RuntimeFlavor::MultiThread, "browsers are closed by a thread that may wait");
        let is_first = HOLDERS.lock().get_or_insert_default().insert(test.id());
        assert!(is_first, "a test that needs two browsers at once asks for a pair");
        PLACES.acquire_many(count).await.unwrap()
    }

    async fn start(setup: Setup, server: SocketAddr, place: SemaphorePermit<'static>) -> Self {
        let session = Session::open(&setup.capabilities()).await;
        let base = format!("http://{server}");
        let holder = Handle::current().id();
        let browser =
            Self { session, setup, base, console: Mutex::default(), effort: Mutex::default(), holder, _place: place };
        browser.setup.complete(&browser.session, &browser.base).await;
        browser
    }

    /// Opens a page by its path, and waits until it is loaded. The count of [`Self::bytes`] begins anew.
    pub async fn go(&self, path: &str) {
        assert!(path.starts_with('/'), "{path:?} is no path");
        self.listen().await;
        self.console.lock().bytes = 0;
        let url = json!({ "url": format!("{}{path}", self.base) });
        self.session.post("/url", &url).await.unwrap_or_else(|fault| panic!("{path} does not open: {fault}"));
    }

    /// Forgets every file that was kept from pages before.
    pub async fn forget_files(&self) {
        self.session.chromium("Network.clearBrowserCache", &json!({})).await.expect("the files can be forgotten");
    }

    /// Path and query of the page, and what else is behind the server's name.
    pub async fn address(&self) -> String {
        let url = self.session.get("/url").await.unwrap();
        let url = url.as_str().unwrap();
        url.strip_prefix(&self.base).unwrap_or(url).to_owned()
    }

    /// The words that are seen on the page.
    pub async fn text(&self) -> String {
        self.read_text().await.unwrap_or_else(|fault| panic!("the page has no text: {fault}"))
    }

    async fn read_text(&self) -> Result<String, Fault> {
        let text = self.session.run("return document.body?.innerText ?? ''", &json!([])).await?;
        Ok(text.as_str().unwrap().to_owned())
    }

    /// The words of the main heading.
    pub async fn heading(&self) -> String {
        let heading = self.script("return document.querySelector('h1')?.innerText").await;
        words(heading.as_str().expect("the page has a heading"))
    }

    /// Waits until words are seen. Where lines break does not matter.
    pub async fn see(&self, wanted: &str) {
        self.see_any(wanted, true).await;
    }

    /// Waits until words are seen no longer.
    pub async fn see_no_more(&self, unwanted: &str) {
        self.see_any(unwanted, false).await;
    }

    async fn see_any(&self, wanted: &str, is_wanted: bool) {
        let goal = words(wanted);
        let what = format!("see {}{wanted:?}", if is_wanted { "" } else { "no more " });
        self.until(&what, async || {
            let is_seen = words(&self.read_text().await?).contains(&goal);
            Ok((is_seen == is_wanted).then_some(()))
        })
        .await;
    }

    /// Looks until there is something, or fails with what the page shows instead.
    pub(super) async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Result<Option<T>, Fault>) -> T {
        let begun = Instant::now();
        loop {
            // A page that is just going faults, and so does what is covered for a moment.
            let trouble = match look().await {
                Ok(Some(found)) => return found,
                Ok(None) => String::new(),
                Err(fault) => format!(" ({fault})"),
            };
            if begun.elapsed() > self.setup.patience {
                let (address, text) = (self.address().await, self.text().await);
                panic!("cannot {what}{trouble}. {address} shows:\n{text}");
            }
            sleep(GLANCE).await;
        }
    }

    /// Runs a script of the test in the page; `return` gives its answer.
    pub async fn script(&self, script: &str) -> Value {
        self.session.run(script, &json!([])).await.unwrap_or_else(|fault| panic!("{script}: {fault}"))
    }

    /// What reaches past the sides of the screen; empty where the page fits.
    pub async fn overflow(&self) -> String {
        self.answer(Question::Overflow, &json!([])).await
    }

    /// What is clicked and smaller than this; empty where nothing is.
    pub async fn small_targets(&self, least_px: u32) -> String {
        self.answer(Question::Small, &json!([least_px])).await
    }

    pub(super) async fn answer(&self, question: Question, arguments: &Value) -> String {
        let answer = self.session.run(&question.script(), arguments).await;
        answer.unwrap_or_else(|fault| panic!("{question:?}: {fault}")).as_str().unwrap().to_owned()
    }

    /// Puts a picture of the whole page, as far down as it goes, into a file.
    pub async fn screenshot(&self, file: &Path) {
        let picture = self.picture().await.unwrap_or_else(|fault| panic!("no picture: {fault}"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, picture).unwrap();
    }

    /// Puts a picture of what the screen shows into a file: the first of the page.
    pub async fn first_view(&self, file: &Path) {
        let picture = self.session.get("/screenshot").await.unwrap_or_else(|fault| panic!("no picture: {fault}"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, STANDARD.decode(picture.as_str().unwrap()).unwrap()).unwrap();
    }

    async fn picture(&self) -> Result<Vec<u8>, Fault> {
        let size = self.session.chromium("Page.getLayoutMetrics", &json!({})).await?["cssContentSize"].clone();
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let wish = json!({ "captureBeyondViewport": true, "clip": clip });
        let picture = self.session.chromium("Page.captureScreenshot", &wish).await?;
        Ok(STANDARD.decode(picture["data"].as_str().unwrap()).unwrap())
    }

    /// The value of a cookie, also of one that scripts cannot read.
    pub async fn cookie(&self, name: &str) -> Option<String> {
        let cookie = self.session.get(&format!("/cookie/{name}")).await.ok()?;
        cookie["value"].as_str().map(str::to_owned)
    }

    /// Sets a cookie for the server. A page of it must be open.
    pub async fn set_cookie(&self, name: &str, value: &str) {
        let cookie = json!({ "cookie": { "name": name, "value": value } });
        self.session.post("/cookie", &cookie).await.unwrap();
    }

    /// Bytes that came over the line since the last [`Self::go`], heads included.
    pub async fn bytes(&self) -> u64 {
        self.listen().await;
        self.console.lock().bytes
    }

    /// Takes what went wrong in the pages so far. Nobody else is told of it then: the test must judge it.
    pub async fn console_errors(&self) -> Vec<String> {
        self.listen().await;
        std::mem::take(&mut self.console.lock().errors)
    }

    /// What its person has done so far.
    pub async fn effort(&self) -> Effort {
        self.listen().await;
        Effort { pages: self.console.lock().pages, ..*self.effort.lock() }
    }

    async fn listen(&self) {
        let lines = Lines::read(&self.session).await.unwrap();
        self.console.lock().hear(&lines);
    }

    /// Leaves a picture of the page under the name of the test.
    async fn leave_picture(&self) {
        let test = std::thread::current().name().unwrap_or("unnamed").replace("::", "-");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        if let Ok(picture) = self.picture().await {
            let _ = fs::create_dir_all(&directory);
            let _ = fs::write(directory.join(format!("{test}.png")), picture);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let has_failed = std::thread::panicking();
        let errors = tokio::task::block_in_place(|| {
            Handle::current().block_on(async {
                let errors = if has_failed {
                    self.leave_picture().await;
                    Vec::new()
                } else {
                    self.console_errors().await
                };
                let _ = self.session.close().await;
                errors
            })
        });
        HOLDERS.lock().get_or_insert_default().remove(&self.holder);
        assert!(errors.is_empty(), "the pages met errors: {errors:#?}");
    }
}
