//! Somebody else's server: whether it can be played against, and which of its days is the newest.

use chrono::NaiveDate;
use serde_json::Value;

use super::fault::SimulateFault;
use super::places::halls;
use super::rush::client::{Asked, Client, Heard, LOST};
use super::rush::record::{Call, Recorder};
use crate::config::scenario::Scenario;
use crate::domain::snapshot::Snapshot;

/// The days of a server that can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first.
    pub first_day: NaiveDate,
    /// The last, which has been opened latest.
    pub new_day: NaiveDate,
}

/// Asks a server for its window.
///
/// # Errors
/// [`SimulateFault::Server`] where it is no hallpass, has another configuration, takes no made-up persons, or has no day
/// that can be booked.
pub async fn window(url: &str, snapshot: &Snapshot, scenario: &Scenario) -> Result<Window, SimulateFault> {
    let fault = |what: String| SimulateFault::Server { url: url.to_owned(), what };
    let client = Client::new(url, Recorder::default());
    let ready = client.ask(Asked::get(Call::Read, "/readyz".into(), "")).await;
    judge(&ready, &snapshot.version).map_err(fault)?;
    let hall = halls(snapshot, scenario).next().map(|hall| hall.id.as_str()).unwrap_or_default();
    let service = scenario.services.first().map(|(service, _)| service.as_str()).unwrap_or_default();
    let slots = client.ask(Asked::get(Call::Slots, format!("/v1/halls/{hall}/slots?service={service}"), "")).await;
    let open = |day: &Value| (day["open"] == true).then(|| day["date"].as_str()?.parse().ok()).flatten();
    let days: Vec<NaiveDate> = slots.body["days"].as_array().into_iter().flatten().filter_map(open).collect();
    match (days.first(), days.last()) {
        (Some(first_day), Some(new_day)) => Ok(Window { first_day: *first_day, new_day: *new_day }),
        _ => Err(fault(format!("has no day on which {hall} can be booked for {service}"))),
    }
}

/// Whether an answer to `/readyz` is that of a server that can be played against.
fn judge(ready: &Heard, version: &str) -> Result<(), String> {
    let text = |member: &str| ready.body[member].as_str().unwrap_or_default();
    if ready.status == LOST {
        return Err("does not answer; start it, or leave --url out to have one of its own".into());
    }
    if text("version").is_empty() || text("identity").is_empty() {
        return Err("is no hallpass: GET /readyz says nothing of a configuration and of identities".into());
    }
    if text("status") != "ready" {
        return Err(format!("is {}; try again when it is ready", text("status")));
    }
    if text("identity") != "demo" {
        return Err("takes real persons only; play against one with identity.mode = \"demo\"".into());
    }
    if text("version") != version {
        return Err(format!("runs the configuration {}, and --config has {version}; name the same", text("version")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_ready_demonstration_with_the_same_configuration_is_played_against() {
        let judged = |status, body: Value| judge(&Heard { status, body }, "abc").err().unwrap_or_default();
        let ready = |status: &str, version: &str, identity: &str| json!({"status": status, "version": version, "identity": identity});
        assert_eq!(judged(200, ready("ready", "abc", "demo")), "");
        for (status, body, words) in [
            (LOST, Value::Null, "does not answer"),
            (200, json!({"hello": "world"}), "no hallpass"),
            (404, Value::Null, "no hallpass"),
            (503, ready("recovering", "abc", "demo"), "is recovering"),
            (200, ready("ready", "abc", "oidc"), "real persons"),
            (200, ready("ready", "xyz", "demo"), "runs the configuration xyz"),
        ] {
            assert!(judged(status, body).contains(words), "{words}");
        }
    }
}
