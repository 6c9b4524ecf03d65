//! Somebody else's server: whether it can be played against, and which of its days is the newest.

use chrono::NaiveDate;
use hyper::Uri;
use serde_json::Value;

use super::fault::SimulateFault;
use super::places::halls;
use super::rush::client::{Asked, Client, Heard, LOOK_TIMEOUT, LOST};
use super::rush::identity::Identity;
use super::rush::record::{Call, Recorder};
use super::rush::script::person;
use crate::config::scenario::Scenario;
use crate::domain::snapshot::Snapshot;

/// So many of the first visitors are asked whether they have been there before.
const ASKED_VISITORS: u32 = 48;

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
/// [`SimulateFault::Server`] where it is no hallpass, has another configuration, takes no made-up persons, has been played
/// against before, or has no day that can be booked.
pub async fn window(url: &str, snapshot: &Snapshot, scenario: &Scenario) -> Result<Window, SimulateFault> {
    let fault = |what: String| SimulateFault::Server { url: url.to_owned(), what };
    judge_address(url).map_err(fault)?;
    let client = Client::new(url, Recorder::default());
    let ready = client.aside(Asked::get(Call::Read, "/readyz".into(), ""), LOOK_TIMEOUT).await;
    judge(&ready, &snapshot.version).map_err(fault)?;
    judge_fresh(&client).await.map_err(fault)?;
    let hall = halls(snapshot, scenario).next().map(|hall| hall.id.as_str()).unwrap_or_default();
    let service = scenario.services.first().map(|(service, _)| service.as_str()).unwrap_or_default();
    let slots = client.look(format!("/v1/halls/{hall}/slots?service={service}"), "").await;
    let open = |day: &Value| (day["open"] == true).then(|| day["date"].as_str()?.parse().ok()).flatten();
    let days: Vec<NaiveDate> = slots.body["days"].as_array().into_iter().flatten().filter_map(open).collect();
    match (days.first(), days.last()) {
        (Some(first_day), Some(new_day)) => Ok(Window { first_day: *first_day, new_day: *new_day }),
        _ => Err(fault(format!("has no day on which {hall} can be booked for {service}"))),
    }
}

/// Whether a token is that of somebody who may see every hall of the scenario.
///
/// # Errors
/// [`SimulateFault::Server`] where it is not.
pub async fn judge_token(
    url: &str,
    token: &str,
    snapshot: &Snapshot,
    scenario: &Scenario,
    day: NaiveDate,
) -> Result<(), SimulateFault> {
    let client = Client::new(url, Recorder::default());
    for hall in halls(snapshot, scenario) {
        let heard = client.look(format!("/v1/admin/halls/{}/days/{day}", hall.id), token).await;
        if !heard.is_ok() {
            let what = format!(
                "does not let the token of --admin-token-file see {} ({}); name that of an administrator",
                hall.id,
                heard.code()
            );
            return Err(SimulateFault::Server { url: url.to_owned(), what });
        }
    }
    Ok(())
}

/// Whether an address is one that can be called.
fn judge_address(url: &str) -> Result<(), String> {
    let address: Option<Uri> = url.parse().ok();
    let can_be_called = address.is_some_and(|uri| uri.scheme_str() == Some("http") && uri.authority().is_some());
    let wrong = "is no address that can be called; give one such as http://127.0.0.1:8080";
    if can_be_called { Ok(()) } else { Err(wrong.into()) }
}

/// Whether none of the visitors has been there before: those of every run are the same persons, and whoever has an
/// appointment already is rightly refused another.
async fn judge_fresh(client: &Client) -> Result<(), String> {
    for number in 0..ASKED_VISITORS {
        let body = person(&Identity::nth(number));
        let opened = Asked::post(Call::Session, "/v1/session".into(), "", Some(&body));
        let opened = client.aside(opened, LOOK_TIMEOUT).await;
        let token = opened.body["token"].as_str().unwrap_or_default();
        let own = client.look("/v1/appointments?limit=1".into(), token).await;
        if own.body["appointments"].as_array().is_some_and(|appointments| !appointments.is_empty()) {
            return Err("has been played against before; start it with a data directory of its own (--data)".into());
        }
    }
    Ok(())
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
    fn only_http_can_be_called() {
        for url in ["http://127.0.0.1:8080", "http://hall.example/", "http://[::1]:1/booking"] {
            assert_eq!(judge_address(url), Ok(()), "{url}");
        }
        for url in ["", "127.0.0.1:8080", "https://hall.example", "file:///etc/passwd", "http://", "http:// x"] {
            assert!(judge_address(url).is_err(), "{url}");
        }
    }

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
