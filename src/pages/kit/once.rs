//! A form sent twice is one call: a second click gets the answer to the first.
//!
//! Only what has changed something is remembered. A refusal is not: its page comes back with another name for the form, so
//! nobody uses up their keys by mending fields. Nor is what a desk does with an appointment, whose state already says that it
//! was done.

use crate::app::once::of_form;
use crate::app::state::App;
use crate::engine::{Answer, Begun, Call, Caller, Refusal};
use crate::serve::problem::Problem;

use super::form_input::Filled;

/// Answers a form once. `answering` makes the change; sent again, a person's form gets the first answer.
///
/// # Errors
/// What `answering` refuses the form with, `overloaded`, `read_only`, `too_many_requests`.
pub async fn answered<const MAX: usize, F: Future<Output = Result<Answer, Problem>>>(
    app: &App,
    form: &Filled<MAX>,
    caller: Caller,
    answering: impl FnOnce(Call) -> F,
) -> Result<Answer, Problem> {
    match caller {
        Caller::Staff(_) => answering(Call { caller, now: form.visit.now, repeat: None }).await,
        Caller::Person(_) => kept(app, form, caller, answering).await,
    }
}

/// Answers a form once, whoever sends it: for what a state does not show, such as a number that was drawn.
///
/// # Errors
/// As [`answered`].
pub async fn kept<const MAX: usize, F: Future<Output = Result<Answer, Problem>>>(
    app: &App,
    form: &Filled<MAX>,
    caller: Caller,
    answering: impl FnOnce(Call) -> F,
) -> Result<Answer, Problem> {
    let (engine, now) = (app.engine()?, form.visit.now);
    if form.once().is_empty() {
        return answering(Call { caller, now, repeat: None }).await;
    }
    let fingerprint = of_form(&caller, form.once(), &form.visit.here, form.fields().text().as_bytes());
    let answer = match engine.begin_by(&caller, fingerprint, now).await {
        Ok(Begun::Answered(answer)) => answer,
        Ok(Begun::Fresh(repeat)) => answering(Call { caller, now, repeat: Some(repeat) }).await?,
        // The button has not been promised a memory, as a key has: what it asks for is worth more than the guard against a
        // second click, which the claims of the engine are too.
        // So it is with a desk whose keys a script has used up.
        Err(Refusal::KeysFull { .. }) => answering(Call { caller, now, repeat: None }).await?,
        Err(Refusal::TooManyKeys { .. }) if matches!(caller, Caller::Staff(_)) => {
            answering(Call { caller, now, repeat: None }).await?
        }
        Err(refusal) => return Err(refusal.into()),
    };
    match answer {
        Answer::Refused(problem) => Err(Problem::remembered(&problem)),
        answer => Ok(answer),
    }
}
