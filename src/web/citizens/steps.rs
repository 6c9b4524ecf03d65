//! How far somebody has come on the way to an appointment.

use maud::{Markup, html};

use crate::web::text::Text;

/// A step of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What is applied for.
    What,
    /// In which hall.
    Where,
    /// On which day.
    Day,
    /// At what time.
    Time,
    /// For whom, and the rest of the form.
    Details,
}

impl Step {
    const ALL: [(Self, &'static str); 5] = [
        (Self::What, "find-step-what"),
        (Self::Where, "find-step-where"),
        (Self::Day, "find-step-day"),
        (Self::Time, "find-step-time"),
        (Self::Details, "find-step-details"),
    ];
}

/// The steps, of which this one is being taken.
#[must_use]
pub fn steps(text: Text, present: Step) -> Markup {
    html! {
        ol class="steps" {
            @for (step, key) in Step::ALL {
                @if step < present {
                    li class="done" { (text.get(key)) span class="visually-hidden" { " " (text.get("find-step-done")) } }
                } @else {
                    li aria-current=[(step == present).then_some("step")] { (text.get(key)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::text::Language;

    #[test]
    fn the_steps_before_are_done_and_one_is_present() {
        let markup = steps(Text(Language::English), Step::Day).into_string();
        assert_eq!(markup.matches("class=\"done\"").count(), 2);
        assert_eq!(markup.matches("aria-current=\"step\"").count(), 1);
    }
}
