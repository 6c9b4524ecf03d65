//! `/metrics`: text that Prometheus reads, with a bounded number of series.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::json;

use super::appointments::{hold, id, renewal};
use super::caller::hear;
use super::test_app::TestApp;

/// The samples of an exposition, by name and labels. Wants every line to be one of the format.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    let mut described = BTreeSet::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "# EOF" {
            assert_eq!(lines.peek(), None, "something comes after the end");
            return samples;
        }
        if let Some(comment) = line.strip_prefix("# ") {
            let (keyword, rest) = comment.split_once(' ').expect(line);
            let (name, _) = rest.split_once(' ').expect(line);
            assert!(matches!(keyword, "HELP" | "TYPE" | "UNIT") && is_name(name), "{line}");
            assert!(described.insert(format!("{keyword} {name}")), "{line} stands twice");
            continue;
        }
        let (series, value) = line.rsplit_once(' ').expect(line);
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        assert!(is_name(name) && name.starts_with("hallpass_"), "{line}");
        let labels = labels.strip_suffix('}').expect(line);
        for label in labels.split("\",").filter(|label| !label.is_empty()) {
            let (label, value) = label.split_once("=\"").expect(line);
            assert!(is_name(label) && !value.trim_end_matches('"').contains('"'), "{line}");
        }
        let family = ["_total", "_bucket", "_sum", "_count", "_info", ""].iter().find_map(|suffix| {
            let family = name.strip_suffix(suffix)?;
            described.contains(&format!("TYPE {family}")).then_some(family)
        });
        assert!(family.is_some(), "{line} has no type");
        assert!(samples.insert(series.to_owned(), value).is_none(), "{line} stands twice");
    }
    panic!("the text has no end");
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

async fn scraped(app: &TestApp) -> BTreeMap<String, f64> {
    let heard = app.nobody().get("/metrics").await;
    assert!(heard.header("content-type").starts_with("application/openmetrics-text"), "{:?}", heard.headers);
    samples(&heard.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let booked = caller.booked(&renewal("08:30")).await;
    caller.post_nothing(&format!("/v1/appointments/{}/cancel", id(&booked))).await.ok(200);
    caller.booked(&hold("08:30")).await;
    caller.post("/v1/appointments", &renewal("08:30")).await.refused(409, "already_booked");
    app.nobody().get("/v1/halls/nowhere").await.refused(404, "unknown_hall");
    let samples = scraped(&app).await;
    for (series, value) in [
        ("hallpass_appointment_changes_total{change=\"booked\"}", 1.0),
        ("hallpass_appointment_changes_total{change=\"cancelled\"}", 1.0),
        ("hallpass_appointment_changes_total{change=\"held\"}", 1.0),
        ("hallpass_problems_total{code=\"already_booked\"}", 1.0),
        ("hallpass_problems_total{code=\"internal\"}", 0.0),
        ("hallpass_http_requests_total{route=\"/v1/appointments\",method=\"POST\",status=\"201\"}", 2.0),
        ("hallpass_http_requests_total{route=\"/v1/halls/{hall}\",method=\"GET\",status=\"404\"}", 1.0),
        ("hallpass_http_request_duration_seconds_count{route=\"/v1/appointments\"}", 3.0),
        ("hallpass_appointments", 2.0),
        ("hallpass_holds", 1.0),
        ("hallpass_read_only", 0.0),
        ("hallpass_recovered", 1.0),
        ("hallpass_ledger_entries_total", 3.0),
    ] {
        assert_eq!(samples.get(series), Some(&value), "{series}");
    }
    let buckets: Vec<f64> = samples
        .iter()
        .filter(|(series, _)| {
            series.starts_with("hallpass_http_request_duration_seconds_bucket{") && series.contains("\"/v1/session\"")
        })
        .map(|(_, value)| *value)
        .collect();
    assert!(buckets.len() > 5 && buckets.contains(&1.0), "{buckets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_makes_no_new_series() {
    let app = TestApp::start().await;
    let caller = app.person(1).await;
    let methods = ["BREW", "PURGE", "M-SEARCH", "DELETE"].map(|name| Method::from_bytes(name.as_bytes()).unwrap());
    let ask = async |round: usize| {
        for at in 0..10 {
            let nonce = format!("{round}-{at}");
            caller.get(&format!("/{nonce}")).await.refused(404, "not_found");
            caller.get(&format!("/v1/halls/{nonce}")).await.refused(404, "unknown_hall");
            caller.get(&format!("/v1/appointments/{nonce}")).await.refused(404, "unknown_appointment");
            caller.get(&format!("/v1/halls?x{nonce}=1")).await.refused(400, "malformed_request");
            for method in &methods {
                hear(caller.request(method.clone(), &format!("/v1/halls/{nonce}")))
                    .await
                    .refused(405, "method_not_allowed");
                hear(caller.request(method.clone(), &format!("/{nonce}"))).await.refused(404, "not_found");
            }
            let body = json!({ "hall": nonce, "service": nonce, "date": nonce, "start": nonce });
            caller.post("/v1/appointments", &body).await.refused(404, "unknown_hall");
        }
        // What the scrape itself counts is there from the second on.
        scraped(&app).await;
        scraped(&app).await.into_keys().collect::<BTreeSet<String>>()
    };
    let first = ask(0).await;
    assert_eq!(ask(1).await, first);
    assert!(first.iter().all(|series| !series.contains("0-") && !series.contains("BREW")), "{first:?}");
    assert!(
        first.contains("hallpass_http_requests_total{route=\"unmatched\",method=\"other\",status=\"404\"}"),
        "{first:?}"
    );
}
