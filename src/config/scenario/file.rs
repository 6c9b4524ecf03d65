//! `scenarios/*.toml`: who comes when, what they do, and how the halls work on the day.
//!
//! A scenario is read against a configuration, whose names it uses. Halls of its own stand in a file beside it and take
//! the place of those with the same ids.

mod day;
mod names;
mod rush;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use names::Names;

use super::{Scenario, Ways};
use crate::config::Configuration;
use crate::config::read::amounts;
use crate::config::read::amounts::MAX_WEIGHT;
use crate::config::read::directory::{TextFile, read_scenarios};
use crate::config::read::document::{Document, Node, Shape, Table, all};
use crate::config::read::error::{At, Findings};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::terms;
use crate::domain::localized::Localized;

static ROOT: Shape = Shape {
    name: "a scenario",
    keys: &[
        ("scenario", r#"{ title = { zh-CN = "…", en = "…" }, city = "杭州" }"#),
        ("rush", "{ visitors = 8000, … }"),
        ("ways", "{ hold = 0.3 }"),
        ("services", r#"{ "passport.renewal" = 1 }"#),
        ("districts", "{ hangzhou-shi-crj = 14 }"),
        ("day", "{ no_show = 0.12, … }"),
    ],
    other: None,
};

static SCENARIO: Shape = Shape {
    name: "[scenario]",
    keys: &[
        ("title", r#"{ zh-CN = "…", en = "…" }"#),
        ("city", r#""杭州""#),
        ("new_day", r#""2026-12-19""#),
        ("halls_file", r#""stampede/halls.toml""#),
    ],
    other: None,
};

static SERVICES: Shape = Shape { name: "[services]", keys: &[], other: Some("18") };

static DISTRICTS: Shape = Shape { name: "[districts]", keys: &[], other: Some("14") };

/// Reads every scenario of a configuration directory, none where one is missing something, which has been reported.
pub(crate) fn read_all(
    dir: &Path,
    configuration: Option<&Configuration>,
    findings: &Findings,
) -> Option<Vec<Scenario>> {
    let files = read_scenarios(dir, findings)?;
    all(files.iter().map(|file| read(file, &dir.join(&file.name), configuration, findings)))
}

/// Reads the scenario whose text is `file` and which stands at `path`; none where something of it is missing, which has
/// been reported. Where there is no configuration, no name is looked up and nothing is whole.
pub(crate) fn read(
    file: &TextFile,
    path: &Path,
    configuration: Option<&Configuration>,
    findings: &Findings,
) -> Option<Scenario> {
    let (document, tree) = Document::parse(&file.name, file.text.as_deref()?, findings);
    let tree = tree?;
    let root = document.root(&tree, &ROOT);
    let head = root.need("scenario").and_then(|node| node.table(&SCENARIO));
    let head = head.map(|table| Head::read(&table, file, path)).unwrap_or_default();
    let mut names = Names::new(configuration, head.own_halls.as_deref(), findings);
    if let Some(city) = &head.city {
        names.set_city(city, findings);
    }
    if let Some(new_day) = &head.new_day {
        names.check_open(new_day, findings);
    }
    let rush = root.need("rush").and_then(rush::read);
    let ways = root.get("ways").map_or(Some(Ways::default()), rush::read_ways);
    let services = root.need("services").and_then(|node| weights(node, &SERVICES, |node| names.offered(node)));
    let districts =
        root.need("districts").and_then(|node| weights(node, &DISTRICTS, |node| Some(names.hall(node)?.id)));
    let day = root.need("day").and_then(|node| day::read(node, &names));
    Some(Scenario {
        id: path.file_stem()?.to_string_lossy().into_owned(),
        title: head.title?,
        city: head.city?.value,
        new_day: head.new_day.map(|new_day| new_day.value),
        rush: rush?,
        ways: ways?,
        services: services?,
        districts: districts?,
        day: day?,
        halls_file: head.halls_file,
    })
}

/// The table `[scenario]` as far as it could be read.
#[derive(Debug, Default)]
struct Head {
    title: Option<Localized>,
    city: Option<At<String>>,
    /// The day that opens; none where there is no such key, or it could not be read, which has been reported.
    new_day: Option<At<NaiveDate>>,
    halls_file: Option<PathBuf>,
    /// The text of `halls_file`, nothing where there is no such key; none where it could not be read.
    own_halls: Option<Vec<TextFile>>,
}

impl Head {
    fn read(table: &Table<'_>, file: &TextFile, path: &Path) -> Self {
        let title = table.need("title").and_then(terms::localized);
        let city = table.need("city").and_then(|node| Some(At { value: terms::line(node)?, place: node.place() }));
        let date = |node: Node<'_>| Some(At { value: terms::date(node)?, place: node.place() });
        let new_day = table.get("new_day").and_then(date);
        let (halls_file, own_halls) = match table.get("halls_file").map(|node| own_halls(node, file, path)) {
            None => (None, Some(Vec::new())),
            Some(None) => (None, None),
            Some(Some((path, text))) => (Some(path), Some(vec![text])),
        };
        Self { title, city, new_day, halls_file, own_halls }
    }
}

/// The file of the scenario's own halls: its path, and its text.
fn own_halls(node: Node<'_>, file: &TextFile, path: &Path) -> Option<(PathBuf, TextFile)> {
    let relative = terms::line(node)?;
    let relative = Path::new(&relative);
    if relative.is_absolute() {
        return node.refuse_form(Flaw::of_scenario(
            "`halls_file` is an absolute path, but it starts from the folder of the scenario",
        ));
    }
    let (path, name) = (path.with_file_name(relative), Path::new(&file.name).with_file_name(relative));
    let name = name.display().to_string();
    if !path.is_file() {
        let mend = Mend::of_scenario("name a file of halls, relative to the folder of the scenario");
        return node.refuse(Flaw::of_scenario(format!("there is no file {name}")), mend);
    }
    let text = TextFile::read(&path, name, node.findings());
    Some((path, text))
}

/// A table of ids, which `find` knows, each with its weight.
fn weights<T>(node: Node<'_>, shape: &'static Shape, find: impl Fn(&Node<'_>) -> Option<T>) -> Option<Vec<(T, f64)>> {
    let nodes: Vec<_> = node.table(shape)?.nodes().collect();
    if nodes.is_empty() {
        let mend = Mend::of_scenario("name at least one id with its weight");
        return node.refuse(Flaw::of_scenario(format!("{} is empty", shape.name)), mend);
    }
    all(nodes.iter().map(|node| {
        let (found, weight) = (find(node), amounts::above_zero(*node, MAX_WEIGHT));
        found.zip(weight)
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::config::tests::{Fixture, HALL, SCENARIO, assert_fits, check_scenario as check};
    use crate::config::{load, load_scenario, load_with};
    use crate::domain::language::LanguageWishes;

    const FILE: &str = "scenarios/small.toml";

    /// The small scenario with halls of its own in `scenarios/small/halls.toml`.
    fn with_own_halls(halls: impl AsRef<[u8]>) -> Fixture {
        let city = "city = \"杭州\"";
        Fixture::with_scenario()
            .spoilt(FILE, city, &format!("{city}\nhalls_file = \"small/halls.toml\""))
            .with("scenarios/small/halls.toml", halls)
    }

    #[test]
    fn a_scenario_is_read_with_its_names() {
        let [scenario] = &Fixture::with_scenario().scenarios()[..] else { panic!("one scenario") };
        assert_eq!((scenario.id.as_str(), scenario.city.as_str(), &scenario.halls_file), ("small", "杭州", &None));
        assert_eq!(
            (scenario.title.pick(&LanguageWishes::of(&["en"])), scenario.title.pick(&LanguageWishes::default())),
            ("Small", "小")
        );
        let services: Vec<_> = scenario.services.iter().map(|(id, weight)| (id.as_str(), *weight)).collect();
        assert_eq!(services, [("passport.renewal", 3.0), ("permit.endorsement", 0.5)]);
        let districts: Vec<_> = scenario.districts.iter().map(|(id, weight)| (id.as_str(), *weight)).collect();
        assert_eq!(districts, [("one", 14.0)]);
    }

    #[test]
    fn scenarios_are_read_in_order_of_name_and_only_files_are() {
        let fixture = with_own_halls(HALL).with("scenarios/big.toml", SCENARIO).with("scenarios/.x.toml", "[");
        let scenarios = fixture.with("scenarios/README.md", "[").scenarios();
        assert_eq!(scenarios.iter().map(|scenario| scenario.id.as_str()).collect::<Vec<_>>(), ["big", "small"]);
    }

    #[test]
    fn the_errors_of_the_document() {
        check("[services]", "[services", "15 | the syntax is wrong | TOML");
        check("[districts]", "[quarters]\n[districts]", "18 | unknown key `quarters` in a scenario | `districts`");
        for table in ["rush", "services", "districts"] {
            let (before, after) = SCENARIO.split_once(&format!("[{table}]\n")).unwrap();
            let after = after.find("\n[").map_or("", |end| &after[end + 1..]);
            let expected =
                format!("scenarios/small.toml:1 | a scenario lacks the key `{table}` | such as `{table} = {{ ");
            Fixture::default().with(FILE, format!("{before}{after}")).check_all(&[&expected]);
        }
        Fixture::default()
            .with(FILE, &SCENARIO[..SCENARIO.find("[day]").unwrap()])
            .check_all(&["scenarios/small.toml:1 | a scenario lacks the key `day` | such as `day = {"]);
        Fixture::default()
            .with(FILE, &SCENARIO[SCENARIO.find("[rush]").unwrap()..])
            .check_all(&["scenarios/small.toml:1 | a scenario lacks the key `scenario` | such as `scenario = {"]);
        Fixture::default()
            .with(FILE, b"# \n\xff")
            .check_all(&["scenarios/small.toml:2 | no UTF-8 | save the file in UTF-8"]);
    }

    #[test]
    fn the_errors_of_the_head() {
        check("zh-CN = \"小\", ", "", "2 | `title` has no text in zh-CN | `title = {");
        check("city = \"杭州\"\n", "", "1 | [scenario] lacks the key `city` | such as `city = \"杭州\"`");
        check("city = ", "town = 1\ncity = ", "3 | unknown key `town` in [scenario] | `city`");
        check("city = \"杭州\"", "city = [\"杭州\"]", "3 | `city` wants a string and holds an array | `city = ");
    }

    #[test]
    fn every_error_of_every_file_is_reported_at_once() {
        Fixture::with_scenario()
            .spoilt("halls/one.toml", "capacity = 40", "capacity = 0")
            .spoilt(FILE, "visitors = 800", "visitors = 0")
            .spoilt(FILE, "no_show = 0.125", "no_show = 2")
            .with("scenarios/bad.toml", SCENARIO.replace("utilisation", "busy"))
            .check_all(&[
                "halls/one.toml:15 | `capacity` is 0 | from 1",
                "scenarios/bad.toml:20 | [day] lacks the key `utilisation` | add it",
                "scenarios/bad.toml:24 | unknown key `busy` in [day] | `utilisation`",
                "scenarios/small.toml:5 | `visitors` is 0 | from 1",
                "scenarios/small.toml:21 | `no_show` is 2 | from 0 to 1",
            ]);
    }

    #[test]
    fn a_server_does_not_care_about_scenarios() {
        Fixture::default().with(FILE, "[").load();
    }

    #[test]
    fn a_directory_of_scenarios_is_optional_and_a_directory() {
        assert!(Fixture::default().scenarios().is_empty());
        let dir = tempfile::tempdir().unwrap();
        Fixture::default().write(dir.path());
        fs::write(dir.path().join("scenarios"), "").unwrap();
        let errors = crate::config::check(dir.path()).unwrap_err();
        assert_fits(&errors.0, &["scenarios:0 | the directory cannot be read | make it"]);
    }

    #[test]
    fn a_scenario_brings_halls_of_its_own() {
        let two = HALL.replace("\"one\"", "\"two\"").replace("杭州", "宁波");
        let fixture = with_own_halls(format!("{}{two}", HALL.replace("capacity = 40", "capacity = 7")))
            .spoilt(FILE, "\"杭州\"", "\"宁波\"")
            .spoilt(FILE, "one = 14", "two = 14")
            .spoilt(FILE, "one = { c", "two = { c");
        let dir = tempfile::tempdir().unwrap();
        fixture.write(dir.path());
        let scenario = load_scenario(&dir.path().join(FILE), &load(dir.path()).unwrap()).unwrap();
        assert_eq!(scenario.halls_file, Some(dir.path().join("scenarios/small/halls.toml")));
        let snapshot = load_with(dir.path(), scenario.halls_file.as_slice()).unwrap().snapshot;
        assert_eq!((snapshot.halls().len(), snapshot.hall("one").unwrap().lanes[0].capacity), (2, 7));
    }

    #[test]
    fn the_errors_of_own_halls() {
        let halls = "scenarios/small/halls.toml";
        let with = |halls: String, expected: &str| with_own_halls(halls).check_all(&[expected]);
        with(HALL.replace("lat = 30.25", "lat = 91"), &format!("{halls}:7 | not on the earth | WGS-84"));
        with(HALL.replace("08:30-12:00", "08:00-12:00"), &format!("{halls}:11 | before policy.earliest_start | 08:30"));
        with(
            HALL.replace("\"passport.*\"", "\"visa.*\", \"passport.*\""),
            &format!("{halls}:9 | no service matches `visa.*` | services.toml"),
        );
        with("[[hall]".to_owned(), &format!("{halls}:1 | the syntax is wrong | TOML"));
        with(String::new(), &format!("{halls}:0 | there is no hall | [[hall]]"));
        with(
            HALL.replace("杭州", "宁波"),
            "scenarios/small.toml:3 | no hall is in the city \"杭州\" | with halls: 宁波",
        );
        let missing = with_own_halls(HALL).without(halls);
        missing
            .check_all(&["scenarios/small.toml:4 | there is no file scenarios/small/halls.toml | the folder of the"]);
        let absolute = with_own_halls(HALL).spoilt(FILE, "\"small/", "\"/small/");
        absolute.check_all(&["scenarios/small.toml:4 | is an absolute path | `halls_file = \"stampede/halls.toml\"`"]);
        let folder = with_own_halls(HALL).spoilt(FILE, "small/halls.toml", "small");
        folder.check_all(&["scenarios/small.toml:4 | there is no file scenarios/small | name a file of halls"]);
        let number = with_own_halls(HALL).spoilt(FILE, "\"small/halls.toml\"", "1");
        number.check_all(&["scenarios/small.toml:4 | `halls_file` wants a string | `halls_file = "]);
    }

    #[test]
    fn own_halls_leave_no_service_without_its_lane() {
        let kiosk = "[hall.lanes.kiosk]\nband_minutes = 15\ncapacity = 6\n";
        let counters_only = HALL.replace(kiosk, "").replace(", \"permit.endorsement\"", "");
        with_own_halls(counters_only).check_all(&[
            "scenarios/small.toml:18 | no hall in 杭州 offers the service `permit.endorsement` | take it out",
            "scenarios/small.toml:30 | the hall `one` has kiosks and no lane `kiosk` | leave `kiosks` out",
            "scenarios/small/halls.toml:0 | no hall has the lane `kiosk` | add it to a hall",
        ]);
    }

    #[test]
    fn a_single_scenario_is_called_as_it_was_named() {
        let dir = tempfile::tempdir().unwrap();
        with_own_halls("[").spoilt(FILE, "visitors = 800", "visitors = 0").write(dir.path());
        let (configuration, path) = (load(dir.path()).unwrap(), dir.path().join(FILE));
        let errors = load_scenario(&path, &configuration).unwrap_err();
        let (halls, path) = (dir.path().join("scenarios/small/halls.toml"), path.display());
        assert_fits(
            &errors.0,
            &[
                &format!("{path}:6 | `visitors` is 0 | from 1"),
                &format!("{}:1 | the syntax is wrong | TOML", halls.display()),
            ],
        );
        let errors = load_scenario(&dir.path().join("none.toml"), &configuration).unwrap_err();
        assert_fits(
            &errors.0,
            &[&format!("{}:0 | cannot be read | readable file", dir.path().join("none.toml").display())],
        );
    }
}
