//! Opens sessions for made-up people at a hallpass server and prints a token a line.
//!
//! Arguments: the address of the server (`http://127.0.0.1:PORT`) and how many sessions.

#![allow(clippy::print_stdout, reason = "a program of a measurement, which is read by the script that runs it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hallpass::simulate::rush::identity::Identity;
use serde::Deserialize;
use tokio::sync::Mutex;

const CONNECTIONS: usize = 32;

#[derive(Deserialize)]
struct Opened {
    token: String,
}

/// Where the persons of sessions begin: in a division of which the applicants of `requests.lua` have none.
const FIRST_PERSON: u32 = 280_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("give the address of the server and how many sessions".into());
    };
    let count: u32 = count.parse()?;
    let (next, tokens) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(Vec::new())));
    let client = reqwest::Client::new();
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, server, next, tokens) =
                (client.clone(), server.clone(), Arc::clone(&next), Arc::clone(&tokens));
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok::<(), reqwest::Error>(());
                    }
                    let Identity { name, id_number, phone } = Identity::nth(FIRST_PERSON + number);
                    let body = serde_json::json!({ "name": name, "id_number": id_number, "phone": phone });
                    let answer = client.post(format!("{server}/v1/session")).json(&body).send().await?;
                    tokens.lock().await.push(answer.error_for_status()?.json::<Opened>().await?.token);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    for token in tokens.lock().await.iter() {
        println!("{token}");
    }
    Ok(())
}
