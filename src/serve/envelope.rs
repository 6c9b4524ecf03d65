//! What is around every request: its id, the bounds of its head, its end.
//!
//! Whatever happens inside, even a panic, leaves from here as an answer with an id, and every problem as a document.
//! A fault is logged here, once, with the id; a rejection is no fault.

use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AGE, AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower_service::Service as _;
use tracing::Instrument as _;

use super::body_budget::BodyBudget;
use super::body_watch::BodyWatch;
use super::compression::Wanted;
use super::cookies::names_somebody;
use super::framing::{judge_framing, judge_host};
use super::guards::guard;
use super::problem::{Code, Problem};
use super::request_id::{REQUEST_ID, RequestId, RequestIds};
use super::service::Answers;
use crate::app::state::App;
use crate::engine::Engine;

/// How many header fields a request may have.
pub const MAX_HEADERS: usize = 100;
/// How many bytes the header fields of a request may have together.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// How many bytes the target of a request may have.
pub const MAX_TARGET_BYTES: usize = 8 * 1024;
/// What each header field takes besides its name and value: `: ` and the end of the line.
const HEADER_OVERHEAD_BYTES: usize = 4;
/// What the path of one appointment begins with.
const ONE_APPOINTMENT: &str = "/v1/appointments/";
/// What the paths begin with that are the same for everybody, whatever cookies come along.
const NOBODYS: [&str; 3] = ["/v1/", "/static/", "/live/"];
/// Where an operator asks how the server is, also before the engine has recovered.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// A router in its envelope. It stands around the router instead of being a layer of it, since a layer costs each request
/// two boxes. Clones are the same.
#[derive(Clone)]
pub struct Envelope(Arc<Inner>);

/// The page of a problem for the request with this id.
pub type ProblemPage = Box<dyn FnOnce(&Problem, &str) -> Response + Send>;
/// How a problem with a request is worded for whoever looks at a page; none where a program asks.
pub type ForPeople = fn(&App, &Request) -> Option<ProblemPage>;

struct Inner {
    app: App,
    router: Router,
    for_people: ForPeople,
    /// The patterns of all routes, by which requests are counted and logged: people put their numbers into paths too.
    patterns: matchit::Router<String>,
    /// The room for bodies that are on their way.
    bodies: Arc<BodyBudget>,
    request_ids: RequestIds,
}

impl Envelope {
    /// Puts an envelope around a router with these routes.
    ///
    /// # Panics
    /// Where the router itself would: where two patterns are in conflict, or one is malformed.
    pub fn around(router: Router, patterns: impl IntoIterator<Item = String>, app: App, for_people: ForPeople) -> Self {
        let mut routes = matchit::Router::new();
        for pattern in patterns {
            routes.insert(pattern.clone(), pattern).expect("the patterns are those of the router");
        }
        Self(Arc::new(Inner {
            app,
            router,
            for_people,
            patterns: routes,
            bodies: Arc::default(),
            request_ids: RequestIds::new(),
        }))
    }
}

impl Answers for Envelope {
    /// Answers a request by what is inside, and dresses the answer.
    async fn answer(self, mut request: Request) -> Response {
        let Inner { app, router, for_people, patterns, bodies, request_ids } = &*self.0;
        let begun = Instant::now();
        let id = request_ids.of(request.headers());
        let method = request.method().clone();
        let route = patterns.at(request.uri().path()).ok().map(|found| found.value.as_str());
        let span = tracing::debug_span!("request", id = id.as_str(), %method, route);
        let body = BodyWatch::begin(&mut request, bodies);
        let wanted = Wanted::by(&request);
        let page = for_people(app, &request);
        let mut response = if let Err(problem) = judge_head(&request).and_then(|()| judge_time(app, &request)) {
            problem.into_response()
        } else {
            if asks_for_own(&request)
                && let Ok(engine) = app.engine()
            {
                engine.refresh().await;
            }
            caught(router.clone().call(request)).instrument(span).await
        };
        if method == Method::GET {
            tell_age(app, &mut response);
        }
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            app.metrics().refused(problem.code);
            log(&problem, &id, &method, route);
            response = match page {
                Some(page) => paged(&problem, page(&problem, id.as_str()), &response),
                None => written_out(&problem, &id, response),
            };
        }
        if body.is_some_and(|body| body.is_unread()) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response.headers_mut().insert(REQUEST_ID, id.into_header());
        guard(response.headers_mut());
        let response = wanted.compressed(response).await;
        app.metrics().answered(route, &method, response.status(), begun.elapsed());
        response
    }

    fn turned_away(&self, problem: &Problem) -> String {
        let id = self.0.request_ids.next();
        self.0.app.metrics().refused(problem.code);
        tracing::debug!(request = id.as_str(), code = problem.code.as_str(), "a head could not be read");
        id.as_str().to_owned()
    }
}

/// Turns away what comes before the engine has recovered, except those who ask for that.
fn judge_time(app: &App, request: &Request) -> Result<(), Problem> {
    match app.engine() {
        Err(busy) if !PROBES.contains(&request.uri().path()) => Err(busy.into()),
        _ => Ok(()),
    }
}

/// Whether a request looks with a name at what was written before: it finds that, through whichever instance it was
/// written. Whoever only books is judged by the ledger, and caught up with before a refusal. A browser brings its name in a
/// cookie.
fn asks_for_own(request: &Request) -> bool {
    let (path, headers) = (request.uri().path(), request.headers());
    let looks = request.method() == Method::GET || path.starts_with(ONE_APPOINTMENT);
    let is_page = !NOBODYS.iter().any(|beginning| path.starts_with(beginning));
    (looks && headers.contains_key(AUTHORIZATION)) || (is_page && names_somebody(headers))
}

/// Says how old an answer from memory is, where that has not heard from the others for a while (RFC 9111, section 5.1).
fn tell_age(app: &App, response: &mut Response) {
    if let Some(age) = app.engine().ok().and_then(Engine::age) {
        response.headers_mut().insert(AGE, age.as_secs().into());
    }
}

fn judge_head(request: &Request) -> Result<(), Problem> {
    let too_large = |detail: String, status| Err(Problem::new(Code::TooLarge, detail).with_status(status));
    let target_bytes = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target_bytes > MAX_TARGET_BYTES {
        let detail = format!("path and query have at most {MAX_TARGET_BYTES} bytes");
        return too_large(detail, StatusCode::URI_TOO_LONG);
    }
    if request.headers().len() > MAX_HEADERS || header_bytes(request.headers()) > MAX_HEADER_BYTES {
        let detail = format!("a request has at most {MAX_HEADERS} header fields and {MAX_HEADER_BYTES} bytes of them");
        return too_large(detail, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    judge_host(request)?;
    judge_framing(request)
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER_OVERHEAD_BYTES).sum()
}

/// The answer; a panic is one too.
async fn caught(answering: impl Future<Output = Result<Response, Infallible>>) -> Response {
    let mut answering = pin!(answering);
    let polled =
        std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(response))) => Poll::Ready(Ok(response)),
            Err(panic) => Poll::Ready(Err(panic)),
        });
    polled.await.unwrap_or_else(|panic| Problem::internal(words_of(panic.as_ref())).into_response())
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", words.unwrap_or("without words"))
}

fn log(problem: &Problem, id: &RequestId, method: &Method, route: Option<&str>) {
    let (request, code) = (id.as_str(), problem.code.as_str());
    if let Some(fault) = &problem.fault {
        tracing::error!(request, %method, route, fault, "a request met a fault");
    } else {
        tracing::debug!(request, %method, route, code, "a request was refused");
    }
}

/// The page of a problem, with the headers of the problem but for those that say what the page is.
fn paged(problem: &Problem, mut page: Response, refused: &Response) -> Response {
    let mut headers = refused.headers().clone();
    problem.add_headers(&mut headers);
    for name in [CONTENT_TYPE, CONTENT_LENGTH] {
        headers.remove(name);
    }
    for (name, value) in &headers {
        page.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    page
}

fn written_out(problem: &Problem, id: &RequestId, response: Response) -> Response {
    let (mut head, _) = response.into_parts();
    // The router has measured the body that was there.
    head.headers.remove(CONTENT_LENGTH);
    problem.add_headers(&mut head.headers);
    Response::from_parts(head, Body::from(problem.document(id.as_str())))
}

#[cfg(test)]
mod tests {
    use axum::http::header::HOST;

    use super::*;

    fn head(headers: usize, value_bytes: usize, target_bytes: usize) -> Result<(), u16> {
        let mut request = Request::get(format!("/{}", "x".repeat(target_bytes - 1)));
        request = request.header(HOST, "a");
        let mut request = request.body(Body::empty()).unwrap();
        for number in 0..headers {
            let value = HeaderValue::from_str(&"v".repeat(value_bytes)).unwrap();
            request.headers_mut().insert(axum::http::HeaderName::try_from(format!("x-{number:04}")).unwrap(), value);
        }
        judge_head(&request).map_err(|problem| {
            assert_eq!(problem.code, Code::TooLarge);
            problem.status.as_u16()
        })
    }

    #[test]
    fn a_head_has_bounds() {
        let host = "host: a\r\n".len();
        assert_eq!(head(99, 1, 1), Ok(()));
        assert_eq!(head(100, 1, 1), Err(431));
        assert_eq!(head(1, MAX_HEADER_BYTES - 10 - host, 1), Ok(()));
        assert_eq!(head(1, MAX_HEADER_BYTES - 9 - host, 1), Err(431));
        assert_eq!(head(0, 0, MAX_TARGET_BYTES), Ok(()));
        assert_eq!(head(0, 0, MAX_TARGET_BYTES + 1), Err(414));
    }

    #[test]
    fn every_answer_says_what_it_is_and_for_whom() {
        let mut headers = HeaderMap::new();
        guard(&mut headers);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
    }

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        let fault = async |answering: std::pin::Pin<Box<dyn Future<Output = Result<Response, Infallible>>>>| {
            let problem = caught(answering).await.extensions_mut().remove::<Problem>().unwrap();
            assert_eq!(problem.code, Code::Internal);
            problem.fault.unwrap()
        };
        assert_eq!(fault(Box::pin(async { panic!("out of tea") })).await, "panic: out of tea");
        assert_eq!(fault(Box::pin(async { panic!("{} cups", 2) })).await, "panic: 2 cups");
        let late = async {
            tokio::task::yield_now().await;
            std::panic::panic_any(1);
        };
        assert_eq!(fault(Box::pin(late)).await, "panic: without words");
    }
}
