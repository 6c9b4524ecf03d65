//! Files that need one another in a circle.
//!
//! A file needs another whose module, or an item of it, it names. That a folder's own file names the files in the folder, and
//! they what it holds for all of them, is how a folder is built, and no circle.

use std::collections::{BTreeMap, BTreeSet};

use super::imports;
use super::sources::Sources;

/// Circles that are still to be cut: the files of each.
pub const KNOWN: [&[&str]; 0] = [];

/// Which files each file needs.
fn needs(sources: &Sources) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut needs = BTreeMap::new();
    for file in sources.files() {
        let needed: &mut BTreeSet<&str> = needs.entry(file.path.as_str()).or_default();
        for path in imports::of(file) {
            let Some(other) = sources.named(&path) else { continue };
            let is_parent = file.module.starts_with(&other.module) || other.module.starts_with(&file.module);
            if path.len() > 1 && !is_parent {
                needed.insert(&other.path);
            }
        }
    }
    needs
}

/// Every circle, as the files in it in order of path.
pub fn circles(sources: &Sources) -> Vec<Vec<&str>> {
    let needs = needs(sources);
    let reach: BTreeMap<&str, BTreeSet<&str>> = needs.keys().map(|file| (*file, reached(&needs, file))).collect();
    let circles: BTreeSet<Vec<&str>> = reach
        .iter()
        .filter(|(file, reached)| reached.contains(*file))
        .map(|(file, reached)| reached.iter().copied().filter(|other| reach[other].contains(file)).collect())
        .collect();
    circles.into_iter().collect()
}

fn reached<'a>(needs: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = needs[from].iter().copied().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(&needs[file]);
        }
    }
    reached
}

/// Whether the circles are those that are known.
pub fn check(sources: &Sources, known: &[&[&str]]) {
    assert_eq!(circles(sources), known, "left: what is there; right: what is known to be left to cut");
}
