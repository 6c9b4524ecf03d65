//! The limit: a bare axum server that parses the body of a booking and answers with it.
//!
//! Argument: `echo` for the body alone, or `filled` for the body filled up to the size of the answer to a booking. Same runtime, same allocator, same machine; no rules, no sessions, no ledger.

use std::net::SocketAddr;

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Booking {
    hall: String,
    service: String,
    date: String,
    start: String,
    hold: bool,
    applicants: Vec<Applicant>,
    residence: String,
    emergency_contact: Contact,
    collection: Collection,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Applicant {
    name: String,
    id_number: String,
    phone: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    name: String,
    phone: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Collection {
    method: String,
}

/// What is missing to the size of a booking's answer, in bytes.
const FILLING_BYTES: usize = 192;
static FILLING: [u8; FILLING_BYTES] = [b'x'; FILLING_BYTES];

#[derive(Serialize)]
struct Filled {
    booking: Booking,
    filling: &'static str,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let filling = std::str::from_utf8(&FILLING).expect("letters are ASCII");
    let echo = post(|Json(booking): Json<Booking>| async move { Json(booking) });
    let filled = post(move |Json(booking): Json<Booking>| async move { Json(Filled { booking, filling }) });
    let answer = if std::env::args().nth(1).as_deref() == Some("filled") { filled } else { echo };
    let router = Router::new().route("/v1/appointments", answer);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await
}
