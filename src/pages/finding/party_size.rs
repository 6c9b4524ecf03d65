//! How many people come: a row of numbers, each a link to the same page for so many. One is what it begins with, and who
//! comes alone presses nothing.

use maud::{Markup, html};

use super::choice::Choice;
use crate::app::input::booking::MAX_PARTY;
use crate::domain::policy::Policy;
use crate::pages::text::Text;

/// The numbers, of which the one that is chosen is marked. Nothing where only one may come, or an appointment is moved,
/// of which it is known.
#[must_use]
pub fn numbers(text: Text, policy: &Policy, choice: &Choice, address: impl Fn(&Choice) -> String) -> Markup {
    let most = policy.max_party.min(MAX_PARTY);
    html! {
        @if most > 1 && choice.moving.is_none() {
            div class="numbers" role="group" aria-labelledby="people" {
                span id="people" { (text.get("find-people")) }
                div {
                    @for number in 1..=most {
                        @let is_chosen = number == choice.people();
                        a href=(address(&choice.for_people(number))) aria-current=[is_chosen.then_some("true")] {
                            span aria-hidden="true" { (number) }
                            span class="visually-hidden" { (text.with("find-people-number", &[("count", number.into())])) }
                        }
                    }
                }
            }
            @if choice.people() > 1 {
                p class="hint" { (text.with("find-people-hint", &[("count", choice.people().into())])) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::text::Language;

    fn markup(policy: &Policy, choice: &Choice) -> String {
        numbers(Text(Language::English), policy, choice, Choice::halls).into_string()
    }

    #[test]
    fn one_is_marked_unless_another_number_is_chosen() {
        let choice = Choice { service: Some("passport.renewal".into()), area: Some("x".into()), ..Choice::default() };
        let alone = markup(&Policy::default(), &choice);
        assert_eq!(alone.matches("<a ").count(), 5);
        assert!(alone.contains("href=\"/halls?service=passport.renewal&amp;area=x\" aria-current=\"true\""), "{alone}");
        let three = markup(&Policy::default(), &choice.for_people(3));
        assert!(three.contains("people=3&amp;area=x\" aria-current=\"true\""), "{three}");
    }

    #[test]
    fn nobody_is_asked_where_there_is_nothing_to_choose() {
        let one = Policy { max_party: 1, ..Policy::default() };
        assert_eq!(markup(&one, &Choice::default()), "");
        let moving = Choice { moving: Some("x".into()), ..Choice::default() };
        assert_eq!(markup(&Policy::default(), &moving), "");
    }
}
