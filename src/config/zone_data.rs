//! The time zones of the operating system, to be held against those inside this program.
//!
//! Halls are judged by the data inside the program alone, so that every instance judges alike and no update of the operating
//! system moves what was booked; but that data is as old as its build, and the system's may be newer.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use tz::TimeZone;

/// Where operating systems have their zones, unless `TZDIR` says otherwise.
const ZONES: &str = "/usr/share/zoneinfo";
/// The size of the largest file of a zone, in bytes; the fullest one has 4 KB.
const MAX_ZONE_BYTES: u64 = 1 << 20;

/// How close to each other two instants are at which offsets are compared, in minutes: clocks change on whole quarters.
const STEP_MINUTES: i64 = 15;

/// A directory of compiled zones (RFC 9636).
#[derive(Debug)]
pub(super) struct ZoneData {
    dir: PathBuf,
    /// The release, such as `2025b`; none where the directory does not say.
    pub(super) version: Option<String>,
}

/// Since when two sources differ about a zone, and what each says then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) from: DateTime<Utc>,
    /// The offset inside this program.
    pub(super) here: FixedOffset,
    /// The offset of the operating system.
    pub(super) there: FixedOffset,
}

impl ZoneData {
    /// Those of the operating system.
    pub(super) fn of_the_system() -> Self {
        let told = env::var_os("TZDIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        Self::in_directory(told.unwrap_or_else(|| ZONES.into()))
    }

    /// Those in a directory.
    pub(super) fn in_directory(dir: PathBuf) -> Self {
        let version = version_in(&dir);
        Self { dir, version }
    }

    /// The first difference between two instants; none where there is none, and where the directory does not know the zone.
    pub(super) fn difference(&self, zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<Difference> {
        let theirs = self.zone(zone.name())?;
        let step = TimeDelta::minutes(STEP_MINUTES);
        let start = from.timestamp().div_euclid(step.num_seconds()) * step.num_seconds();
        let instants = std::iter::successors(DateTime::from_timestamp(start, 0), |at| at.checked_add_signed(step));
        let mut compared = instants.take_while(|at| *at <= until).filter_map(|from| {
            let here = zone.offset_from_utc_datetime(&from.naive_utc()).fix();
            let there = theirs.find_local_time_type(from.timestamp()).ok()?;
            Some(Difference { from, here, there: FixedOffset::east_opt(there.ut_offset())? })
        });
        compared.find(|difference| difference.here != difference.there)
    }

    fn zone(&self, name: &str) -> Option<TimeZone> {
        let path = self.dir.join(name);
        let is_plausible = fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= MAX_ZONE_BYTES);
        TimeZone::from_tz_data(&fs::read(path).ok().filter(|_| is_plausible)?).ok()
    }
}

/// The release of a directory of zones: the first line of its source is `# version 2025b`; some systems have `+VERSION`.
fn version_in(dir: &Path) -> Option<String> {
    let source = fs::read(dir.join("tzdata.zi")).ok();
    let source = source.as_deref().map(String::from_utf8_lossy);
    let named = source.as_deref().and_then(|text| text.lines().next()?.strip_prefix("# version ").map(str::to_owned));
    let named = named.or_else(|| fs::read_to_string(dir.join("+VERSION")).ok());
    let is_release =
        |text: &String| (5..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    named.map(|text| text.trim().to_owned()).filter(is_release)
}

#[cfg(test)]
pub(super) mod tests {
    use chrono_tz::{America, Asia};

    use super::*;

    /// A compiled zone that has one offset for ever.
    pub(in crate::config) fn fixed(hours_east: i32) -> Vec<u8> {
        let counts: [u32; 6] = [0, 0, 0, 0, 1, 4];
        let header = [b"TZif2".as_slice(), &[0; 15], &counts.map(u32::to_be_bytes).concat()].concat();
        let kind = [(hours_east * 3600).to_be_bytes().as_slice(), &[0, 0], b"LMT\0"].concat();
        let footer = format!("\nLMT{}\n", -hours_east);
        [header.as_slice(), &kind, &header, &kind, footer.as_bytes()].concat()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_instant_is_found_at_which_two_sources_differ() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("America")).unwrap();
        fs::write(dir.path().join("America/Vancouver"), fixed(-7)).unwrap();
        fs::write(dir.path().join("tzdata.zi"), "# version 2026c\nR d 1916 o - Jun 14 23s 1 S\n").unwrap();
        let data = ZoneData::in_directory(dir.path().to_owned());
        assert_eq!(data.version.as_deref(), Some("2026c"));
        let offset = |hours: i32| FixedOffset::east_opt(hours * 3600).unwrap();
        let difference = |from: &str, until: &str| data.difference(America::Vancouver, at(from), at(until));
        let found = difference("2026-10-20T00:00:00Z", "2026-11-30T00:00:00Z");
        let expected = Difference { from: at("2026-11-01T09:00:00Z"), here: offset(-8), there: offset(-7) };
        assert_eq!(found, Some(expected), "the clock is not put back any more");
        assert_eq!(difference("2026-07-01T00:00:00Z", "2026-08-30T00:00:00Z"), None, "in summer they agree");
        assert_eq!(
            difference("2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z").unwrap().from,
            at("2026-11-10T00:00:00Z")
        );
        let unknown = data.difference(Asia::Shanghai, at("2026-11-10T00:00:00Z"), at("2026-11-20T00:00:00Z"));
        assert_eq!(unknown, None, "what the system does not know is not compared");
    }

    #[test]
    fn what_is_no_zone_is_not_compared() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("America/Vancouver")).unwrap();
        fs::create_dir(dir.path().join("Asia")).unwrap();
        fs::write(dir.path().join("Asia/Shanghai"), "TZif2 and then nothing").unwrap();
        fs::write(dir.path().join("+VERSION"), "2025c\n").unwrap();
        let data = ZoneData::in_directory(dir.path().to_owned());
        assert_eq!(data.version.as_deref(), Some("2025c"));
        for zone in [America::Vancouver, Asia::Shanghai] {
            assert_eq!(data.difference(zone, at("2026-11-10T00:00:00Z"), at("2026-12-20T00:00:00Z")), None, "{zone}");
        }
        let nowhere = ZoneData::in_directory("/nowhere/at/all".into());
        assert!(nowhere.version.is_none() && nowhere.zone("Asia/Shanghai").is_none());
    }
}
