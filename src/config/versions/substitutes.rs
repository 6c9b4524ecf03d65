//! Halls from outside of `halls/` that take the place of those with the same id: a draft that is tried out, or the own
//! halls of a scenario.

use crate::config::read::directory::TextFile;
use crate::config::read::error::Findings;
use crate::config::sections::cross_checks;
use crate::config::sections::halls_file;
use crate::config::sections::halls_file::Halls;
use crate::domain::wall::WallTime;

/// These halls with those of the files in the place of the ones with the same ids, or beside them where an id is new. Of
/// two files with the same hall the later one counts.
pub(crate) fn put_in(halls: Halls, files: &[TextFile], earliest: Option<WallTime>, findings: &Findings) -> Halls {
    let read = files.iter().map(|file| halls_file::read_apart(file, earliest, findings));
    let halls = read.fold(halls, replace);
    halls.check_count(findings);
    halls
}

fn replace(mut halls: Halls, substitutes: Halls) -> Halls {
    let ids = cross_checks::hall_ids(&substitutes);
    halls.drafts.retain(|hall| hall.id.as_ref().is_none_or(|id| !ids.contains_key(id.value.as_str())));
    halls.drafts.extend(substitutes.drafts);
    halls.complete &= substitutes.complete;
    halls
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use tempfile::TempDir;

    use crate::config::tests::{Fixture, HALL, assert_fits};
    use crate::config::{Configuration, Errors, Flaw, load_with};

    /// Files of halls beside the sound configuration.
    struct Place {
        dir: TempDir,
        files: Vec<PathBuf>,
    }

    impl Place {
        fn new(texts: &[&str]) -> Self {
            let dir = tempfile::tempdir().unwrap();
            Fixture::default().write(&dir.path().join("config"));
            let files = (0..texts.len()).map(|at| dir.path().join(format!("{at}.toml"))).collect::<Vec<_>>();
            files.iter().zip(texts).for_each(|(file, text)| fs::write(file, text).unwrap());
            Self { dir, files }
        }

        fn load(&self) -> Result<Configuration, Errors> {
            load_with(&self.dir.path().join("config"), &self.files)
        }

        /// Asserts these errors, where the folder of the given files is left out.
        fn check(&self, expected: &[&str]) {
            let mut errors = self.load().map_or_else(|errors| errors.0, |_| Vec::new());
            let folder = format!("{}/", self.dir.path().display());
            for error in &mut errors {
                error.file = error.file.replace(&folder, "");
                if let Flaw::HallTwice { place, .. } = &mut error.flaw {
                    *place = place.to_string().replace(&folder, "").into();
                }
            }
            assert_fits(&errors, expected);
        }
    }

    fn capacities(texts: &[&str]) -> Vec<(String, u32)> {
        let configuration = Place::new(texts).load().unwrap_or_else(|errors| panic!("{errors}"));
        let halls = configuration.snapshot.halls().iter();
        halls.map(|hall| (hall.id.to_string(), hall.lanes[0].capacity)).collect()
    }

    #[test]
    fn a_hall_takes_the_place_of_its_namesake_or_is_added() {
        let one = HALL.replace("capacity = 40", "capacity = 41");
        let two = one.replace("\"one\"", "\"two\"");
        let named =
            |halls: &[(&str, u32)]| halls.iter().map(|(id, places)| ((*id).to_owned(), *places)).collect::<Vec<_>>();
        assert_eq!(capacities(&[]), named(&[("one", 40)]));
        assert_eq!(capacities(&[&one]), named(&[("one", 41)]));
        assert_eq!(capacities(&[&two]), named(&[("one", 40), ("two", 41)]));
        assert_eq!(capacities(&[&format!("{one}{two}")]), named(&[("one", 41), ("two", 41)]));
        assert_eq!(capacities(&[&one, HALL]), named(&[("one", 40)]), "the later file counts");
    }

    #[test]
    fn the_version_follows_the_content() {
        let version = |texts: &[&str]| Place::new(texts).load().unwrap().snapshot.version.clone();
        let changed = HALL.replace("capacity = 40", "capacity = 41");
        let written = Fixture::default().with("halls/one.toml", &changed).load().snapshot.version.clone();
        assert_eq!(version(&[HALL]), version(&[]));
        assert_eq!(version(&[&changed]), written);
        assert_ne!(version(&[&changed]), version(&[]));
    }

    #[test]
    fn errors_name_the_file_that_was_given() {
        let early = HALL.replace("\"09:00-12:00\"", "\"08:00-12:00\"").replace("lat = 30.25", "lat = 91");
        Place::new(&[&early])
            .check(&["0.toml:7 | not on the earth | WGS-84", "0.toml:12 | before policy.earliest_start | 08:30"]);
        Place::new(&[HALL, "[[hall]"]).check(&["1.toml:1 | syntax | TOML"]);
        Place::new(&["# nothing"]).check(&["0.toml:0 | there is no hall | [[hall]]"]);
        let twice = format!("{HALL}{HALL}");
        Place::new(&[&twice]).check(&["0.toml:30 | the hall id `one` is already at 0.toml:2 | keep one"]);
        let mut missing = Place::new(&[]);
        missing.files.push(missing.dir.path().join("none.toml"));
        missing.check(&["none.toml:0 | the file cannot be read | make it a readable file"]);
    }

    #[test]
    fn the_halls_in_force_are_checked_against_the_services() {
        let without_kiosk = HALL
            .replace("[hall.lanes.kiosk]\nband_minutes = 15\ncapacity = 6\n", "")
            .replace(", \"permit.endorsement\"", "");
        Place::new(&[&without_kiosk]).check(&["services.toml:12 | no hall has the lane `kiosk` | add it to a hall"]);
        let unknown = HALL.replace("\"passport.*\"", "\"visa.*\", \"passport.*\"");
        Place::new(&[&unknown]).check(&["0.toml:9 | no service matches `visa.*` | services.toml"]);
        Place::new(&[&HALL.replace("\"one\"", "\"ONE\"")]).check(&["0.toml:2 | `id` is | `id = "]);
    }
}
