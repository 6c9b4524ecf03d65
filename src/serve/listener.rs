//! A listener with a queue that is as long as a rush needs, which turns away instead of going silent.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::handles::{Spare, is_want_of_handles};
use super::problem::{Code, Problem};
use super::service::Answers;
use super::wire::written_alone;

/// How many connections wait to be accepted. A day opens for thousands at the same moment; who finds the queue full is
/// heard a second later at the earliest, when the client's system tries again.
pub const BACKLOG: u32 = 4_096;
/// Where Linux says how long the queue of a listener is at most.
const SYSTEM_BACKLOG: &str = "/proc/sys/net/core/somaxconn";
/// How long to wait after a failed accept: it fails for want of memory or file handles, which take a moment to return.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long somebody is heard who is turned away.
const TURN_AWAY: Duration = Duration::from_millis(100);
/// How much is read of what somebody asks who is turned away, in bytes.
const TURN_AWAY_BYTES: usize = 16 * 1024;

/// Listens on an address.
///
/// # Errors
/// Where the address cannot be listened on. To be called in a runtime.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A port whose last connections are not forgotten yet can be listened on again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    tell_of_backlog(std::fs::read_to_string(SYSTEM_BACKLOG).ok().as_deref());
    socket.listen(BACKLOG)
}

/// Tells the operator of a system that keeps the queue shorter than it is asked for.
fn tell_of_backlog(system: Option<&str>) {
    if let Some(most) = shorter_backlog(system) {
        tracing::warn!(
            most,
            wanted = BACKLOG,
            "the system keeps fewer connections waiting than a rush needs; set net.core.somaxconn to {BACKLOG}"
        );
    }
}

/// What the system says, if that is less than what is wanted.
fn shorter_backlog(system: Option<&str>) -> Option<u32> {
    system?.trim().parse().ok().filter(|most| *most < BACKLOG)
}

/// Who stands at the listener.
#[derive(Debug)]
pub struct Porter<A> {
    listener: TcpListener,
    spare: Spare,
    answers: A,
}

impl<A: Answers> Porter<A> {
    /// Somebody at a listener, with a handle to spare.
    pub fn at(listener: TcpListener, answers: A) -> Self {
        Self { listener, spare: Spare::take(), answers }
    }

    /// The next connection.
    pub async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            self.spare.retake();
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) => self.after(&error).await,
            }
        }
    }

    /// The next connection, if one is waiting.
    pub fn accept_waiting(&self) -> Option<(TcpStream, SocketAddr)> {
        self.listener.accept().now_or_never().and_then(Result::ok)
    }

    async fn after(&mut self, error: &io::Error) {
        if is_of_one_connection(error) {
            return;
        }
        tracing::error!(%error, "connections cannot be accepted");
        if is_want_of_handles(error) && self.spare.give_up() {
            if let Some(Ok((stream, _))) = self.listener.accept().now_or_never() {
                turn_away(stream, &self.answers).await;
            }
            self.spare.retake();
            return;
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// Tells somebody that there is no room.
async fn turn_away(mut stream: TcpStream, answers: &impl Answers) {
    let problem = Problem::new(Code::Overloaded, "more connections are open than can be served; try again").closing();
    let answer = written_alone(&problem, answers);
    let telling = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        // What was asked is read, as closing on unread bytes would take the answer back.
        let mut scratch = vec![0; TURN_AWAY_BYTES];
        while stream.read(&mut scratch).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // Who has gone need not be told.
    let _ = tokio::time::timeout(TURN_AWAY, telling).await;
}

/// Whether only the connection that was about to be accepted is lost.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::extract::Request;
    use axum::response::Response;
    use tokio::task::JoinSet;

    use super::*;

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

    #[tokio::test]
    async fn who_is_turned_away_is_told_so_whatever_was_sent() {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let at = listener.local_addr().unwrap();
        for asked in [&b""[..], b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", &[b'x'; 10_000]] {
            let mut client = TcpStream::connect(at).await.unwrap();
            client.write_all(asked).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let mut heard = String::new();
            let (read, ()) = tokio::join!(client.read_to_string(&mut heard), turn_away(stream, &Nobody));
            read.unwrap();
            let (head, body) = heard.split_once("\r\n\r\n").unwrap();
            let fields: Vec<&str> = head.split("\r\n").collect();
            assert_eq!(fields[0], "HTTP/1.1 503 Service Unavailable");
            for field in ["retry-after: 1", "connection: close", "content-type: application/problem+json"] {
                assert!(fields.contains(&field), "{field}: {head}");
            }
            assert!(body.contains("\"code\":\"overloaded\""), "{body}");
        }
    }

    /// A table of files that is full, this process's or the whole system's: the spare handle lets one be told.
    #[tokio::test]
    async fn who_comes_when_there_are_no_handles_is_told_so() {
        for errno in [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE] {
            let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
            let at = listener.local_addr().unwrap();
            let mut porter = Porter::at(listener, Nobody);
            // Behind another one, with which the runtime hears that connections are waiting.
            let _first = TcpStream::connect(at).await.unwrap();
            let mut client = TcpStream::connect(at).await.unwrap();
            client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
            let _accepted = porter.accept().await;
            let mut heard = String::new();
            let error = errno.into();
            let (read, ()) = tokio::join!(client.read_to_string(&mut heard), porter.after(&error));
            read.unwrap();
            assert!(heard.starts_with("HTTP/1.1 503 ") && heard.contains("overloaded"), "{errno}: {heard}");
            assert!(porter.spare.give_up(), "{errno}: the handle is taken again");
        }
    }

    #[test]
    fn a_system_that_keeps_fewer_waiting_is_told_of() {
        for (system, told) in [
            (Some("4096\n"), None),
            (Some("65535\n"), None),
            (Some("128\n"), Some(128)),
            (Some("4095"), Some(4_095)),
            (Some("many"), None),
            (None, None),
        ] {
            assert_eq!(shorter_backlog(system), told, "{system:?}");
        }
    }

    /// Without the long queue the system drops what comes beyond it, and such a connection needs a second or more.
    #[tokio::test]
    async fn as_many_as_a_rush_has_wait_while_nobody_is_accepted() {
        const AT_ONCE: usize = 700;
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let at = listener.local_addr().unwrap();
        let connected = async |at, patience| {
            let mut connecting: JoinSet<_> = (0..AT_ONCE).map(|_| TcpStream::connect(at)).collect();
            let connected = async { while connecting.join_next().await.is_some() {} };
            tokio::time::timeout(patience, connected).await.is_ok()
        };
        let most: u32 = std::fs::read_to_string(SYSTEM_BACKLOG).unwrap().trim().parse().unwrap();
        if most as usize >= AT_ONCE {
            assert!(connected(at, Duration::from_secs(30)).await);
        }
        let short = TcpSocket::new_v4().unwrap();
        short.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let short = short.listen(128).unwrap();
        let at = short.local_addr().unwrap();
        assert!(!connected(at, Duration::from_millis(900)).await, "the control: a queue of 128 stays full");
    }
}
