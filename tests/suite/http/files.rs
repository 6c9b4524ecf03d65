//! A small configuration, and ways to change it.
//!
//! Three halls. `east` in Hangzhou is open every day and offers everything; `south`, nine kilometres away, is closed on
//! Sunday and has exceptions; `west` keeps the time of Urumqi and offers passports only. Nothing of it exists.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};

/// The token of the role `admin`.
pub const CHIEF: &str = "chief-of-nowhere";
/// The token of the role `hall` for `east`.
pub const DESK: &str = "desk-in-the-east";

const HALLPASS: &str = r#"[policy]
window_days = 30
release_time = "00:00"
hold_minutes = 10
max_party = 5
max_active = 5

[identity]
mode = "demo"
"#;

const SERVICES: &str = r#"[[service]]
id = "passport.renewal"
document = "passport"
action = "renewal"
lane = "counter"
name = { zh-CN = "护照换发", zh-TW = "護照換發", en = "Passport renewal" }

[[service]]
id = "passport.first-issue"
document = "passport"
action = "first-issue"
lane = "counter"
name = { zh-CN = "护照首次申领", en = "Passport, first issue" }

[[service]]
id = "permit.renewal"
document = "permit"
action = "renewal"
lane = "counter"
name = { zh-CN = "通行证换发" }

[[service]]
id = "permit.endorsement"
document = "permit"
action = "endorsement"
lane = "kiosk"
name = { zh-CN = "签注", en = "Endorsement" }
"#;

const CALENDAR: &str = r#"[[holiday]]
date = "2026-12-01"
name = "试验节"

[[holiday]]
date = "2026-12-06"
name = "周日节"

[[workday]]
date = "2026-12-13"
as = "tue"
"#;

const EAST: &str = r#"[[hall]]
id = "east"
name = { zh-CN = "东厅", en = "East Hall" }
city = "杭州"
address = "无有路1号"
phone = "0571-00000001"
location = { lat = 30.2265, lon = 120.1905 }
time_zone = "Asia/Shanghai"
[hall.hours]
mon = ["08:30-10:30", "13:30-14:30"]
tue = ["08:30-10:30", "13:30-14:30"]
wed = ["08:30-10:30", "13:30-14:30"]
thu = ["08:30-10:30", "13:30-14:30"]
fri = ["08:30-10:30", "13:30-14:30"]
sat = ["08:30-10:30", "13:30-14:30"]
sun = ["08:30-10:30", "13:30-14:30"]
[hall.lanes.counter]
band_minutes = 30
capacity = 6
[hall.lanes.counter.bands]
"09:00" = 2
[hall.lanes.kiosk]
band_minutes = 60
capacity = 1
"#;

const SOUTH: &str = r#"[[hall]]
id = "south"
name = { zh-CN = "南厅", en = "South Hall" }
city = "杭州"
location = { lat = 30.15, lon = 120.2 }
time_zone = "Asia/Shanghai"
[hall.hours]
mon = ["09:00-11:00"]
tue = ["09:00-12:00"]
wed = ["09:00-11:00"]
thu = ["09:00-11:00"]
fri = ["09:00-11:00"]
sat = ["09:00-10:00"]
[hall.lanes.counter]
band_minutes = 60
capacity = 3
[hall.lanes.kiosk]
band_minutes = 60
capacity = 4
[[hall.exceptions]]
date = "2026-12-01"
hours = ["09:00-10:00"]
[[hall.exceptions]]
date = "2026-12-02"
closed = true
reason = "检修"
"#;

const WEST: &str = r#"[[hall]]
id = "west"
name = { zh-CN = "西厅" }
city = "乌鲁木齐"
address = "无有路2号"
location = { lat = 43.8, lon = 87.6 }
time_zone = "Asia/Urumqi"
services = ["passport.*"]
[hall.hours]
mon = ["10:00-12:00"]
tue = ["10:00-12:00"]
wed = ["10:00-12:00"]
thu = ["10:00-12:00"]
fri = ["10:00-12:00"]
[hall.lanes.counter]
band_minutes = 60
capacity = 2
"#;

/// The files of a configuration, by name.
#[derive(Debug, Clone)]
pub struct Files(BTreeMap<String, String>);

impl Default for Files {
    fn default() -> Self {
        let files = Self::without_staff();
        let hallpass = format!("{HALLPASS}{}", staff(&[("chief", None, CHIEF), ("desk", Some("east"), DESK)]));
        files.with("hallpass.toml", &hallpass)
    }
}

/// The tables of members of staff: id, hall where the role is `hall`, token.
fn staff(members: &[(&str, Option<&str>, &str)]) -> String {
    let mut text = String::new();
    for (id, hall, token) in members {
        let role = hall.map_or_else(|| "\"admin\"".to_owned(), |hall| format!("\"hall\"\nhalls = [\"{hall}\"]"));
        let token = digest(&SHA256, token.as_bytes()).as_ref().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
        writeln!(text, "\n[[staff]]\nid = \"{id}\"\nrole = {role}\ntoken_sha256 = \"{token}\"").unwrap();
    }
    text
}

impl Files {
    /// The same configuration, in which nobody is named as staff.
    pub fn without_staff() -> Self {
        Self(BTreeMap::new())
            .with("hallpass.toml", HALLPASS)
            .with("services.toml", SERVICES)
            .with("calendar/test.toml", CALENDAR)
            .with("halls/east.toml", EAST)
            .with("halls/south.toml", SOUTH)
            .with("halls/west.toml", WEST)
    }

    /// With this file, instead of one of the same name.
    pub fn with(mut self, file: &str, text: &str) -> Self {
        self.0.insert(file.to_owned(), text.to_owned());
        self
    }

    /// Without this file.
    pub fn without(mut self, file: &str) -> Self {
        self.0.remove(file).expect("the file is there");
        self
    }

    /// With one text, which must be there, instead of another in a file.
    pub fn changed(mut self, file: &str, from: &str, to: &str) -> Self {
        let text = self.0.get_mut(file).expect("the file is there");
        assert!(text.contains(from), "{from:?} is not in {file}");
        *text = text.replace(from, to);
        self
    }

    /// With these numbers in the table `[policy]`.
    pub fn policy(self, from: &str, to: &str) -> Self {
        self.changed("hallpass.toml", from, to)
    }

    /// Puts the files into a directory, instead of all that is there.
    pub fn write(&self, dir: &Path) {
        if dir.exists() {
            fs::remove_dir_all(dir).unwrap();
        }
        for (file, text) in &self.0 {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}
