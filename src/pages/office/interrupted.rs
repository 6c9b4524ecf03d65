//! A text that met an ended session, on its way through the page that asks for the token.

use maud::{Markup, html};

use super::drafts::Typed;
use super::edited_file::{normalised, path_of};
use crate::pages::kit::form_input::Fields;

/// What a member has typed whose session had ended when it came, and who is not known any more or may be answered by another
/// instance next. It is configuration and nobody's secret, so the browser holds it as it is, in the form that asks for the
/// token.
pub struct Interrupted {
    /// The name of the file, as an address has it.
    pub file: String,
    /// What was typed.
    pub typed: Typed,
}

impl Interrupted {
    /// What the form that asks for the token carries; none where it carries nothing.
    #[must_use]
    pub fn of(fields: &Fields) -> Option<Self> {
        let raw = |name: &str| fields.raw(name).to_owned();
        let file = fields.get("kept_file")?.to_owned();
        let typed = Typed { text: normalised(&raw("kept_text")), was: raw("kept_was"), comment: raw("kept_comment") };
        Some(Self { file, typed })
    }

    /// The fields by which that form carries it.
    #[must_use]
    pub fn fields(&self) -> Markup {
        let Typed { text, was, comment } = &self.typed;
        html! {
            input type="hidden" name="kept_file" value=(self.file);
            input type="hidden" name="kept_was" value=(was);
            input type="hidden" name="kept_comment" value=(comment);
            // A browser drops the first end of a line in a text area.
            textarea name="kept_text" hidden { "\n" (text) }
        }
    }

    /// The address of the editor.
    #[must_use]
    pub fn path(&self) -> String {
        path_of(&self.file)
    }
}
