//! Calls to the server, over real HTTP/1.1, each noted with its outcome and how long it took.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::record::{Call, Observation, Recorder};

/// How many calls are under way at once; the others wait, and that is not counted as the server's time.
pub const MAX_CALLS_UNDER_WAY: usize = 1_024;
/// How long a call may take before it counts as lost.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the run itself waits for an answer that no visitor has asked for.
pub const LOOK_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a look is repeated whose answer was lost while the server is up, or that was put off, and how long after.
const LOOKS: u32 = 6;
const LOOK_PAUSE: Duration = Duration::from_millis(500);
/// How often a server is asked whether it is up before it counts as lost, how long between, and how long it may take: one
/// that has gone refuses at once, one on a busy machine is slow.
const PROBES: u32 = 3;
const PROBE_PAUSE: Duration = Duration::from_millis(500);
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read; a hall's day of 20,000 appointments has half of it.
const MAX_ANSWER_BYTES: usize = 32 << 20;
/// The status of a call whose answer was lost.
pub const LOST: u16 = 0;

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The status; [`LOST`] where nothing came back.
    pub status: u16,
    /// The JSON body; null where it is none.
    pub body: Value,
}

impl Heard {
    /// The code of the problem; `ok` for a success, `lost` where nothing came back.
    #[must_use]
    pub fn code(&self) -> &str {
        match self.status {
            LOST => "lost",
            200..=299 => "ok",
            _ => self.body["code"].as_str().unwrap_or("no_problem_document"),
        }
    }

    /// Whether the call succeeded.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Whether the same may be answered otherwise in a moment: nothing came back, or the server was too busy.
    const fn may_pass(&self) -> bool {
        matches!(self.status, LOST | 429 | 503)
    }
}

/// One call.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// What is asked.
    pub call: Call,
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: String,
    /// The token of the session; empty for none.
    pub token: &'a str,
    /// The body.
    pub body: Option<&'a Value>,
    /// The idempotency key.
    pub key: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// A reading call.
    #[must_use]
    pub fn get(call: Call, target: String, token: &'a str) -> Self {
        Self { call, method: Method::GET, target, token, body: None, key: None }
    }

    /// A changing call.
    #[must_use]
    pub fn post(call: Call, target: String, token: &'a str, body: Option<&'a Value>) -> Self {
        Self { call, method: Method::POST, target, token, body, key: None }
    }
}

/// The way to one server. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    server: Arc<str>,
    pool: Pool<HttpConnector, Full<Bytes>>,
    places: Arc<Semaphore>,
    recorder: Recorder,
}

impl Client {
    /// The way to the server at this address, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(server: &str, recorder: Recorder) -> Self {
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(MAX_CALLS_UNDER_WAY)
            .build(connector());
        let places = Arc::new(Semaphore::new(MAX_CALLS_UNDER_WAY));
        Self { server: server.trim_end_matches('/').into(), pool, places, recorder }
    }

    /// How long the run has lasted.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.recorder.now()
    }

    /// Makes a call and waits for its answer.
    pub async fn ask(&self, asked: Asked<'_>) -> Heard {
        let _place = self.places.acquire().await;
        let (call, begun) = (asked.call, self.recorder.now());
        let heard = tokio::time::timeout(CALL_TIMEOUT, self.answer(asked)).await.ok().flatten();
        let heard = heard.unwrap_or(Heard { status: LOST, body: Value::Null });
        self.recorder.note(Observation::new(call, (begun, self.recorder.now()), heard.status, heard.code()));
        heard
    }

    /// Makes a call, and loses the connection after a while, whether or not the answer has come.
    pub async fn lose(&self, asked: Asked<'_>, after: Duration) {
        let _place = self.places.acquire().await;
        // The answer is not looked at: whoever lost it does not know it.
        let _ = tokio::time::timeout(after, self.answer(asked)).await;
    }

    /// Asks what no visitor asks: it is not noted. One answer that does not come says nothing of the server: as long as that is
    /// up, it is asked again.
    pub async fn look(&self, target: String, token: &str) -> Heard {
        let asked = Asked::get(Call::Read, target, token);
        let mut heard = self.aside(asked.clone(), LOOK_TIMEOUT).await;
        for _ in 1..LOOKS {
            if !heard.may_pass() || !self.is_alive().await {
                break;
            }
            tokio::time::sleep(LOOK_PAUSE).await;
            heard = self.aside(asked.clone(), CALL_TIMEOUT).await;
        }
        heard
    }

    /// Makes a call that no visitor makes, within a time.
    pub async fn aside(&self, asked: Asked<'_>, within: Duration) -> Heard {
        let heard = tokio::time::timeout(within, self.answer(asked)).await.ok().flatten();
        heard.unwrap_or(Heard { status: LOST, body: Value::Null })
    }

    /// Whether the process behind the address is up.
    pub async fn is_alive(&self) -> bool {
        for probe in 1..=PROBES {
            if self.aside(Asked::get(Call::Read, "/healthz".into(), ""), PROBE_TIMEOUT).await.is_ok() {
                return true;
            }
            if probe < PROBES {
                tokio::time::sleep(PROBE_PAUSE).await;
            }
        }
        false
    }

    async fn answer(&self, asked: Asked<'_>) -> Option<Heard> {
        let answer = self.pool.request(self.request(asked)?).await.ok()?;
        let status = answer.status().as_u16();
        let bytes = Limited::new(answer.into_body(), MAX_ANSWER_BYTES).collect().await.ok()?.to_bytes();
        Some(Heard { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    fn request(&self, asked: Asked<'_>) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(asked.method).uri(format!("{}{}", self.server, asked.target));
        if !asked.token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", asked.token));
        }
        if let Some(key) = asked.key {
            request = request.header("idempotency-key", key);
        }
        let bytes = match asked.body {
            None => Bytes::new(),
            Some(body) => {
                request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                body.to_string().into()
            }
        };
        request.body(Full::new(bytes)).ok()
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}
