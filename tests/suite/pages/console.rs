//! What a browser says about the pages to their makers, and how much they weighed.
//!
//! A refusal is a page too: that a page itself comes with a status such as 422 is no error here. Anything else that
//! does not load is one, and so is a script that fails, and whatever the policy of content forbids.

use serde_json::{Value, json};

use super::driver::{Fault, Session};

/// What has been heard of a browser so far.
#[derive(Debug, Default)]
pub struct Console {
    /// Nobody has asked for these yet.
    pub errors: Vec<String>,
    /// Bytes that came over the line, heads included, since the count began.
    pub bytes: u64,
    /// Pages that came, where a page sends on to another one only the last.
    pub pages: u32,
}

/// The lines of both logs of a browser that nobody has read yet.
#[derive(Debug)]
pub struct Lines {
    console: Value,
    network: Value,
}

impl Lines {
    pub async fn read(session: &Session) -> Result<Self, Fault> {
        let log = async |name| session.post("/se/log", &json!({ "type": name })).await;
        Ok(Self { console: log("browser").await?, network: log("performance").await? })
    }
}

impl Console {
    pub fn hear(&mut self, lines: &Lines) {
        for line in lines.console.as_array().unwrap() {
            self.errors.extend(error(line));
        }
        for line in lines.network.as_array().unwrap() {
            let event: Value = serde_json::from_str(line["message"].as_str().unwrap()).unwrap();
            self.hear_of_network(&event["message"]);
        }
    }

    fn hear_of_network(&mut self, event: &Value) {
        let about = &event["params"];
        match event["method"].as_str() {
            Some("Network.loadingFinished") => {
                // It is -1 where nothing came over the line.
                self.bytes += about["encodedDataLength"].as_u64().unwrap_or(0);
            }
            Some("Network.responseReceived") => {
                let answer = &about["response"];
                // The page with which a browser opens is nobody's.
                let is_ours = answer["url"].as_str().is_some_and(|url| url.starts_with("http"));
                self.pages += u32::from(is_ours && about["type"] == "Document");
                if about["type"] != "Document" && answer["status"].as_u64() >= Some(400) {
                    self.errors.push(format!("{} for {}", answer["status"], answer["url"]));
                }
            }
            _ => {}
        }
    }
}

/// The line of the console, where it tells an error.
fn error(line: &Value) -> Option<String> {
    let (source, message) = (line["source"].as_str()?, line["message"].as_str()?);
    // The other log tells whether it was a page.
    let is_status = source == "network" && message.contains("the server responded with a status of");
    let is_error = line["level"] == "SEVERE" || source == "security";
    (is_error && !is_status).then(|| format!("{source}: {message}"))
}
