//! Who calls in a test. Whatever a call is about, what is heard is held against the contract of every answer and against
//! the description of the API.

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};

use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Method, Request, RequestBuilder};
use serde_json::Value;

use super::description::description;
use super::heard::Heard;

/// The way to a server.
#[derive(Debug, Clone)]
pub struct Door {
    client: Client,
    address: Arc<RwLock<Option<SocketAddr>>>,
}

impl Door {
    /// A door that leads nowhere yet.
    pub fn closed() -> Self {
        let client = Client::builder().no_proxy().build().unwrap();
        Self { client, address: Arc::default() }
    }

    /// Leads to a server from now on.
    pub fn lead_to(&self, address: SocketAddr) {
        *self.address.write().unwrap() = Some(address);
    }

    /// A door that leads to a server.
    pub fn to(address: SocketAddr) -> Self {
        let door = Self::closed();
        door.lead_to(address);
        door
    }

    pub fn address(&self) -> SocketAddr {
        self.address.read().unwrap().expect("the door leads to a server")
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }
}

/// Somebody who calls: a person with a session, a member of staff, or nobody.
#[derive(Debug, Clone)]
pub struct Caller {
    pub door: Door,
    token: Option<String>,
}

impl Caller {
    pub fn new(door: Door, token: Option<String>) -> Self {
        Self { door, token }
    }

    /// A request with the caller's token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.door.client.request(method, self.door.url(path));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Heard {
        hear(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Heard {
        hear(self.posting(path, body)).await
    }

    /// Posts without a body.
    pub async fn post_nothing(&self, path: &str) -> Heard {
        hear(self.request(Method::POST, path)).await
    }

    /// Posts with an idempotency key.
    pub async fn post_keyed(&self, path: &str, body: &Value, key: &str) -> Heard {
        hear(self.posting(path, body).header("idempotency-key", key)).await
    }

    /// Posts a body as it is, said to be JSON.
    pub async fn post_raw(&self, path: &str, body: impl Into<Vec<u8>>) -> Heard {
        hear(self.request(Method::POST, path).header("content-type", "application/json").body(body.into())).await
    }

    /// Books and wants it to be done. Gives the only appointment.
    pub async fn booked(&self, body: &Value) -> Value {
        let party = self.post("/v1/appointments", body).await.ok(201);
        let [only] = party["appointments"].as_array().unwrap().as_slice() else { panic!("not one: {party}") };
        only.clone()
    }

    fn posting(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.request(Method::POST, path);
        if body.is_null() { request } else { request.json(body) }
    }
}

/// Sends a request, and wants of the answer what every answer must be.
pub async fn hear(request: RequestBuilder) -> Heard {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let sent = sent_json(&request);
    let answer = client.execute(request).await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    let is_json = headers.get("content-type").is_some_and(|kind| kind.to_str().unwrap().ends_with("json"));
    let is_head = method == Method::HEAD;
    let body = if is_json && !is_head { serde_json::from_str(&text).unwrap() } else { Value::Null };
    let heard = Heard { status, headers, body, text };
    heard.judge(is_head, &path);
    if let Err(misfit) = description().judge(method.as_str(), &path, sent.as_ref(), &heard) {
        panic!("{method} {path}, {status}: {misfit}\n{}", heard.text);
    }
    heard
}

fn sent_json(request: &Request) -> Option<Value> {
    serde_json::from_slice(request.body()?.as_bytes()?).ok()
}
