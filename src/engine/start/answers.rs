//! An answer that the ledger remembers, as memory keeps it.

use crate::domain::appointment::Appointment;
use crate::engine::answer::Answer;
use crate::engine::book::Book;
use crate::engine::remembered::Fingerprint;
use crate::ledger::entry::{Remembered, RememberedAnswer, RepeatKey};

/// The answer that a ledger remembers, and the call that it belongs to. Its appointments get the masks that the book has.
pub fn answer_of(book: &Book, remembered: Remembered) -> (Fingerprint, Answer) {
    let masked = |mut appointment: Appointment| {
        if let Some(now) = book.get(appointment.id) {
            appointment.mask = now.mask;
        }
        appointment
    };
    let answer = match remembered.answer {
        RememberedAnswer::Text(text) => Answer::Text(text.into()),
        RememberedAnswer::Refused(text) => Answer::Refused(text.into()),
        RememberedAnswer::Appointments { whole_party, after } => {
            let mut after: Vec<_> = after.into_iter().map(masked).collect();
            if whole_party || after.len() != 1 {
                Answer::Party(after)
            } else {
                Answer::Appointment(Box::new(after.remove(0)))
            }
        }
    };
    let RepeatKey { owner, key, call } = remembered.repeat;
    (Fingerprint { owner, key, call }, answer)
}
