//! The bytes of a connection, with four things that hyper leaves to others.
//!
//! *Bare refusals.* A head that cannot be read never reaches the router: hyper answers it by itself, with an empty 400,
//! 414 or 431. Every answer of the router below 500 that refuses something has a body, so an empty refusal is known by its
//! head, and leaves as a problem document.
//!
//! *Lingering.* Closing a connection on which the client is still sending resets it, and the client may lose the answer
//! that it was about to read. So after the last answer this end only stops sending, and takes in what still comes for a
//! moment (RFC 9112, section 9.6).
//!
//! *Giving up.* Who does not read what was asked for, or does not send the head of a request, keeps a connection for
//! nothing; after a while it is closed. The timer of heads runs on while requests come and go, and looks when it ends
//! whether it is still meant.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::deadline::Turn;
use super::guards;
use super::problem::{Code, PROBLEM_JSON, Problem};
use super::request_id::REQUEST_ID;
use super::service::Answers;

/// How long this end takes in what still comes.
const LINGER: Duration = Duration::from_secs(1);
/// How much of it this end takes in.
const LINGER_BYTES: usize = 1024 * 1024;
/// How long the other end may take nothing of what is to be written.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest head that hyper writes by itself.
const LONGEST_BARE_BYTES: usize = 256;

/// A stream whose bare refusals become problem documents, and which lingers when it is shut down.
#[derive(Debug)]
pub struct Wire<S, A> {
    stream: S,
    /// Who is told of refusals.
    answers: A,
    /// Whose turn it is.
    turn: Turn,
    /// When this end looks whether the head of a request is late.
    late: Option<Pin<Box<Sleep>>>,
    /// What replaces a refusal and has not been written yet.
    waiting: Vec<u8>,
    /// When this end gives up, while the other one takes nothing.
    giving_up: Option<Pin<Box<Sleep>>>,
    lingering: Option<Lingering>,
}

#[derive(Debug)]
struct Lingering {
    end: Pin<Box<Sleep>>,
    bytes_left: usize,
}

impl<S, A> Wire<S, A> {
    /// A wire over a stream.
    pub const fn new(stream: S, answers: A, turn: Turn) -> Self {
        Self { stream, answers, turn, late: None, waiting: Vec::new(), giving_up: None, lingering: None }
    }

    /// Is ready when the head of a request is late.
    fn poll_late(&mut self, context: &mut Context<'_>, ends_at: Instant) -> Poll<()> {
        let late = self.late.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(ends_at)));
        loop {
            ready!(late.as_mut().poll(context));
            if late.deadline() >= ends_at {
                return Poll::Ready(());
            }
            late.as_mut().reset(ends_at);
        }
    }
}

impl<S: AsyncWrite + Unpin, A> Wire<S, A> {
    /// Writes what is waiting.
    fn poll_waiting(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            let written = Pin::new(&mut self.stream).poll_write(context, &self.waiting);
            let written = ready!(self.in_time(context, written))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.waiting.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// What came of writing, or that the other end has taken nothing for too long.
    fn in_time(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            if self.giving_up.take().is_some() && self.turn.ends_at().is_some() {
                // It could not ask for anything else yet: its time begins when it has taken the answer.
                self.turn.give();
            }
            return written;
        }
        let end = self.giving_up.get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_TIMEOUT)));
        ready!(end.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin, A: Unpin> AsyncRead for Wire<S, A> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        // While the other end is slow to take an answer, the time of writing is what counts.
        if read.is_pending()
            && self.giving_up.is_none()
            && let Some(ends_at) = self.turn.ends_at()
        {
            // Who is late is taken for gone: the bytes end here.
            return self.poll_late(context, ends_at).map(Ok);
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, A: Answers> AsyncWrite for Wire<S, A> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_waiting(context))?;
        match worded(bytes, &self.answers) {
            None => {
                let written = Pin::new(&mut self.stream).poll_write(context, bytes);
                self.in_time(context, written)
            }
            Some(worded) => {
                self.waiting = worded;
                Poll::Ready(Ok(bytes.len()))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_waiting(context))?;
        if let Some(ends_at) = self.turn.ends_at() {
            // hyper does not read after an answer where reading was blocked before it, so the end is watched from here; when
            // it comes, hyper reads.
            let _ = self.poll_late(context, ends_at);
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_waiting(context))?;
        let wire = &mut *self;
        if wire.lingering.is_none() {
            ready!(Pin::new(&mut wire.stream).poll_shutdown(context))?;
        }
        let lingering = wire
            .lingering
            .get_or_insert_with(|| Lingering { end: Box::pin(tokio::time::sleep(LINGER)), bytes_left: LINGER_BYTES });
        lingering.poll(&mut wire.stream, context).map(Ok)
    }
}

impl Lingering {
    /// Takes in what comes until the other end closes, sends too much, or time is up.
    fn poll(&mut self, stream: &mut (impl AsyncRead + Unpin), context: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 4096];
        loop {
            let mut into = ReadBuf::new(&mut scratch);
            match Pin::new(&mut *stream).poll_read(context, &mut into) {
                Poll::Pending => return self.end.as_mut().poll(context),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {}
            }
            let taken = into.filled().len();
            self.bytes_left = self.bytes_left.saturating_sub(taken);
            if taken == 0 || self.bytes_left == 0 {
                return Poll::Ready(());
            }
        }
    }
}

/// A bare refusal as a problem document; none where these bytes are anything else.
fn worded(bytes: &[u8], answers: &impl Answers) -> Option<Vec<u8>> {
    let is_short_refusal =
        bytes.len() <= LONGEST_BARE_BYTES && bytes.starts_with(b"HTTP/1.") && bytes.get(8..10) == Some(b" 4");
    if !is_short_refusal {
        return None;
    }
    let head = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    let (status_line, fields) = head.split_once("\r\n")?;
    if !fields.split("\r\n").any(|field| field.eq_ignore_ascii_case("content-length: 0")) {
        return None;
    }
    let status = StatusCode::from_bytes(status_line.get(9..12)?.as_bytes()).ok()?;
    let date = fields.split("\r\n").find(|field| field.to_ascii_lowercase().starts_with("date:"));
    Some(written(status_line, date, &problem(status), answers))
}

/// A problem as the only answer on a connection over which nothing was read.
pub fn written_alone(problem: &Problem, answers: &impl Answers) -> Vec<u8> {
    let status_line = format!("HTTP/1.1 {}", problem.status);
    // An answer of 500 and above needs no date (RFC 9110, section 6.6.1).
    written(&status_line, None, problem, answers)
}

/// A problem as the bytes of an answer, with its head.
fn written(status_line: &str, date: Option<&str>, problem: &Problem, answers: &impl Answers) -> Vec<u8> {
    let id = answers.turned_away(problem);
    let body = problem.document(&id);
    let (kind, length) = (format!("content-type: {PROBLEM_JSON}"), format!("content-length: {}", body.len()));
    let (id, again) =
        (format!("{REQUEST_ID}: {id}"), problem.retry_after_s.map(|seconds| format!("retry-after: {seconds}")));
    let mut lines = vec![status_line];
    lines.extend(date);
    lines.extend([kind.as_str(), length.as_str(), "cache-control: no-store"]);
    lines.extend(again.as_deref());
    let guards = guards::EVERYWHERE.map(|(name, value)| format!("{name}: {value}"));
    lines.extend(guards.iter().map(String::as_str));
    lines.extend([id.as_str(), "connection: close", "", ""]);
    let mut bytes = lines.join("\r\n").into_bytes();
    bytes.extend(body);
    bytes
}

fn problem(status: StatusCode) -> Problem {
    let problem = match status {
        StatusCode::BAD_REQUEST => Problem::malformed("the head of the request cannot be read as HTTP/1.1"),
        _ => Problem::new(Code::TooLarge, "the head of the request is too large"),
    };
    problem.with_status(status)
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use axum::response::Response;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::serve::deadline::HEAD_TIMEOUT;

    /// Who answers nobody.
    #[derive(Clone)]
    struct Nobody;

    impl Answers for Nobody {
        async fn answer(self, _: Request) -> Response {
            unreachable!("nothing is asked here")
        }

        fn turned_away(&self, _: &Problem) -> String {
            "0123456789abcdef".into()
        }
    }

    const BARE: &str = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\
                        date: Tue, 24 Nov 2026 04:00:00 GMT\r\n\r\n";

    #[test]
    fn a_bare_refusal_is_put_into_words() {
        let worded = String::from_utf8(worded(BARE.as_bytes(), &Nobody).unwrap()).unwrap();
        let (head, body) = worded.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head,
            format!(
                "HTTP/1.1 431 Request Header Fields Too Large\r\ndate: Tue, 24 Nov 2026 04:00:00 GMT\r\n\
                 content-type: application/problem+json\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
                 x-content-type-options: nosniff\r\ncross-origin-resource-policy: same-origin\r\n\
                 x-request-id: 0123456789abcdef\r\nconnection: close",
                body.len()
            )
        );
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["status"], &body["code"]), (&431.into(), &"too_large".into()));
        assert_eq!(body["instance"], "urn:hallpass:request:0123456789abcdef");
    }

    #[test]
    fn nothing_else_is_touched() {
        for bytes in [
            "",
            "HTTP/1.1",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n.",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0",
            "{\"text\":\"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
        ] {
            assert_eq!(worded(bytes.as_bytes(), &Nobody), None, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_refusal_leaves_whole_through_a_narrow_pipe() {
        let (mut client, server) = duplex(16);
        let writing = tokio::spawn(async move {
            let mut wire = Wire::new(server, Nobody, Turn::new());
            wire.write_all(BARE.as_bytes()).await.unwrap();
            wire.shutdown().await.unwrap();
        });
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, worded(BARE.as_bytes(), &Nobody).unwrap());
        drop(client);
        writing.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_given_up() {
        let (mut client, server) = duplex(16);
        let mut wire = Wire::new(server, Nobody, Turn::new());
        for _ in 0..3 {
            // As long as something is taken now and then, nothing is given up.
            let (taken, written) = tokio::join!(
                async {
                    tokio::time::sleep(WRITE_TIMEOUT / 2).await;
                    client.read_exact(&mut [0; 16]).await
                },
                wire.write_all(&[b'x'; 16])
            );
            assert!(taken.is_ok() && written.is_ok());
        }
        let given_up = wire.write_all(&[b'x'; 17]).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_no_head_is_given_up() {
        let (mut client, server) = duplex(16);
        let turn = Turn::new();
        let mut wire = Wire::new(server, Nobody, turn.clone());
        let mut read = async || wire.read(&mut [0; 16]).await.unwrap();
        let begun = Instant::now();
        client.write_all(b"GET ").await.unwrap();
        assert_eq!(read().await, 4);
        assert_eq!(read().await, 0, "the rest of the head is late");
        assert_eq!(begun.elapsed().as_secs(), HEAD_TIMEOUT.as_secs());

        // While it is this end's turn nobody is late, however long that takes; then the time begins anew.
        turn.take();
        assert!(tokio::time::timeout(3 * HEAD_TIMEOUT, read()).await.is_err());
        turn.give();
        let (begun, almost) = (Instant::now(), HEAD_TIMEOUT.saturating_sub(Duration::from_millis(1)));
        assert!(tokio::time::timeout(almost, read()).await.is_err());
        assert_eq!(read().await, 0, "the next request is late");
        assert_eq!(begun.elapsed().as_secs(), HEAD_TIMEOUT.as_secs());
    }

    #[tokio::test]
    async fn who_is_still_sending_is_heard_out() {
        let (mut client, server) = duplex(1024);
        let sending = tokio::spawn(async move {
            client.write_all(&vec![b'x'; 100_000]).await?;
            client.shutdown().await
        });
        let mut wire = Wire::new(server, Nobody, Turn::new());
        wire.shutdown().await.unwrap();
        drop(wire);
        sending.await.unwrap().expect("the pipe stays whole until everything is sent");
    }

    #[tokio::test]
    async fn who_never_ends_is_not() {
        let (mut client, server) = duplex(1024);
        let sending = tokio::spawn(async move {
            let mut sent = 0;
            while client.write_all(&[b'x'; 1024]).await.is_ok() {
                sent += 1024;
            }
            sent
        });
        let mut wire = Wire::new(server, Nobody, Turn::new());
        wire.shutdown().await.unwrap();
        drop(wire);
        assert!((LINGER_BYTES..LINGER_BYTES + 10_000).contains(&sending.await.unwrap()));
    }
}
