//! The limit: a bare axum server that parses the body of a booking and answers as many bytes as hallpass does.
//!
//! Arguments: `CASE=BYTES`, one for each size to answer with. `POST /echo/CASE` parses a booking first, `GET /echo/CASE`
//! has nothing to parse; `POST /echo/body` answers with the body itself. Same runtime, same allocator, same machine; no
//! rules, no sessions, no ledger. An answer is made once and shared, so that nothing slows the limit down.

#![allow(clippy::print_stdout, reason = "a program of a measurement, which is read by the script that runs it")]

use std::net::SocketAddr;

use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
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

/// A JSON text of this many bytes, at least two.
fn filling(bytes: usize) -> Bytes {
    let mut text = vec![b'x'; bytes.max(2)];
    text[0] = b'"';
    *text.last_mut().expect("two bytes at least") = b'"';
    text.into()
}

const JSON: [(axum::http::HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let body = post(|Json(booking): Json<Booking>| async move { Json(booking) });
    let mut router = Router::new().route("/echo/body", body);
    for argument in std::env::args().skip(1) {
        let (case, bytes) = argument.split_once('=').ok_or("give CASE=BYTES")?;
        let answer = filling(bytes.parse()?);
        let for_get = answer.clone();
        let parsed = post(move |Json(_): Json<Booking>| async move { (JSON, answer) });
        router = router.route(&format!("/echo/{case}"), parsed.merge(get(move || async move { (JSON, for_get) })));
    }
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
