//! Power cuts, as near as a process comes to one: kill -9 under load, 25 times on one data directory.
//!
//! After each round the ledger is verified, the server started again, and every person asked for what was acknowledged:
//! all of it must be there. A call that got no answer may have happened or not; it is repeated with its idempotency key,
//! which must then give one answer and have happened once.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::identities::identity;

const ROUNDS: usize = 25;
const PEOPLE: usize = 24;
/// After how many acknowledged writes of a round the process is killed.
const KILL_AFTER: usize = 60;
const HALL: &str = "hangzhou-shi-crj";

struct Process {
    child: Child,
    url: String,
}

async fn start(data: &Path) -> Process {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut child = Command::new(env!("CARGO_BIN_EXE_hallpass"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(["--config".as_ref(), config.as_os_str(), "--data".as_ref(), data.as_os_str()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    let line = lines.next_line().await.unwrap().expect("the server says where it listens");
    let url = line.strip_prefix("listening on ").expect("the line of the contract").to_owned();
    Process { child, url }
}

/// One person at one phone: makes one call after the other and remembers what was acknowledged.
struct Person {
    number: usize,
    token: String,
    calls: usize,
    /// The appointments as the last acknowledged answer showed them.
    known: HashMap<String, Value>,
    /// The call that got no answer: path, body, key.
    in_doubt: Option<(String, Value, String)>,
}

impl Person {
    async fn open(client: &Client, url: &str, number: usize) -> Self {
        let body = json!({ "name": "样本", "id_number": identity(number), "phone": "19900000001" });
        let answer = client.post(format!("{url}/v1/session")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let token = answer.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned();
        Self { number, token, calls: 0, known: HashMap::new(), in_doubt: None }
    }

    /// The next call of this person: book, move, cancel, and again.
    fn next_call(&self, days: &[String]) -> (String, Value) {
        let active = self.known.values().find(|known| known["status"] == "booked");
        let turn = self.number + self.calls;
        let (date, start) = (&days[turn % days.len()], ["08:30", "09:00", "10:30", "13:30"][turn % 4]);
        match active.map(|known| known["id"].as_str().unwrap()) {
            None => ("/v1/appointments".into(), booking(date, start)),
            Some(id) if self.calls % 3 == 1 => {
                (format!("/v1/appointments/{id}/reschedule"), json!({ "hall": HALL, "date": date, "start": start }))
            }
            Some(id) => (format!("/v1/appointments/{id}/cancel"), Value::Null),
        }
    }

    /// Makes calls until one gets no answer.
    async fn run(
        mut self,
        client: Client,
        url: String,
        days: Arc<Vec<String>>,
        acknowledged: Arc<AtomicUsize>,
    ) -> Self {
        loop {
            let (path, body) = self.next_call(&days);
            let key = format!("person-{}-call-{}", self.number, self.calls);
            self.in_doubt = Some((path.clone(), body.clone(), key.clone()));
            let Some(answer) = self.call(&client, &url, &path, &body, &key).await else { return self };
            self.acknowledge(&answer);
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The answer of a call; none where the connection ended without one.
    async fn call(&self, client: &Client, url: &str, path: &str, body: &Value, key: &str) -> Option<Value> {
        let mut request = client.post(format!("{url}{path}")).bearer_auth(&self.token).header("Idempotency-Key", key);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let text = answer.text().await.ok()?;
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).ok()
    }

    fn acknowledge(&mut self, answer: &Value) {
        let appointment = answer.get("appointments").map_or(answer, |party| &party[0]);
        self.known.insert(appointment["id"].as_str().unwrap().to_owned(), appointment.clone());
        self.calls += 1;
        self.in_doubt = None;
    }

    /// Repeats the call that got no answer, and compares everything with what the server shows.
    async fn compare(&mut self, client: &Client, url: &str) {
        if let Some((path, body, key)) = self.in_doubt.take() {
            let answer = self.call(client, url, &path, &body, &key).await.expect("the server is there again");
            let again = self.call(client, url, &path, &body, &key).await.expect("the server is there again");
            assert_eq!(answer, again, "a repeat gets the first answer");
            self.acknowledge(&answer);
        }
        let list =
            client.get(format!("{url}/v1/appointments?limit=100")).bearer_auth(&self.token).send().await.unwrap();
        let shown: Value = list.json().await.unwrap();
        let shown: HashMap<&str, &Value> =
            shown["appointments"].as_array().unwrap().iter().map(|one| (one["id"].as_str().unwrap(), one)).collect();
        assert_eq!(shown.len(), self.known.len().min(100), "person {}", self.number);
        for (id, known) in &self.known {
            assert_eq!(shown.get(id.as_str()).copied(), Some(known), "person {}", self.number);
        }
    }
}

fn booking(date: &str, start: &str) -> Value {
    json!({
        "hall": HALL, "service": "passport.renewal", "date": date, "start": start, "residence": "330106",
        "emergency_contact": { "name": "样本", "phone": "19900000002" }, "collection": { "method": "counter" },
    })
}

async fn open_days(client: &Client, url: &str) -> Vec<String> {
    let slots = client.get(format!("{url}/v1/halls/{HALL}/slots?service=passport.renewal")).send().await.unwrap();
    let slots: Value = slots.json().await.unwrap();
    let days = slots["days"].as_array().unwrap().iter().filter(|day| day["open"] == true);
    let days: Vec<String> = days.map(|day| day["date"].as_str().unwrap().to_owned()).collect();
    // The first may turn into today while the test runs.
    days[1..].to_vec()
}

async fn verify(data: &Path) {
    let audit =
        Command::new(env!("CARGO_BIN_EXE_hallpass")).arg("verify").arg("--data").arg(data).output().await.unwrap();
    assert!(
        audit.status.success(),
        "{}{}",
        String::from_utf8_lossy(&audit.stdout),
        String::from_utf8_lossy(&audit.stderr)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_acknowledged_is_there_after_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let client = Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let mut process = start(&data).await;
    let days = Arc::new(open_days(&client, &process.url).await);
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(Person::open(&client, &process.url, number).await);
    }
    for round in 0..ROUNDS {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let start_of_person = |person: Person| {
            tokio::spawn(person.run(client.clone(), process.url.clone(), Arc::clone(&days), Arc::clone(&acknowledged)))
        };
        let running: Vec<_> = people.drain(..).map(start_of_person).collect();
        while acknowledged.load(Ordering::Relaxed) < KILL_AFTER + round {
            tokio::task::yield_now().await;
        }
        process.child.kill().await.unwrap();
        for person in running {
            people.push(person.await.unwrap());
        }
        verify(&data).await;
        process = start(&data).await;
        for person in &mut people {
            person.compare(&client, &process.url).await;
        }
    }
    let calls: usize = people.iter().map(|person| person.calls).sum();
    assert!(calls >= ROUNDS * KILL_AFTER, "{calls}");
}
