//! Connections: accepted within bounds, served with HTTP/1.1, and finished before the process ends.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::deadline::{Streamed, Turn};
use super::handles;
use super::listener::Porter;
use super::service::Answers;
use super::wire::Wire;
use crate::app::access::peer::Peer;

/// How many connections are accepted before others have their turn.
const ACCEPTED_A_TURN: usize = 64;
/// How long a shutdown waits for what is in flight, in seconds.
pub const SHUTDOWN_SECONDS: u64 = 20;
/// The most that is read ahead of a head or a body. Above the bounds of the envelope, whose refusals are more telling.
const READ_AHEAD_BYTES: usize = 64 * 1024;

/// Answers requests on a listener until `shutdown` is ready, then finishes what is in flight. As many connections are open at
/// once as there are file handles for; the next ones wait in the listener's queue.
///
/// Returns when the last connection is closed; after [`SHUTDOWN_SECONDS`] those that are still open are closed.
pub async fn run(listener: TcpListener, answers: impl Answers, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(handles::max_connections(handles::limit())));
    let graceful = GracefulShutdown::new();
    let mut porter = Porter::at(listener, answers.clone());
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let first = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&mut porter, &places) => accepted,
        };
        // What has ended is forgotten, so that the set holds no more than what is open.
        while connections.try_join_next().is_some() {}
        let others = std::iter::from_fn(|| accept_waiting(&porter, &places)).take(ACCEPTED_A_TURN - 1);
        for Accepted { stream, peer, place } in std::iter::once(first).chain(others) {
            let connection = graceful.watch(connection(stream, answers.clone(), peer));
            connections.spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended with an error");
                }
                drop(place);
            });
        }
    }
    drop(porter);
    let open = graceful.count();
    tracing::info!(open, "no longer accepting connections");
    if tokio::time::timeout(Duration::from_secs(SHUTDOWN_SECONDS), graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = SHUTDOWN_SECONDS, "connections are still open; they are closed now");
        connections.shutdown().await;
    }
}

/// A connection that has been accepted, and its place among those that may be open.
struct Accepted {
    stream: TcpStream,
    peer: Peer,
    place: OwnedSemaphorePermit,
}

impl Accepted {
    fn new((stream, address): (TcpStream, SocketAddr), place: OwnedSemaphorePermit) -> Self {
        without_delay(&stream);
        Self { stream, peer: Peer::at(address.ip()), place }
    }
}

/// The next connection, once there is room for it.
async fn accept<A: Answers>(porter: &mut Porter<A>, places: &Arc<Semaphore>) -> Accepted {
    let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
    Accepted::new(porter.accept().await, place)
}

/// The next connection, if one is waiting and there is room for it.
fn accept_waiting<A: Answers>(porter: &Porter<A>, places: &Arc<Semaphore>) -> Option<Accepted> {
    let place = Arc::clone(places).try_acquire_owned().ok()?;
    Some(Accepted::new(porter.accept_waiting()?, place))
}

fn without_delay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
}

fn connection<S: AsyncRead + AsyncWrite + Unpin, A: Answers>(
    stream: S,
    answers: A,
    peer: Peer,
) -> http1::Connection<
    TokioIo<Wire<S, A>>,
    impl HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> + Send,
> {
    let turn = Turn::new();
    let wire = Wire::new(stream, answers.clone(), turn.clone());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        turn.take();
        request.extensions_mut().insert(peer);
        let (answering, turn) = (answers.clone().answer(request.map(Body::new)), turn.clone());
        async move {
            let mut answer = answering.await;
            if answer.extensions_mut().remove::<Streamed>().is_some() {
                return Ok(answer.map(|body| Body::new(Turned { body, turn })));
            }
            turn.give();
            Ok::<_, Infallible>(answer)
        }
    });
    // The wire keeps the time of heads itself: a timer of hyper's is made and thrown away with every request.
    http1::Builder::new()
        // Answers are short: one buffer is cheaper than a list of two.
        .writev(false)
        .max_buf_size(READ_AHEAD_BYTES)
        .serve_connection(TokioIo::new(wire), service)
}

/// A body that comes bit by bit: it gives the turn away when it has ended.
struct Turned {
    body: Body,
    turn: Turn,
}

impl HttpBody for Turned {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }
}

impl Drop for Turned {
    fn drop(&mut self) {
        self.turn.give();
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::Router;
    use axum::extract::Request;
    use axum::response::Response;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::sync::{Notify, oneshot};
    use tokio::task::JoinHandle;
    use tokio::time::Instant;
    use tower::ServiceExt as _;

    use super::*;
    use crate::serve::deadline::HEAD_TIMEOUT;
    use crate::serve::problem::Problem;

    /// A router that answers by itself.
    #[derive(Clone)]
    struct Routed(Router);

    impl Answers for Routed {
        async fn answer(self, request: Request) -> Response {
            self.0.oneshot(request).await.unwrap_or_else(|never| match never {})
        }

        fn turned_away(&self, _: &Problem) -> String {
            "0123456789abcdef".into()
        }
    }

    /// A server on a port of its own.
    struct Server {
        at: SocketAddr,
        stop: oneshot::Sender<()>,
        running: JoinHandle<()>,
    }

    impl Server {
        async fn start(router: Router) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (at, (stop, stopped)) = (listener.local_addr().unwrap(), oneshot::channel());
            let running = tokio::spawn(run(listener, Routed(router), async {
                let _ = stopped.await;
            }));
            Self { at, stop, running }
        }

        /// Everything that comes back on one connection until the server closes it.
        async fn ask(&self, request: &[u8]) -> String {
            let mut stream = TcpStream::connect(self.at).await.unwrap();
            let (mut reading, mut writing) = stream.split();
            let mut answer = Vec::new();
            // A server that refuses early may stop reading; what matters is what it says.
            let (_, read) = tokio::join!(writing.write_all(request), reading.read_to_end(&mut answer));
            read.unwrap();
            String::from_utf8(answer).unwrap()
        }

        /// The status and the body of a refusal, which must be a whole problem document on a connection that closes.
        async fn refusal(&self, request: &[u8]) -> (u16, serde_json::Value) {
            let answer = self.ask(request).await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer:?}"));
            let fields: Vec<&str> = head.split("\r\n").collect();
            for field in ["content-type: application/problem+json", "connection: close"] {
                assert!(fields.contains(&field), "{field} is missing: {head}");
            }
            assert!(fields.contains(&format!("content-length: {}", body.len()).as_str()), "{head}");
            assert!(fields.iter().any(|field| field.starts_with("date: ")), "{head}");
            (fields[0].split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
        }
    }

    fn router() -> Router {
        Router::new().route("/", get(async || "here"))
    }

    #[tokio::test]
    async fn requests_follow_each_other_on_one_connection() {
        let server = Server::start(router()).await;
        let answer =
            server.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let answer = answer.await;
        assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answer}");
        assert!(answer.ends_with("here"), "{answer}");
    }

    #[tokio::test]
    async fn a_head_that_cannot_be_read_is_answered_with_a_problem() {
        let server = Server::start(router()).await;
        for head in [
            &b"nonsense\r\n\r\n"[..],
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET / HTTP/1.1\r\nhost\r\n\r\n",
            b"GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            b"GET / HTTP/1.1\r\nx: \0\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ] {
            let (status, problem) = server.refusal(head).await;
            assert_eq!((status, &problem["status"]), (400, &400.into()), "{}", String::from_utf8_lossy(head));
            assert_eq!(problem["code"], "malformed_request");
            assert_eq!(problem["type"], "urn:hallpass:problem:malformed_request");
        }
    }

    #[tokio::test]
    async fn a_header_bomb_is_answered_with_a_problem() {
        let server = Server::start(router()).await;
        let many = "x: y\r\n".repeat(5_000);
        let long = format!("x: {}\r\n", "y".repeat(1_000_000));
        for fields in [many, long] {
            let (status, problem) = server.refusal(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes()).await;
            assert_eq!((status, problem["code"].as_str()), (431, Some("too_large")));
        }
        let (status, problem) =
            server.refusal(format!("GET /{} HTTP/1.1\r\n\r\n", "y".repeat(100_000)).as_bytes()).await;
        assert!(matches!(status, 414 | 431), "{status}");
        assert_eq!(problem["code"], "too_large");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_is_closed() {
        let answered = async |request: &[u8]| {
            let (mut client, server) = duplex(1024);
            let serving = tokio::spawn(connection(server, Routed(router()), Peer::LOOPBACK));
            client.write_all(request).await.unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            drop(client);
            // What ends a connection is told apart by what was answered on it.
            let _ = serving.await.unwrap();
            answer
        };
        let begun = Instant::now();
        assert_eq!(answered(b"").await, "", "nothing came");
        assert_eq!(answered(b"GET / HTTP/1.1\r\nhost: a\r\n").await, "", "half a head came");
        let answer = answered(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("here"), "no other came: {answer}");
        assert!(begun.elapsed() >= 3 * HEAD_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_an_answer_slowly_gets_all_of_it() {
        const PIECES: usize = 64;
        let router = Router::new().route("/", get(async || "x".repeat(PIECES * 1024)));
        let (mut client, server) = duplex(1024);
        let serving = tokio::spawn(connection(server, Routed(router), Peer::LOOPBACK));
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let (mut taken, mut piece) = (Vec::new(), [0; 1024]);
        while taken.len() < PIECES * 1024 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let length = client.read(&mut piece).await.unwrap();
            assert!(length > 0, "cut off after {} bytes", taken.len());
            taken.extend_from_slice(&piece[..length]);
        }
        // And then there is as much time for the next request as always.
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        drop(client);
        let _ = serving.await.unwrap();
        assert!(taken.into_iter().chain(rest).filter(|byte| *byte == b'x').count() >= PIECES * 1024);
    }

    #[tokio::test]
    async fn a_shutdown_finishes_what_is_in_flight() {
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = {
            let (entered, go_on) = (Arc::clone(&entered), Arc::clone(&go_on));
            async move || {
                entered.notify_one();
                go_on.notified().await;
                "done"
            }
        };
        let server = Server::start(router().route("/slow", get(slow))).await;
        let idle = TcpStream::connect(server.at).await.unwrap();
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        entered.notified().await;

        server.stop.send(()).unwrap();
        drop(idle);
        // The listener is closed before anything is waited for.
        while TcpStream::connect(server.at).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(!server.running.is_finished());
        go_on.notify_one();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("done"), "{answer}");
        drop(stream);
        server.running.await.unwrap();
    }
}
