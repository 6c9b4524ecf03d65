//! Things that may stand only once: ids, dates, tokens.

use std::collections::HashMap;
use std::hash::Hash;

use super::error::{Findings, Place};
use super::flaw::{Flaw, Mend};
use super::phrases::Part;

/// Where each key was seen first.
#[derive(Debug)]
pub(crate) struct Unique<K>(HashMap<K, Place>);

impl<K> Default for Unique<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Unique<K> {
    /// Takes down where a key stands; where it has been seen before, reports what `twice` makes of the first place.
    pub(crate) fn note(&mut self, key: K, place: &Place, twice: impl FnOnce(Part) -> Flaw, findings: &Findings) {
        if let Some(first) = self.0.get(&key) {
            findings.report(place, twice(Part::of(first)), Mend::KeepOne {});
        } else {
            self.0.insert(key, place.clone());
        }
    }
}
