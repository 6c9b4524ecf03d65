//! How often the rooms that hold state say what must be true of it.

use super::sources::Sources;

/// The least number of assertions for each hundred functions that change state, in rooms that hold some. It only grows.
const LEAST: [(&str, usize); 2] = [("engine", 75), ("ledger", 7)];

/// What a room has of both.
#[derive(Debug, PartialEq, Eq)]
pub struct Count {
    /// Functions with `&mut self`: the fewest that change state, since many do it behind a lock.
    pub changing: usize,
    pub assertions: usize,
}

/// Counts what a room has.
pub fn counted(sources: &Sources, room: &str) -> Count {
    let mut count = Count { changing: 0, assertions: 0 };
    for file in sources.files().filter(|file| file.module.get(1).is_some_and(|name| name == room)) {
        let code: String = file.code.split_whitespace().collect();
        count.changing += code.matches("(&mutself").count();
        let all =
            ["assert!(", "assert_eq!(", "assert_ne!("].map(|kind| code.matches(kind).count()).iter().sum::<usize>();
        // What is checked when it is compiled, or in debug builds alone, holds nothing where it matters.
        count.assertions += all - code.matches("const_:()=assert!(").count() - code.matches("debug_assert").count();
    }
    count
}

/// Whether every room has at least its share.
pub fn check(sources: &Sources) {
    for (room, least) in LEAST {
        let Count { changing, assertions } = counted(sources, room);
        assert!(changing > 0, "no function of {room} changes anything: the counting is wrong");
        assert!(
            assertions * 100 >= least * changing,
            "{room} has {assertions} assertions for {changing} functions that change state, fewer than {least} in a hundred"
        );
    }
}
