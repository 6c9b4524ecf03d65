//! Heads and bodies that no client library sends: bombs, broken framing, old versions, several calls at once.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::appointments::renewal;
use super::test_app::TestApp;
use super::wire::{Answer, answers, exchange};
use crate::identities::person;

/// The only answer to some bytes, after which the server closes the connection.
async fn only(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Answer {
    let mut heard = exchange(address, bytes.as_ref()).await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    heard.remove(0)
}

/// The token of a made-up person.
async fn token(app: &TestApp, number: usize) -> String {
    let session = app.nobody().post("/v1/session", &person(number)).await.ok(201);
    session["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_bomb_is_a_problem() {
    let app = TestApp::start().await;
    let at = app.door.address();
    let get = |fields: &str| format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{fields}\r\n");
    assert_eq!(only(at, get(&"x: y\r\n".repeat(98))).await.status, 200);
    for fields in ["x: y\r\n".repeat(99), "x: y\r\n".repeat(5_000), "x: y\r\n".repeat(100_000)] {
        only(at, get(&fields)).await.refused(431, "too_large");
    }
    let one = |bytes: usize| format!("x: {}\r\n", "y".repeat(bytes));
    assert_eq!(only(at, get(&one(16_000))).await.status, 200);
    for bytes in [17_000, 70_000, 900_000] {
        only(at, get(&one(bytes))).await.refused(431, "too_large");
    }
    only(at, get(&format!("{}: y\r\n", "x".repeat(70_000)))).await.refused(431, "too_large");
    for bytes in [8_200, 60_000] {
        let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "y".repeat(bytes));
        only(at, long).await.refused(414, "too_large");
    }
    let endless = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "y".repeat(900_000));
    let refused = only(at, endless).await;
    refused.refused(refused.status, "too_large");
    assert!(matches!(refused.status, 414 | 431));
    let query = format!("GET /v1/halls?lat={} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "1".repeat(9_000));
    only(at, query).await.refused(414, "too_large");
    only(at, get("host: y\r\n")).await.refused(400, "malformed_request");
    app.nobody().get("/healthz").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_stops_sending_is_cut_off() {
    let app = TestApp::start().await;
    let head =
        "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let field = format!("x: {}\r\n", "y".repeat(1_000));
    let chunk = format!("3e8\r\n{}\r\n", " ".repeat(1_000));
    for (begin, more) in [("GET / HTTP/1.1\r\n", field), (head, chunk)] {
        let mut stream = TcpStream::connect(app.door.address()).await.unwrap();
        stream.write_all(begin.as_bytes()).await.unwrap();
        // Whether the answer arrives depends on what is on the way when the server closes; that it closes does not.
        while stream.write_all(more.as_bytes()).await.is_ok() {}
    }
    app.nobody().get("/healthz").await.ok(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_a_problem() {
    let app = TestApp::start().await;
    let at = app.door.address();
    let post = "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    for bytes in [
        b"nonsense\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost: x\r\nx : y\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nhost: x\r\nx: \0\r\n\r\n".to_vec(),
        b"GET /\x01 HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
        b"G\xffT / HTTP/1.1\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        format!("{post}content-length: 1\r\ncontent-length: 2\r\n\r\nxx").into(),
        format!("{post}content-length: -1\r\n\r\n").into(),
        format!("{post}content-length: 99999999999999999999999\r\n\r\n").into(),
        format!("{post}transfer-encoding: gzip\r\n\r\n").into(),
    ] {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let heard = exchange(at, &bytes).await;
        assert_eq!(heard.iter().map(|answer| answer.status).collect::<Vec<_>>(), [400], "{shown:?}");
        heard[0].refused(400, "malformed_request");
    }
    // Bytes beyond ASCII in a path are no text that names anything.
    let answer = only(at, b"GET /v1/halls/\xe6\x9d\xad HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(matches!(answer.status, 400 | 404), "{answer:?}");
    answer.refused(answer.status, if answer.status == 400 { "malformed_request" } else { "unknown_hall" });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_has_the_same_bounds() {
    let app = TestApp::start().await;
    let (at, token) = (app.door.address(), token(&app, 1).await);
    let chunked = |chunks: &[&[u8]]| {
        let head = format!(
            "POST /v1/appointments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
             content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let mut bytes = head.into_bytes();
        for chunk in chunks {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(*chunk);
            bytes.extend(b"\r\n");
        }
        bytes
    };
    let ended = |chunks: &[&[u8]]| [chunked(chunks), b"0\r\n\r\n".to_vec()].concat();
    let spaces = [b' '; 10_000].as_slice();
    only(at, ended(&[spaces; 7])).await.refused(413, "too_large");
    only(at, ended(&[spaces; 90])).await.refused(413, "too_large");
    only(at, ended(&[spaces; 6])).await.refused(400, "malformed_request");
    let broken = [chunked(&[b"{}"]), b"zz\r\n".to_vec()].concat();
    only(at, broken).await.refused(400, "malformed_request");
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
    let body = renewal("08:30").to_string();
    let (first, second) = body.as_bytes().split_at(37);
    assert_eq!(only(at, ended(&[first, second])).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_body_is_read_ends_the_connection_and_says_so() {
    let app = TestApp::start().await;
    let (at, token) = (app.door.address(), token(&app, 1).await);
    let post = |path: &str, fields: &str, body: &[u8]| {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{fields}\r\n");
        [head.into_bytes(), body.to_vec()].concat()
    };
    let (json, bearer) = ("content-type: application/json\r\n", format!("authorization: Bearer {token}\r\n"));
    let large = vec![b' '; 60_000];
    for (path, fields, status) in [
        ("/v1/appointments", json.to_owned(), 401),
        ("/v1/appointments", bearer.clone(), 415),
        ("/v1/appointments?x", format!("{json}{bearer}"), 400),
        ("/v1/admin/check-in", format!("{json}{bearer}"), 403),
        ("/v1/nothing", json.to_owned(), 404),
        ("/v1/services", json.to_owned(), 405),
    ] {
        let answer = only(at, post(path, &fields, &large)).await;
        assert_eq!((answer.status, answer.field("connection")), (status, "close"), "{path}");
    }
    // What was read leaves the connection as it was.
    let body = person(1).to_string();
    let calls =
        [post("/v1/session", json, body.as_bytes()), post("/v1/session", json, b"{}"), post("/v1/session", "", b"{}")];
    let answers = exchange(at, &calls.concat()).await;
    let heard: Vec<_> = answers.iter().map(|answer| (answer.status, answer.field("connection"))).collect();
    assert_eq!(heard, [(201, ""), (422, ""), (415, "close")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_books_nothing() {
    let app = TestApp::start().await;
    let (at, token) = (app.door.address(), token(&app, 1).await);
    let body = renewal("08:30").to_string();
    for cut in [0, 1, body.len() / 2, body.len() - 1] {
        let head = format!(
            "POST /v1/appointments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body.as_bytes()[..cut]).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut came = Vec::new();
        stream.read_to_end(&mut came).await.unwrap();
        for answer in answers(&came) {
            answer.refused(400, "malformed_request");
        }
    }
    assert_eq!(app.taken("east", "2026-11-25", "08:30").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_clients_are_served() {
    let app = TestApp::start().await;
    let at = app.door.address();
    let answer = only(at, "GET /v1/services HTTP/1.0\r\n\r\n").await;
    assert_eq!((answer.version.as_str(), answer.status), ("HTTP/1.0", 200));
    assert_eq!(answer.json(), app.nobody().get("/v1/services").await.body);
    only(at, "GET /v1/nothing HTTP/1.0\r\n\r\n").await.refused(404, "not_found");
    // The absolute form is for proxies, and must be understood by everybody (RFC 9112, section 3.2.2).
    let absolute = "GET http://example.invalid/v1/services HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert_eq!(only(at, absolute).await.status, 200);
    let asterisk = only(at, "OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    asterisk.refused(404, "not_found");
    let tunnel = only(at, "CONNECT example.invalid:443 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    tunnel.refused(tunnel.status, if tunnel.status == 404 { "not_found" } else { "method_not_allowed" });
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_on_one_connection_are_answered_in_their_order() {
    let app = TestApp::start().await;
    let at = app.door.address();
    let body = person(1).to_string();
    let session = format!(
        "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let calls = [
        "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /v1/nothing HTTP/1.1\r\nhost: x\r\n\r\n",
        session.as_str(),
        "HEAD /v1/services HTTP/1.1\r\nhost: x\r\n\r\n",
        "DELETE /v1/services HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ];
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(calls.concat().as_bytes()).await.unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.unwrap();
    let statuses: Vec<&str> = heard.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "404", "201", "200", "405"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_first_is_told_to_go_on_or_not() {
    let app = TestApp::start().await;
    let at = app.door.address();
    let head = |length: usize| {
        format!(
            "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
             expect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let body = person(1).to_string();
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(head(body.len()).as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut came = Vec::new();
    stream.read_to_end(&mut came).await.unwrap();
    assert_eq!(answers(&came)[0].status, 201);

    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(head(1_000_000).as_bytes()).await.unwrap();
    let mut came = Vec::new();
    stream.read_to_end(&mut came).await.unwrap();
    let [refused] = answers(&came).try_into().unwrap();
    refused.refused(413, "too_large");
    assert_eq!(refused.json()["detail"], json!("a body has at most 65536 bytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_request_is_for_is_said_once_and_well() {
    let app = TestApp::start().await;
    let at = app.door.address();
    for hosts in [
        "",
        "host:\r\n",
        "host: a b\r\n",
        "host: a/b\r\n",
        "host: a@b\r\n",
        "host: a:99999\r\n",
        "host: a\r\nhost: a\r\n",
    ] {
        let refused = only(at, format!("GET /healthz HTTP/1.1\r\n{hosts}\r\n")).await;
        refused.refused(400, "malformed_request");
        assert_eq!(refused.field("connection"), "close", "{hosts:?}");
    }
    for host in ["a", "a.example:8080", "127.0.0.1", "[::1]:80"] {
        let head = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        assert_eq!(only(at, head).await.status, 200, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_ends_in_one_way_and_comes_in_no_unknown_coding() {
    let app = TestApp::start().await;
    let at = app.door.address();
    let body = person(1).to_string();
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let post = |fields: &str| {
        format!("POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{fields}\r\n\r\n{chunk}")
    };
    assert_eq!(only(at, post("connection: close\r\ntransfer-encoding: chunked")).await.status, 201);
    for (fields, status) in [
        ("transfer-encoding: gzip, chunked", 501),
        ("transfer-encoding: gzip\r\ntransfer-encoding: chunked", 501),
        ("transfer-encoding: identity, chunked", 501),
        ("transfer-encoding: chunked, chunked", 400),
    ] {
        let heard = exchange(at, post(fields).as_bytes()).await;
        // Nothing that follows is taken for another request.
        assert_eq!(heard.iter().map(|answer| answer.status).collect::<Vec<_>>(), [status], "{fields:?}");
        heard[0].refused(status, "malformed_request");
    }
    // A length beside the coding is not believed, and the connection is not used again.
    for fields in ["transfer-encoding: chunked\r\ncontent-length: 5", "content-length: 5\r\ntransfer-encoding: chunked"]
    {
        let answer = only(at, post(fields)).await;
        assert_eq!((answer.status, answer.field("connection")), (201, "close"), "{fields:?}");
    }
}

/// Found by an attack: 600 connections made the server keep 674 MiB of what nobody had identified for.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_with_slow_bodies_are_bounded_and_keep_nobody_else_out() {
    const SLOW: usize = 330;
    const BYTES: usize = 60_000;
    let app = TestApp::start().await;
    let (at, token) = (app.door.address(), token(&app, 1).await);
    let head = format!(
        "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        BYTES + 1
    );
    let begun = [head.into_bytes(), vec![b' '; BYTES]].concat();
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(&begun).await.unwrap();
        slow.push(stream);
    }
    // 16 MiB hold 279 of them: the others are told to come again, and so may be a few whom those met on their way.
    let mut told = JoinSet::new();
    for mut stream in slow {
        told.spawn(async move {
            let mut first = [0; 12];
            let heard = tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut first)).await;
            (heard.is_ok_and(|read| read.is_ok() && &first == b"HTTP/1.1 503"), stream)
        });
    }
    let (told, slow): (Vec<bool>, Vec<TcpStream>) = told.join_all().await.into_iter().unzip();
    let told = told.into_iter().filter(|told| *told).count();
    let beyond = SLOW - 16 * 1024 * 1024 / BYTES;
    assert!((beyond..2 * beyond).contains(&told), "{told} of {SLOW} were told");

    let body = renewal("08:30").to_string();
    let head = format!(
        "POST /v1/appointments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(at).await.unwrap();
    for piece in [head.as_bytes(), &body.as_bytes()[..50], &body.as_bytes()[50..]] {
        stream.write_all(piece).await.unwrap();
        stream.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut came = Vec::new();
    stream.read_to_end(&mut came).await.unwrap();
    assert_eq!(answers(&came)[0].status, 201, "who is known has room of its own");
    app.nobody().post("/v1/session", &person(2)).await.ok(201);
    drop(slow);
}
