//! The network between a client and a cluster, that can be cut.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::cluster::Cluster;
use super::url_of;

/// How much of a direction is on its way at once, in bytes.
const BUFFER_BYTES: usize = 16 * 1024;

/// A relay of connections, in a thread of its own.
pub struct Cable {
    port: u16,
    state: watch::Sender<State>,
    thread: Option<JoinHandle<()>>,
}

/// What the cable does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Whole,
    Frozen,
    Cut,
    /// The test has dropped it.
    Gone,
}

#[derive(Debug, Clone, Copy)]
struct State {
    way: Way,
    /// How often it was cut. A connection that began before a cut has ended, also when the cable is whole again before
    /// the relay looks.
    cuts: u64,
}

impl Cable {
    /// Lays a cable to a cluster, whole at first.
    pub fn to(cluster: &Cluster) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port()));
        let (state, seen) = watch::channel(State { way: Way::Whole, cuts: 0 });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let thread = thread::spawn(move || runtime.block_on(accept(listener, to, seen)));
        Self { port, state, thread: Some(thread) }
    }

    /// Where it listens on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database at its other end.
    pub fn url(&self, database: &str) -> String {
        url_of(self.port, database)
    }

    /// Resets every connection at both ends, and every new one until the cable is mended. After this nothing passes.
    pub fn cut(&self) {
        self.change(|state| *state = State { way: Way::Cut, cuts: state.cuts + 1 });
    }

    /// Lets nothing pass from now on, and tells nobody. What is sent meanwhile arrives when the cable is mended.
    pub fn freeze(&self) {
        self.change(|state| state.way = Way::Frozen);
    }

    /// Lets everything pass again. Connections that were cut stay so.
    pub fn mend(&self) {
        self.change(|state| state.way = Way::Whole);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        assert!(!self.state.is_closed(), "the relay runs");
        self.state.send_modify(change);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.state.send_modify(|state| state.way = Way::Gone);
        let ended = self.thread.take().expect("it is joined once").join();
        assert!(ended.is_ok() || thread::panicking(), "the relay panicked");
    }
}

async fn accept(listener: std::net::TcpListener, to: SocketAddr, mut state: watch::Receiver<State>) {
    let listener = TcpListener::from_std(listener).unwrap();
    let watched = state.clone();
    let all = async {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            tokio::spawn(relay(client, to, watched.clone()));
        }
    };
    tokio::select! {
        () = all => {}
        _ = state.wait_for(|state| state.way == Way::Gone) => {}
    }
}

/// One connection, from its beginning to its end.
async fn relay(mut client: TcpStream, to: SocketAddr, mut state: watch::Receiver<State>) {
    let Ok(begun) = state.wait_for(|state| state.way != Way::Frozen).await.map(|begun| *begun) else { return };
    if begun.way == Way::Cut {
        return reset(&client);
    }
    let Ok(mut server) = TcpStream::connect(to).await else { return reset(&client) };
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let asks = pump(from_client, to_server, state.clone(), begun.cuts);
    let answers = pump(from_server, to_client, state.clone(), begun.cuts);
    let ended = tokio::select! {
        ended = async { tokio::try_join!(asks, answers) } => ended.is_ok(),
        _ = state.wait_for(|state| state.cuts != begun.cuts) => false,
    };
    if !ended {
        reset(&client);
        reset(&server);
    }
}

/// Carries what one end sends to the other, and then that nothing more comes.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut state: watch::Receiver<State>,
    cuts: u64,
) -> io::Result<()> {
    let mut buffer = [0; BUFFER_BYTES];
    loop {
        let count = from.read(&mut buffer).await?;
        let mut rest = &buffer[..count];
        while !rest.is_empty() {
            whole(&mut state).await?;
            to.writable().await?;
            rest = &rest[pass(rest, &to, &state, cuts)?..];
        }
        if count == 0 {
            whole(&mut state).await?;
            return to.shutdown().await;
        }
    }
}

/// Waits until the cable is whole.
async fn whole(state: &mut watch::Receiver<State>) -> io::Result<()> {
    state.wait_for(|state| state.way == Way::Whole).await.map(drop).map_err(io::Error::other)
}

/// Sends what can be sent at once, and gives how many bytes. The state cannot change meanwhile: nothing passes after
/// the test has changed it.
fn pass(bytes: &[u8], to: &WriteHalf<'_>, state: &watch::Receiver<State>, cuts: u64) -> io::Result<usize> {
    let now = state.borrow();
    if now.cuts != cuts {
        return Err(ErrorKind::ConnectionReset.into());
    }
    if now.way != Way::Whole {
        return Ok(0);
    }
    match to.try_write(bytes) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        sent => sent,
    }
}

/// Lets the end of a connection be a reset.
fn reset(stream: &TcpStream) {
    // It may be gone already.
    drop(stream.set_zero_linger());
}
