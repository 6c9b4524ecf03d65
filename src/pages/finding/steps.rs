//! How far somebody has come on the way to an appointment: the same steps on every page from the halls to the end.

use maud::{Markup, html};

use crate::pages::text::Text;

/// A step of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What is applied for: the start page.
    What,
    /// In which hall.
    Where,
    /// On which day and at what time.
    When,
    /// For whom, and the rest of the form; who is not signed in signs in here.
    Details,
    /// Whether all of it is right.
    Check,
}

impl Step {
    const ALL: [(Self, &'static str); 5] = [
        (Self::What, "find-step-what"),
        (Self::Where, "find-step-where"),
        (Self::When, "find-step-when"),
        (Self::Details, "find-step-details"),
        (Self::Check, "find-step-check"),
    ];
}

/// The steps, of which this one is being taken: a line of words on a phone, all of them where there is room.
#[must_use]
pub fn steps(text: Text, present: Step) -> Markup {
    let (at, name) =
        Step::ALL.iter().zip(1..).find(|((step, _), _)| *step == present).map_or((1, ""), |((_, key), at)| (at, *key));
    let arguments = [("at", at.into()), ("all", Step::ALL.len().into()), ("name", text.get(name).into())];
    html! {
        p class="step" { (text.with("find-step", &arguments)) }
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
    use crate::pages::text::Language;

    #[test]
    fn the_steps_before_are_done_and_one_is_present() {
        let markup = steps(Text(Language::English), Step::When).into_string();
        assert_eq!(markup.matches("class=\"done\"").count(), 2);
        assert_eq!(markup.matches("aria-current=\"step\"").count(), 1);
        assert!(markup.contains("Step 3 of 5"), "{markup}");
    }
}
