//! What members of staff have sent from the editor of a file, kept until they come back for it.
//!
//! The editor answers a form with 303 and a page that is filled in from here, so that "back", "refresh", another language and
//! a session that ended in between lose nothing and send nothing twice. A file has up to a megabyte, which no cookie holds,
//! so this process holds it: in memory, within bounds, for as long as a member stays signed in. What one instance of several
//! keeps, another does not know, so the editor does not rely on it there (see [`edit_halls`](super::edit_halls)).
//!
//! A draft belongs to the member who sent it, and is found by a name that nobody can guess.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use crate::app::refusal::Code;
use crate::pages::kit::cookies::STAFF_HOURS;
use crate::pages::kit::visitor::fresh_name;

/// How many drafts of one member are kept; then the oldest goes.
pub const MAX_DRAFTS_OF_ONE: usize = 8;
/// How much all drafts have together, in bytes; then the oldest go.
pub const MAX_DRAFTS_BYTES: usize = 16 * 1024 * 1024;

/// What somebody has typed, and what it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// The text.
    pub text: String,
    /// The digest of the file that it was made from.
    pub was: String,
    /// Why it is changed.
    pub comment: String,
}

/// Why a draft was sent, and what it met that looking at it again would not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// It is only to be shown again.
    Nothing,
    /// The session had ended.
    EndedSession,
    /// It was to be checked.
    Check,
    /// It was to be put in force, but is not what was checked.
    ChangedSince,
    /// The file could not be written.
    Unwritten,
    /// It did not come into force: the code of the problem.
    NotInForce(Code),
}

/// One draft.
#[derive(Debug)]
pub struct Draft {
    /// The id of the member who sent it.
    pub member: String,
    /// The name of the file, as an address has it.
    pub file: String,
    /// What was typed.
    pub typed: Typed,
    /// Why it was sent.
    pub met: Met,
}

impl Draft {
    const fn bytes(&self) -> usize {
        let Typed { text, was, comment } = &self.typed;
        self.member.len() + self.file.len() + text.len() + was.len() + comment.len()
    }
}

/// The drafts of all members. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Drafts(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// The oldest first.
    drafts: VecDeque<One>,
    bytes: usize,
}

#[derive(Debug)]
struct One {
    name: String,
    draft: Arc<Draft>,
    until: DateTime<Utc>,
}

impl Drafts {
    /// Keeps a draft. Gives the name by which it is found; none of one that is larger than all may be.
    #[must_use]
    pub fn keep(&self, draft: Draft, now: DateTime<Utc>) -> Option<String> {
        let bytes = draft.bytes();
        if bytes > MAX_DRAFTS_BYTES {
            return None;
        }
        let (name, until) = (fresh_name(), now + TimeDelta::hours(STAFF_HOURS));
        let mut kept = self.0.lock();
        kept.drop_if(|one| one.until <= now);
        while kept.drafts.iter().filter(|one| one.draft.member == draft.member).count() >= MAX_DRAFTS_OF_ONE {
            kept.drop_first(|one| one.draft.member == draft.member);
        }
        while kept.bytes + bytes > MAX_DRAFTS_BYTES {
            kept.drop_first(|_| true);
        }
        kept.bytes += bytes;
        kept.drafts.push_back(One { name: name.clone(), draft: Arc::new(draft), until });
        assert!(kept.bytes <= MAX_DRAFTS_BYTES, "drafts outgrow their bound");
        Some(name)
    }

    /// The draft of a file with this name, whoever sent it; none if its time is over, or it had to go.
    #[must_use]
    pub fn named(&self, name: &str, file: &str, now: DateTime<Utc>) -> Option<Arc<Draft>> {
        let kept = self.0.lock();
        let is_it = |one: &&One| one.name == name && one.draft.file == file && now < one.until;
        kept.drafts.iter().find(is_it).map(|one| Arc::clone(&one.draft))
    }
}

impl Kept {
    fn drop_if(&mut self, is_over: impl Fn(&One) -> bool) {
        self.drafts.retain(|one| !is_over(one));
        self.bytes = self.drafts.iter().map(|one| one.draft.bytes()).sum();
    }

    fn drop_first(&mut self, is_meant: impl Fn(&One) -> bool) {
        let gone = self.drafts.iter().position(is_meant).and_then(|at| self.drafts.remove(at));
        let gone = gone.expect("what is counted is there");
        self.bytes -= gone.draft.bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    fn draft(member: &str, text: &str) -> Draft {
        let typed = Typed { text: text.to_owned(), was: "w".to_owned(), comment: String::new() };
        Draft { member: member.to_owned(), file: "a.toml".to_owned(), typed, met: Met::Check }
    }

    #[test]
    fn a_draft_is_found_by_its_name_and_file_as_long_as_a_member_is_signed_in() {
        let drafts = Drafts::default();
        let name = drafts.keep(draft("one", "text"), noon()).unwrap();
        let end = noon() + TimeDelta::hours(STAFF_HOURS);
        let found = drafts.named(&name, "a.toml", end - TimeDelta::milliseconds(1)).unwrap();
        assert_eq!((found.typed.text.as_str(), found.member.as_str()), ("text", "one"));
        assert!(drafts.named(&name, "a.toml", end).is_none() && drafts.named(&name, "b.toml", noon()).is_none());
        assert!(drafts.named("", "a.toml", noon()).is_none());
        let _ = drafts.keep(draft("two", "other"), end);
        assert_eq!(drafts.0.lock().drafts.len(), 1, "what is over is dropped");
    }

    #[test]
    fn a_member_has_so_many_drafts_and_no_more() {
        let drafts = Drafts::default();
        let other = drafts.keep(draft("other", "x"), noon()).unwrap();
        let text = |number: usize| format!("{number}");
        let names: Vec<String> =
            (0..=MAX_DRAFTS_OF_ONE).map(|number| drafts.keep(draft("one", &text(number)), noon()).unwrap()).collect();
        let is_there = |name: &String| drafts.named(name, "a.toml", noon()).is_some();
        assert!(!is_there(&names[0]) && names[1..].iter().all(is_there) && is_there(&other));
    }

    #[test]
    fn all_drafts_together_have_so_many_bytes_and_no_more() {
        let drafts = Drafts::default();
        let long = "x".repeat(MAX_DRAFTS_BYTES / 3);
        let names: Vec<String> =
            (0..5).map(|number| drafts.keep(draft(&format!("member {number}"), &long), noon()).unwrap()).collect();
        let there = names.iter().map(|name| drafts.named(name, "a.toml", noon()).is_some()).collect::<Vec<_>>();
        assert_eq!(there, [false, false, false, true, true]);
        let kept = drafts.0.lock();
        assert_eq!(kept.bytes, kept.drafts.iter().map(|one| one.draft.bytes()).sum::<usize>());
        drop(kept);
        assert!(drafts.keep(draft("one", &"x".repeat(MAX_DRAFTS_BYTES)), noon()).is_none());
        assert!(drafts.named(&names[4], "a.toml", noon()).is_some(), "what is not kept drives nobody out");
    }
}
