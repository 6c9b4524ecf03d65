//! Opens sessions for made-up people at a hallpass server and prints a token a line.
//!
//! Arguments: the address of the server (`http://127.0.0.1:PORT`) and how many sessions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use tokio::sync::Mutex;

const CONNECTIONS: usize = 32;

#[derive(Deserialize)]
struct Opened {
    token: String,
}

/// The made-up ID number of the `number`th person: born in the 1970s, sequence 000 to 999.
fn id_number(number: u64) -> String {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (sequence, rest) = (number % 1_000, number / 1_000);
    let (day, month, year) = (rest % 28 + 1, rest / 28 % 12 + 1, 1970 + rest / 336 % 10);
    let head = format!("330109{year}{month:02}{day:02}{sequence:03}");
    let sum: u64 = head.bytes().zip(WEIGHTS).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    format!("{head}{}", char::from(b"10X98765432"[usize::try_from(sum % 11).expect("below 11")]))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("give the address of the server and how many sessions".into());
    };
    let count: u64 = count.parse()?;
    let (next, tokens) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
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
                    let body =
                        serde_json::json!({ "name": "样本", "id_number": id_number(number), "phone": "19900000001" });
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
