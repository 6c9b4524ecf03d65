//! The word by which an instance wakes the others.

use crate::world::plan::Plan;
use crate::world::postgres::{Session, sql};
use crate::world::shared::Shared;
use crate::world::{At, noon};

/// Somebody who listens as an instance does.
struct Listener(Session);

impl Listener {
    fn start(url: &str) -> Self {
        let mut session = Session::open(url);
        session.send("LISTEN hallpass");
        session.send("SELECT 'listening'");
        assert_eq!(session.answer().as_deref(), Some("listening"));
        Self(session)
    }

    /// The next word that was passed on. They come in the order in which they were said.
    fn word(&mut self) -> String {
        loop {
            // `psql` looks for words behind each statement.
            self.0.send("SELECT 'is there a word?'");
            let line = self.0.answer().unwrap();
            if line.starts_with("Asynchronous notification") {
                return line.split('"').nth(3).unwrap().to_owned();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_passed_on_where_there_is_another_instance() {
    let shared = Shared::start();
    let one = shared.join(&Plan::simple(4), noon()).await;
    let mut listener = Listener::start(&shared.url);
    one.booked(1, At::passport(1, 0)).await;
    sql(&shared.url, "NOTIFY hallpass, 'the test'");
    assert_eq!(listener.word(), "the test", "who is alone wakes nobody");

    let _other = shared.join(&Plan::simple(4), noon()).await;
    one.booked(2, At::passport(1, 0)).await;
    sql(&shared.url, "NOTIFY hallpass, 'the test'");
    let last = "SELECT origin FROM hallpass.journal ORDER BY sequence DESC LIMIT 1";
    assert_eq!(listener.word(), sql(&shared.url, last));
    assert_eq!(listener.word(), "the test");
}
