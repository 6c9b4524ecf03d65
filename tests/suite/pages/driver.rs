//! The program that drives browsers, one for all tests of a process, and the wire to a session of it.
//!
//! This is `WebDriver` as its standard has it, JSON over HTTP. The suite needs a dozen of its commands, and half of
//! what it asks is Chromium's own protocol, so it speaks to the driver itself. What the driver must know of pages:
//! nothing.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// How long the driver may take for one command. It waits for pages itself, and less.
const COMMAND_TIMEOUT: Duration = Duration::from_mins(3);

/// Keeps a group of processes until its standard input closes: also where the tests are killed, no browser stays.
const KEEPER: &str = "chromedriver --port=0 & exec >/dev/null; cat; kill -KILL 0";

static DRIVER: LazyLock<Driver> = LazyLock::new(Driver::start);

/// How often the driver is started before that is given up.
const STARTS: usize = 5;

struct Driver {
    port: u16,
    _keeper: Child,
    /// Like what it says, open as long as this process lives.
    _lifeline: ChildStdin,
    _said: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts the driver. The port that it finds for itself may be taken before it listens, so it tries again.
    fn start() -> Self {
        let started = (0..STARTS).find_map(|_| Self::try_start());
        started.expect("chromedriver does not start; tests/run.sh installs it")
    }

    /// Starts the driver and waits until it says where it listens; none where it ends instead.
    fn try_start() -> Option<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = command.process_group(0).spawn().unwrap();
        let mut said = BufReader::new(keeper.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            if said.read_line(&mut line).unwrap() == 0 {
                drop(keeper.stdin.take());
                let _ = keeper.wait();
                return None;
            }
            if let Some((_, port)) = line.trim_end().split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        let lifeline = keeper.stdin.take().unwrap();
        Some(Self { port, _keeper: keeper, _lifeline: lifeline, _said: said })
    }
}

/// What the driver could not do: a code of the standard's list, and words for people.
#[derive(Debug)]
pub struct Fault {
    code: String,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message.lines().next().unwrap_or_default())
    }
}

/// A session: one browser with a profile of its own.
#[derive(Debug)]
pub struct Session {
    client: Client,
    url: String,
}

/// A thing on the page, as the driver names it.
#[derive(Debug)]
pub struct Element(String);

/// The name of the field that holds an element, from the standard.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Element {
    /// The element that a script answered with, or none for `null`.
    pub fn from_answer(answer: &Value) -> Option<Self> {
        answer[ELEMENT].as_str().map(|id| Self(id.to_owned()))
    }

    /// The element as a script is given it.
    pub fn to_argument(&self) -> Value {
        json!({ ELEMENT: self.0 })
    }
}

impl Session {
    /// Opens a browser that can do what is asked.
    pub async fn open(capabilities: &Value) -> Self {
        let client = Client::builder().no_proxy().timeout(COMMAND_TIMEOUT).build().unwrap();
        let mut session = Self { client, url: format!("http://127.0.0.1:{}/session", DRIVER.port) };
        let wish = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let opened = session.post("", &wish).await.unwrap_or_else(|fault| panic!("no browser opens: {fault}"));
        session.url = format!("{}/{}", session.url, opened["sessionId"].as_str().unwrap());
        session
    }

    pub async fn get(&self, path: &str) -> Result<Value, Fault> {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Closes the browser.
    pub async fn close(&self) -> Result<Value, Fault> {
        self.ask(Method::DELETE, "", None).await
    }

    /// A command to an element.
    pub async fn to(&self, element: &Element, command: &str, body: &Value) -> Result<Value, Fault> {
        self.post(&format!("/element/{}/{command}", element.0), body).await
    }

    /// A command of Chromium's own protocol.
    pub async fn chromium(&self, command: &str, parameters: &Value) -> Result<Value, Fault> {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).await
    }

    /// Runs a script in the page, also in a page that may run none of its own.
    pub async fn run(&self, script: &str, arguments: &Value) -> Result<Value, Fault> {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments })).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Fault> {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("the driver is silent: {error:?}"));
        let done = answer.status().is_success();
        let mut body: Value = answer.json().await.unwrap();
        let value = body["value"].take();
        if done {
            return Ok(value);
        }
        let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Err(Fault { code: field("error"), message: field("message") })
    }
}
