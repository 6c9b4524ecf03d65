//! `halls/*.toml`: the halls.

use chrono_tz::Tz;

use super::hours;
use super::lanes;
use super::lanes::LaneDraft;
use crate::config::read::directory::TextFile;
use crate::config::read::document::{Document, Node, Shape, Table, all};
use crate::config::read::error::{At, Findings, Place};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::config::read::unique::Unique;
use crate::domain::geo::Location;
use crate::domain::hall::Hall;
use crate::domain::name::HallId;
use crate::domain::service::ServicePattern;
use crate::domain::wall::WallTime;

/// How many halls there may be.
pub(crate) const MAX_HALLS: usize = 10_000;

static ROOT: Shape =
    Shape { name: "a file of halls", keys: &[("hall", r#"[{ id = "hangzhou-shi-crj", … }]"#)], other: None };

static HALL: Shape = Shape {
    name: "[[hall]]",
    keys: &[
        ("id", r#""hangzhou-shi-crj""#),
        ("name", r#"{ zh-CN = "…", en = "…" }"#),
        ("city", r#""杭州""#),
        ("city_name", r#"{ zh-CN = "杭州", en = "Hangzhou" }"#),
        ("municipal", "true"),
        ("district", r#"{ zh-CN = "上城区", en = "Shangcheng District" }"#),
        ("address", r#""…""#),
        ("address_verified", "false"),
        ("phone", r#""0571-87280185""#),
        ("location", "{ lat = 30.25, lon = 120.21 }"),
        ("time_zone", r#""Asia/Shanghai""#),
        ("services", r#"["passport.*", "hkmo-permit.*"]"#),
        ("hours", r#"{ mon = ["08:30-12:00", "13:30-17:00"] }"#),
        ("lanes", "{ counter = { band_minutes = 30, capacity = 40 } }"),
        ("exceptions", r#"[{ date = "2026-12-01", closed = true }]"#),
    ],
    other: None,
};

static LOCATION: Shape = Shape { name: "a location", keys: &[("lat", "30.25"), ("lon", "120.21")], other: None };

/// The halls of all files, as far as they could be read.
#[derive(Debug)]
pub(crate) struct Halls {
    pub(crate) drafts: Vec<HallDraft>,
    /// Whether the id and the lanes of every hall are known, so that it can be said that there is no other.
    pub(crate) complete: bool,
}

/// A hall as far as it could be read.
#[derive(Debug)]
pub(crate) struct HallDraft {
    pub(crate) id: Option<At<HallId>>,
    /// None where a pattern could not be read.
    pub(crate) services: Option<Vec<At<ServicePattern>>>,
    /// None where there is no table of lanes.
    pub(crate) lanes: Option<Vec<LaneDraft>>,
    /// The hall where nothing of it is missing.
    pub(crate) whole: Option<Hall>,
}

impl Halls {
    /// Halls of which nothing is known.
    pub(crate) fn unknown() -> Self {
        Self { drafts: Vec::new(), complete: false }
    }

    /// The halls of a configuration in which everything has been checked.
    pub(crate) fn of(halls: &[Hall]) -> Self {
        Self { drafts: halls.iter().map(HallDraft::of).collect(), complete: true }
    }

    /// Reports more halls than there may be.
    pub(crate) fn check_count(&self, findings: &Findings) {
        if self.drafts.len() > MAX_HALLS {
            let flaw = Flaw::TooManyHalls { count: Part::of(self.drafts.len()) };
            findings.report(&Place::whole("halls"), flaw, Mend::AtMost { most: Part::of(MAX_HALLS) });
        }
    }
}

impl HallDraft {
    /// A hall that has been checked. Nothing will be reported of it, so its place names no file.
    fn of(hall: &Hall) -> Self {
        let place = Place::whole("halls");
        let patterns = hall.services.iter().cloned();
        Self {
            id: Some(At { value: hall.id, place: place.clone() }),
            services: Some(patterns.map(|value| At { value, place: place.clone() }).collect()),
            lanes: Some(hall.lanes.iter().map(|lane| LaneDraft::of(lane, &place)).collect()),
            whole: Some(hall.clone()),
        }
    }

    /// Whether its id and the names of all its lanes are known.
    fn is_known(&self) -> bool {
        self.id.is_some() && self.knows_its_lanes()
    }

    /// Whether the names of all its lanes are known.
    pub(crate) fn knows_its_lanes(&self) -> bool {
        self.lanes.as_ref().is_some_and(|lanes| lanes.iter().all(|lane| lane.id.is_some()))
    }
}

/// Reads all files; `files` is none where there is no directory of them.
pub(crate) fn read(files: Option<&[TextFile]>, earliest: Option<WallTime>, findings: &Findings) -> Halls {
    let mut halls = Halls { drafts: Vec::new(), complete: files.is_some() };
    let mut ids = Unique::default();
    for file in files.unwrap_or_default() {
        let drafts = read_one(file, earliest, &mut ids, findings);
        halls.complete &= drafts.is_some();
        halls.drafts.extend(drafts.unwrap_or_default());
    }
    if halls.complete && halls.drafts.is_empty() {
        findings.report(&Place::whole("halls"), Flaw::NoHall {}, Mend::AddHallFile {});
    }
    halls.complete &= halls.drafts.iter().all(HallDraft::is_known);
    halls
}

/// Reads a file from outside of `halls/`, whose ids may be those of other files.
pub(crate) fn read_apart(file: &TextFile, earliest: Option<WallTime>, findings: &Findings) -> Halls {
    let drafts = read_one(file, earliest, &mut Unique::default(), findings);
    if drafts.as_ref().is_some_and(Vec::is_empty) {
        findings.report(&Place::whole(&file.name), Flaw::NoHall {}, Mend::AddHall {});
    }
    let complete = drafts.as_ref().is_some_and(|drafts| drafts.iter().all(HallDraft::is_known));
    Halls { drafts: drafts.unwrap_or_default(), complete }
}

fn read_one(
    file: &TextFile,
    earliest: Option<WallTime>,
    ids: &mut Unique<HallId>,
    findings: &Findings,
) -> Option<Vec<HallDraft>> {
    let (document, tree) = Document::parse(&file.name, file.text.as_deref()?, findings);
    let tree = tree?;
    let root = document.root(&tree, &ROOT);
    let Some(node) = root.get("hall") else { return root.has_only_known_keys().then(Vec::new) };
    Some(node.tables(&HALL)?.iter().map(|table| hall(table, earliest, ids)).collect())
}

fn hall(table: &Table<'_>, earliest: Option<WallTime>, ids: &mut Unique<HallId>) -> HallDraft {
    let id = table.need("id").and_then(|node| terms::id(node, HallId::intern));
    if let Some(id) = &id {
        let twice = |place| Flaw::HallTwice { id: Part::of(id.value), place };
        ids.note(id.value, &id.place, twice, table.findings());
    }
    let name = table.need("name").and_then(terms::localized);
    let city = table.need("city").and_then(terms::line);
    let city_name = table.get("city_name").map_or(Some(None), |node| terms::localized(node).map(Some));
    let municipal = table.get("municipal").map_or(Some(false), |node| node.flag());
    let address_verified = table.get("address_verified").map_or(Some(true), |node| node.flag());
    let district = table.get("district").map_or(Some(None), |node| terms::localized(node).map(Some));
    let address = table.get("address").and_then(terms::line);
    let phone = table.get("phone").and_then(terms::line);
    let location = table.need("location").and_then(location);
    let zone = table.need("time_zone").and_then(zone);
    let services = table.get("services").map_or(Some(Vec::new()), patterns);
    let timetable = hours::read(table, earliest);
    let lanes = lanes::read(table, &timetable);
    let whole = || {
        Some(Hall {
            id: id.as_ref()?.value,
            name: name?,
            city: city?,
            city_name: city_name?,
            municipal: municipal?,
            district: district?,
            address,
            address_verified: address_verified?,
            phone,
            location: location?,
            zone: zone?,
            services: in_order(services.as_deref()?),
            hours: timetable.weekly,
            lanes: lanes.as_ref()?.iter().map(|lane| lane.whole.clone()).collect::<Option<_>>()?,
            exceptions: timetable.exceptions,
        })
    };
    let whole = whole();
    HallDraft { id, services, lanes, whole }
}

fn location(node: Node<'_>) -> Option<Location> {
    let table = node.table(&LOCATION)?;
    let (lat, lon) = (table.need("lat"), table.need("lon"));
    let (lat, lon) = (lat.and_then(|node| node.decimal()), lon.and_then(|node| node.decimal()));
    let (lat, lon) = lat.zip(lon)?;
    Location::new(lat, lon)
        .or_else(|| node.refuse(Flaw::NotOnEarth { lat: Part::of(lat), lon: Part::of(lon) }, Mend::Degrees {}))
}

fn zone(node: Node<'_>) -> Option<Tz> {
    let text = node.text()?;
    text.parse().ok().or_else(|| node.refuse(Flaw::UnknownZone { zone: Part::quoted(text) }, Mend::ZoneName {}))
}

fn patterns(node: Node<'_>) -> Option<Vec<At<ServicePattern>>> {
    let items = node.items()?;
    if items.is_empty() {
        return node.refuse(Flaw::ServicesEmpty {}, Mend::LeaveServicesOut {});
    }
    all(items.iter().map(|item| {
        let text = item.text()?;
        let head = text.strip_suffix('*').unwrap_or(text);
        let sound = !head.contains('*') && (head == text || head.is_empty() || head.ends_with('.'));
        if !sound || text.is_empty() {
            return item.refuse(Flaw::NoPattern { pattern: Part::quoted(text) }, Mend::Pattern {});
        }
        Some(At { value: ServicePattern::new(text), place: item.place() })
    }))
}

/// The patterns in alphabetical order, each once: their order in the file means nothing.
fn in_order(patterns: &[At<ServicePattern>]) -> Vec<ServicePattern> {
    let mut patterns: Vec<_> = patterns.iter().map(|pattern| pattern.value.clone()).collect();
    patterns.sort_by_cached_key(ToString::to_string);
    patterns.dedup();
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, HALL, check};
    use crate::domain::language::LanguageWishes;

    #[test]
    fn a_hall_is_read_with_everything_in_it() {
        let configuration = Fixture::default().load();
        let hall = configuration.snapshot.hall("one").unwrap();
        let name = |wish: &str| hall.name.pick(&LanguageWishes::of(&[wish])).to_owned();
        assert_eq!((name("en"), name("zh-CN")), ("One".to_owned(), "一厅".to_owned()));
        assert_eq!(
            (hall.city.as_str(), hall.address.as_deref(), hall.phone.as_deref()),
            ("杭州", Some("1 Road"), Some("0571-1"))
        );
        assert_eq!((hall.location, hall.zone), (Location { lat: 30.25, lon: 120.21 }, chrono_tz::Asia::Shanghai));
        assert_eq!(
            hall.services.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["passport.*", "permit.endorsement"]
        );
    }

    #[test]
    fn address_phone_and_services_may_be_left_out() {
        let fixture = Fixture::default().spoilt("halls/one.toml", "address = \"1 Road\"\nphone = \"0571-1\"\n", "");
        let configuration =
            fixture.spoilt("halls/one.toml", "services = [\"passport.*\", \"permit.endorsement\"]\n", "").load();
        let hall = configuration.snapshot.hall("one").unwrap();
        assert_eq!((&hall.address, &hall.phone), (&None, &None));
        assert!(configuration.snapshot.services().iter().all(|service| hall.lane_for(service).is_some()));
    }

    #[test]
    fn the_errors_of_a_hall() {
        let check = |from: &str, to: &str, expected: &str| check("halls/one.toml", from, to, &[expected]);
        check(
            "time_zone = \"Asia/Shanghai\"",
            "time_zone = \"Asia/Hangzhou\"",
            "8 | unknown time zone \"Asia/Hangzhou\" | IANA",
        );
        check("lat = 30.25", "lat = 90.0001", "7 | the place 90.0001, 120.21 is not on the earth | lat from -90 to 90");
        check("lon = 120.21", "lon = -181", "7 | not on the earth | lon from -180 to 180");
        check("lat = 30.25", "lat = nan", "7 | not on the earth | lat from -90 to 90");
        check("lat = 30.25", "lat = inf", "7 | not on the earth | lat from -90 to 90");
        check("city = \"杭州\"", "city = \" \"", "4 | `city` is empty | `city = \"杭州\"`");
        check("\"0571-1\"", "\"\"", "6 | `phone` is empty | `phone = ");
        check("\"1 Road\"", "\"1\\tRoad\"", "5 | `address` holds control characters | `address = ");
    }

    #[test]
    fn a_district_may_be_left_out_and_has_the_form_of_a_name() {
        const CITY: &str = "city = \"杭州\"\n";
        let with = |district: &str| format!("{CITY}{district}\n");
        let district = |fixture: &Fixture| fixture.load().snapshot.hall("one").unwrap().district.clone();
        assert_eq!(district(&Fixture::default()), None);
        let there = with(r#"district = { zh-CN = "上城区", en = "Shangcheng District" }"#);
        let there = district(&Fixture::default().spoilt("halls/one.toml", CITY, &there)).unwrap();
        assert_eq!(
            [there.pick(&LanguageWishes::of(&["en"])), there.pick(&LanguageWishes::default())],
            ["Shangcheng District", "上城区"]
        );

        let check = |to: &str, expected: &str| check("halls/one.toml", CITY, &with(to), &[expected]);
        check("district = \"上城区\"", "5 | `district` wants a table | `district = { zh-CN = \"上城区\"");
        check("district = {}", "5 | `district` has no text in zh-CN | `district = { zh-CN");
        check("district = { en = \"x\" }", "5 | `district` has no text in zh-CN | `district = { zh-CN");
        check("district = { zh-CN = \" \" }", "5 | `zh-CN` is empty | `zh-CN = ");
        check("district = { zh-CN = \"x\", c = \"y\" }", "5 | `c` is no language tag | `zh-CN`");
        check("districts = { zh-CN = \"x\" }", "5 | unknown key `districts` in [[hall]] | `district`");
    }

    #[test]
    fn a_city_has_names_and_a_hall_of_its_own_and_an_address_may_be_unverified() {
        const CITY: &str = "city = \"杭州\"\n";
        let hall = |fixture: &Fixture| fixture.load().snapshot.hall("one").unwrap().clone();
        let plain = hall(&Fixture::default());
        assert_eq!((plain.city_name, plain.municipal, plain.address_verified), (None, false, true));
        let full = "city_name = { zh-CN = \"杭州\", en = \"Hangzhou\" }\nmunicipal = true\naddress_verified = false\n";
        let full = hall(&Fixture::default().spoilt("halls/one.toml", CITY, &format!("{CITY}{full}")));
        assert_eq!(full.city_name.unwrap().pick(&LanguageWishes::of(&["en"])), "Hangzhou");
        assert_eq!((full.municipal, full.address_verified), (true, false));

        let check = |to: &str, expected: &str| check("halls/one.toml", CITY, &format!("{CITY}{to}\n"), &[expected]);
        check("city_name = \"Hangzhou\"", "5 | `city_name` wants a table | `city_name = { zh-CN = \"杭州\"");
        check("municipal = 1", "5 | `municipal` wants true or false | `municipal = true`");
        check("address_verified = \"no\"", "5 | `address_verified` wants true or false | `address_verified = false`");
    }

    #[test]
    fn a_hall_without_hours_or_lanes_is_refused() {
        let cut = |from: &str, to: &str| HALL[..HALL.find(from).unwrap()].to_owned() + &HALL[HALL.find(to).unwrap()..];
        let with = |text: String| Fixture::default().with("halls/one.toml", text);
        with(cut("[hall.hours]", "[hall.lanes.counter]"))
            .check(&["halls/one.toml:1 | [[hall]] lacks the key `hours` | such as `hours = { mon"]);
        with(cut("[hall.lanes.counter]", "[[hall.exceptions]]"))
            .check(&["halls/one.toml:1 | [[hall]] lacks the key `lanes` | such as `lanes = { counter"]);
        with(cut("[hall.lanes.counter]", "[[hall.exceptions]]").replace("[hall.hours]", "lanes = {}\n[hall.hours]"))
            .check(&[
                "halls/one.toml:9 | `passport.*` needs the lane `counter`, which the hall lacks | [hall.lanes.counter]",
                "halls/one.toml:9 | `permit.endorsement` needs the lane `kiosk` | take the pattern out",
                "halls/one.toml:10 | the hall has no lane | [hall.lanes.counter]",
                "services.toml:5 | no hall has the lane `counter` | add it to a hall",
                "services.toml:12 | no hall has the lane `kiosk` | add it to a hall",
            ]);
    }

    #[test]
    fn patterns_for_services_have_three_forms() {
        let check = |to: &str, expected: &str| check("halls/one.toml", "\"passport.*\"", to, &[expected]);
        check("\"passport*\"", "9 | \"passport*\" is no pattern | `DOCUMENT.*`");
        check("\"*.renewal\"", "9 | \"*.renewal\" is no pattern | `DOCUMENT.*`");
        check("\"**\"", "9 | \"**\" is no pattern | `DOCUMENT.*`");
        check("\"\"", "9 | \"\" is no pattern | `DOCUMENT.*`");
        check("1", "9 | `services` wants a string | `services = [");
        let empty = HALL.replace("[\"passport.*\", \"permit.endorsement\"]", "[]");
        Fixture::default()
            .with("halls/one.toml", empty)
            .check(&["halls/one.toml:9 | `services` is empty | leave it out"]);
        Fixture::default().spoilt("halls/one.toml", "\"passport.*\"", "\"*\", \"passport.*\"").load();
    }

    #[test]
    fn texts_that_show_nothing_are_refused() {
        let fields = [
            ("\"一厅\"", 3, "zh-CN"),
            ("\"One\"", 3, "en"),
            ("\"杭州\"", 4, "city"),
            ("\"1 Road\"", 5, "address"),
            ("\"0571-1\"", 6, "phone"),
            ("\"repairs\"", 25, "reason"),
        ];
        for nothing in
            ["\u{3164}", "\u{115f}\u{1160}", "\u{2800}", "\u{200b}\u{feff}", "\u{e0041}", "\u{fe0f}", "\u{301}"]
        {
            for (text, line, key) in fields {
                let expected = format!("{line} | `{key}` holds only characters that show nothing | = ");
                check("halls/one.toml", text, &format!("\"{nothing}\""), &[&expected]);
            }
        }
    }

    #[test]
    fn ids_that_no_client_can_ask_for_are_refused() {
        for id in [".", ".."] {
            let expected = |line: usize| format!("{line} | no client can ask for the id \"{id}\" | ");
            check("halls/one.toml", "\"one\"", &format!("\"{id}\""), &[&expected(2)]);
            check("services.toml", "\"permit.endorsement\"", &format!("\"{id}\""), &[&expected(9)]);
            let lane = format!("[hall.lanes.\"{id}\"]\nband_minutes = 15\ncapacity = 6\n[hall.lanes.kiosk]");
            check("halls/one.toml", "[hall.lanes.kiosk]", &lane, &[&expected(19)]);
        }
        for id in ["...", "-", "a.", ".a"] {
            Fixture::default()
                .spoilt("halls/one.toml", "\"one\"", &format!("\"{id}\""))
                .spoilt("hallpass.toml", "[\"one\"]", &format!("[\"{id}\"]"))
                .load();
        }
    }

    #[test]
    fn ids_of_halls_are_names_and_stand_once_over_all_files() {
        check("halls/one.toml", "id = \"one\"", "id = \"One\"", &["2 | `id` is \"One\", but a name has | `id = "]);
        Fixture::default()
            .with("halls/two.toml", format!("# another\n{HALL}"))
            .check(&["halls/two.toml:3 | the hall id `one` is already at halls/one.toml:2 | keep one of the two"]);
        let twice = format!("{HALL}{HALL}");
        Fixture::default()
            .with("halls/one.toml", twice)
            .check(&["halls/one.toml:30 | the hall id `one` is already at halls/one.toml:2 | keep one of the two"]);
    }

    #[test]
    fn there_is_at_least_one_hall_and_not_too_many() {
        Fixture::default().without("halls/one.toml").check(&[
            "hallpass.toml:21 | no hall has the id \"one\" | add that hall",
            "halls:0 | there is no hall | [[hall]]",
        ]);
        let halls: String = (0..=MAX_HALLS).map(|at| HALL.replace("\"one\"", &format!("\"h{at}\""))).collect();
        let fixture = Fixture::default().with("halls/one.toml", halls);
        fixture.check(&[
            "hallpass.toml:21 | no hall has the id | add",
            "halls:0 | 10001 halls are too many | at most 10000",
        ]);
    }
}
