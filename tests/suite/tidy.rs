//! The house stays as it was drawn: which room may know which, no circles between files, no folder that nobody can take
//! in, the time read in one place, and assertions where state changes.
//!
//! The text of the sources is read, nothing is compiled. What is wrong today is listed with each rule and may only become
//! less: an entry that is no longer needed fails as a breach does.

mod assertions;
mod circles;
mod imports;
mod rooms;
mod sources;

use sources::Sources;

/// Files of Rust in one folder, without those of folders in it.
const MAX_FILES: usize = 20;

/// What reads the time of day, and who may: everybody else asks the clock.
const TIME_OF_DAY: [&str; 3] = ["Utc::now", "Local::now", "SystemTime::now"];
const CLOCK: &str = "clock.rs";

/// The rooms that read a call and render its answer, and what they leave to `app`: budget, idempotency, notes, counting.
const FRONTS: [&str; 3] = ["api", "pages", "serve"];
const LEFT_TO_APP: [&str; 6] =
    [".throttle().admit(", ".guesses().spend(", "once::answered(", ".note(", ".note_", ".metrics().changed("];

/// Files that do a part of a use case outside `app`.
fn with_a_use_case_of_their_own(sources: &Sources) -> Vec<String> {
    let is_front = |room: &String| FRONTS.contains(&room.as_str());
    let does = |code: &str| LEFT_TO_APP.iter().any(|part| code.split_whitespace().collect::<String>().contains(part));
    sources
        .files()
        .filter(|file| file.module.get(1).is_some_and(is_front) && does(&file.code))
        .map(|file| file.path.clone())
        .collect()
}

/// Folders with more files than [`MAX_FILES`].
fn crowded(sources: &Sources) -> Vec<String> {
    sources.folders().into_iter().filter(|(_, files)| *files > MAX_FILES).map(|(folder, _)| folder).collect()
}

/// Files that read the time of day past the clock.
fn with_a_clock_of_their_own(sources: &Sources) -> Vec<String> {
    sources
        .files()
        .filter(|file| file.path != CLOCK && TIME_OF_DAY.iter().any(|reading| file.code.contains(reading)))
        .map(|file| file.path.clone())
        .collect()
}

#[test]
fn no_room_knows_another_that_it_must_not() {
    rooms::check(&Sources::read(), &rooms::KNOWN);
}

#[test]
fn no_files_go_in_a_circle() {
    circles::check(&Sources::read(), &circles::KNOWN);
}

#[test]
fn no_folder_is_crowded() {
    assert_eq!(crowded(&Sources::read()), Vec::<String>::new());
}

#[test]
fn a_use_case_is_in_app() {
    assert_eq!(with_a_use_case_of_their_own(&Sources::read()), Vec::<String>::new());
}

#[test]
fn the_time_of_day_is_read_in_one_place() {
    assert_eq!(with_a_clock_of_their_own(&Sources::read()), Vec::<String>::new());
}

#[test]
fn what_changes_state_is_asserted() {
    assertions::check(&Sources::read());
}

/// A small house with every fault that is looked for.
#[test]
fn a_breach_is_noticed() {
    let house = Sources::of(&[
        ("domain/mod.rs", "pub mod rule;\n"),
        ("domain/rule.rs", "use crate::engine::Engine;\nfn now() { chrono::Utc::now() }\n"),
        ("engine/mod.rs", "mod a;\nmod b;\n"),
        ("engine/a.rs", "use super::b::{self, B};\nimpl A {\n    pub fn change(&mut self) {\n    }\n}\n"),
        ("engine/b.rs", "use crate::{config, engine::a::A};\n// use crate::api::Comment;\n"),
        ("config/mod.rs", "#[cfg(test)]\nmod tests {\n    use crate::pages::Test;\n}\n"),
        ("clock.rs", "fn now() { Utc::now() }\n"),
        ("attic.rs", ""),
        ("app/mod.rs", "fn leave() { engine.note_gone(); }\n"),
        ("pages/leave.rs", "fn leave() { engine\n    .note_gone(); }\n"),
        ("api/leave.rs", "fn leave() { app::leave() }\n"),
        ("vault.rs", "use crate as house;\n"),
    ]);
    assert_eq!(
        rooms::breaches(&house),
        [
            "attic.rs is in no room",
            "domain/rule.rs knows engine",
            "engine/b.rs knows config",
            "vault.rs hides which rooms it names",
        ]
    );
    assert_eq!(circles::circles(&house), [["engine/a.rs", "engine/b.rs"]]);
    assert_eq!(with_a_clock_of_their_own(&house), ["domain/rule.rs"]);
    assert_eq!(with_a_use_case_of_their_own(&house), ["pages/leave.rs"]);
    assert_eq!(crowded(&house), Vec::<String>::new());
    assert_eq!(assertions::counted(&house, "engine"), assertions::Count { changing: 1, assertions: 0 });

    let files: Vec<(String, &str)> = (0..=MAX_FILES).map(|n| (format!("pages/p{n}.rs"), "")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    assert_eq!(crowded(&Sources::of(&files)), ["pages"]);
}
