//! Connections: accepted within bounds, served with HTTP/1.1, and finished before the process ends.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::wire::Wire;

/// How many connections are open at once; the next ones wait in the listener's queue.
pub const MAX_CONNECTIONS: usize = 16_384;
/// How long the head of a request may take to arrive, or the next request on a connection that is kept.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a shutdown waits for what is in flight, in seconds.
pub const SHUTDOWN_SECONDS: u64 = 20;
/// The most that is read ahead of a head or a body. Above the bounds of the envelope, whose refusals are more telling.
const READ_AHEAD_BYTES: usize = 64 * 1024;
/// How long to wait after a failed accept: it fails for want of memory or file handles, which take a moment to return.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves a router on a listener until `shutdown` is ready, then finishes what is in flight.
///
/// Returns when the last connection is closed, or after [`SHUTDOWN_SECONDS`].
pub async fn run(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, place) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let connection = graceful.watch(connection(stream, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended with an error");
            }
            drop(place);
        });
    }
    drop(listener);
    let open = graceful.count();
    tracing::info!(open, "no longer accepting connections");
    if tokio::time::timeout(Duration::from_secs(SHUTDOWN_SECONDS), graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = SHUTDOWN_SECONDS, "connections are still open; not waiting for them any longer");
    }
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                without_delay(&stream);
                return (stream, place);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "connections cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn without_delay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
}

/// Whether only the connection that was about to be accepted is lost.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

fn connection(
    stream: TcpStream,
    router: Router,
) -> http1::Connection<TokioIo<Wire<TcpStream>>, TowerToHyperService<Router>> {
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(READ_AHEAD_BYTES)
        .serve_connection(TokioIo::new(Wire::new(stream)), TowerToHyperService::new(router))
}
