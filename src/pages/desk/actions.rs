//! What a desk can do with one appointment, and the word that an address has for it.

use crate::domain::appointment::Action;

const ACTIONS: [(Action, &str); 5] = [
    (Action::CheckIn, "check-in"),
    (Action::Serve, "serve"),
    (Action::MarkNoShow, "no-show"),
    (Action::Cancel, "cancel"),
    (Action::Undo, "undo"),
];

/// The word for an action in an address; none where a desk has no such action.
#[must_use]
pub fn word(action: Action) -> Option<&'static str> {
    ACTIONS.iter().find(|(one, _)| *one == action).map(|(_, word)| *word)
}

/// The action that a word in an address means.
#[must_use]
pub fn named(word: &str) -> Option<Action> {
    ACTIONS.iter().find(|(_, one)| *one == word).map(|(action, _)| *action)
}
