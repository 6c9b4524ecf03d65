//! How much there is of everything, and a checksum of it in which the order does not matter.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// What a file or a store has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many appointments.
    pub appointments: u64,
    /// How many answers.
    pub answers: u64,
    /// The sum, modulo 2^128, of the first 16 bytes, as a number with the highest first, of the SHA-256 of the line of each
    /// appointment and answer, without `person` and without the end of the line.
    pub contents: u128,
    /// The version of the configuration.
    pub configuration: Option<String>,
}

impl Totals {
    /// Counts an appointment with this line.
    pub fn count_appointment(&mut self, line: &[u8]) {
        self.appointments += 1;
        self.add(line);
    }

    /// Counts an answer with this line.
    pub fn count_answer(&mut self, line: &[u8]) {
        self.answers += 1;
        self.add(line);
    }

    fn add(&mut self, line: &[u8]) {
        let hash = digest(&SHA256, line);
        let head = *hash.as_ref().first_chunk().expect("a digest of 32 bytes is longer than what is taken of it");
        self.contents = self.contents.wrapping_add(u128::from_be_bytes(head));
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { appointments, answers, contents, configuration } = self;
        let configuration = configuration.as_deref().unwrap_or("unknown");
        write!(
            f,
            "{appointments} appointments, {answers} answers, checksum {contents:032x}, configuration {configuration}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals_of(lines: &[&str]) -> Totals {
        let mut totals = Totals::default();
        for line in lines {
            totals.count_appointment(line.as_bytes());
        }
        totals
    }

    #[test]
    fn the_order_does_not_matter_and_everything_else_does() {
        let whole = totals_of(&["a", "b", "c"]);
        assert_eq!(totals_of(&["c", "a", "b"]), whole);
        for other in [&["a", "b"][..], &["a", "b", "d"], &["a", "b", "b"], &["a", "b", "c", "c", "c"], &["ab", "c"]] {
            assert_ne!(totals_of(other).contents, whole.contents, "{other:?}");
        }
        assert_eq!(totals_of(&["a"]).contents, 0xca97_8112_ca1b_bdca_fac2_31b3_9a23_dc4d, "as `sha256sum` has it");
    }
}
