//! A connection without a client in between: bytes go out, answers come back.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub version: String,
    pub status: u16,
    /// Fields by lower-case name.
    pub fields: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Wants a problem document with this status and code.
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.field("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(self.field("x-content-type-options"), "nosniff", "{self:?}");
        assert_eq!(self.field("cross-origin-resource-policy"), "same-origin", "{self:?}");
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{self:?}");
        assert_eq!(problem["type"], format!("urn:hallpass:problem:{code}"));
        let id = self.field("x-request-id");
        assert!(!id.is_empty(), "an answer has an id, also where its request could not be read");
        assert_eq!(problem["instance"], format!("urn:hallpass:request:{id}"));
    }
}

/// Sends bytes on a connection of their own and reads until the server closes it.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut heard = Vec::new();
    // A server that refuses early need not read everything; what matters is what it says.
    let (_, read) = tokio::join!(writing.write_all(bytes), reading.read_to_end(&mut heard));
    read.unwrap();
    answers(&heard)
}

/// The answers in a stream of bytes, each with the length that it announces.
pub fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head has an end");
        let head = std::str::from_utf8(&bytes[..end]).expect("a head is ASCII");
        let mut lines = head.split("\r\n");
        let (version, rest) = lines.next().unwrap().split_once(' ').unwrap();
        let field =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())).unwrap();
        let fields: HashMap<String, String> = lines.map(field).collect();
        let status: u16 = rest[..3].parse().unwrap();
        let length = fields.get("content-length").map_or(0, |length| length.parse().unwrap());
        let body = String::from_utf8(bytes[end + 4..end + 4 + length].to_vec()).unwrap();
        bytes = &bytes[end + 4 + length..];
        answers.push(Answer { version: version.to_owned(), status, fields, body });
    }
    answers
}
