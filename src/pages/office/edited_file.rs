//! A file of halls that is edited: as it lies on disk, as it was typed, and the address of its editor.

use super::drafts::Typed;
use super::preview::PLACE;
use crate::app::configuration::edit::{Edit, has_only};
use crate::app::configuration::{digest_of, halls_file_name};
use crate::app::refusal::NotFound;
use crate::app::state::App;
use crate::domain::name::HallId;
use crate::pages::kit::form_input::Fields;
use crate::pages::kit::redirect::percent;
use crate::serve::problem::Problem;

/// The largest form with a file, in bytes.
pub const MAX_EDITOR_BYTES: usize = 1024 * 1024;
/// The field with the text.
pub const FIELD: &str = "text";

/// A file as it lies on disk, for a member who may edit it.
pub struct Opened {
    /// Its name in an address.
    pub file: String,
    /// Its name in the configuration directory.
    pub name: String,
    /// What it says.
    pub there: String,
}

impl Opened {
    /// Opens a file for a member with these halls; with all of them for `None`.
    ///
    /// # Errors
    /// `not_found`; `forbidden` if the file has halls that are not the member's.
    pub async fn new(app: &App, halls: Option<&[HallId]>, file: String) -> Result<Self, Problem> {
        let no_such = || Problem::from(NotFound::File);
        let name = halls_file_name(&file).ok_or_else(no_such)?;
        let files = app.texts().await?;
        let there = files.get(&name).ok_or_else(no_such)?.to_owned();
        if halls.is_some_and(|own| !has_only(&there, own)) {
            return Err(Problem::forbidden("this file has halls that are not yours"));
        }
        Ok(Self { file, name, there })
    }

    /// The change to what was typed.
    #[must_use]
    pub fn edit(&self, typed: &Typed) -> Edit {
        Edit::File { name: self.name.clone(), text: typed.text.clone(), was: typed.was.clone() }
    }

    /// The file as a form that nobody has touched.
    #[must_use]
    pub fn untouched(&self) -> Typed {
        Typed { text: self.there.clone(), was: digest_of(&self.there), comment: String::new() }
    }
}

impl Typed {
    /// What a form says.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        Self {
            text: normalised(fields.raw(FIELD)),
            was: fields.raw("was").to_owned(),
            comment: fields.get("comment").unwrap_or_default().to_owned(),
        }
    }
}

/// What stands between the address of an editor and the name of a draft.
pub const DRAFT: &str = "?draft=";

/// The address of the editor of a file.
#[must_use]
pub fn path_of(file: &str) -> String {
    format!("{PLACE}/halls/{}", percent(file))
}

/// The file whose editor is at an address, and the draft that it shows.
#[must_use]
pub fn read_path(path: &str) -> Option<(String, Option<&str>)> {
    let file = path.strip_prefix(PLACE)?.strip_prefix("/halls/")?;
    let (file, draft) = file.split_once(DRAFT).map_or((file, None), |(file, draft)| (file, Some(draft)));
    let named = format!("{file}=");
    let (file, _) = form_urlencoded::parse(named.as_bytes()).next()?;
    Some((file.into_owned(), draft))
}

/// A text as files have it: browsers send every end of a line as two characters (HTML, section 4.10.22.4).
#[must_use]
pub fn normalised(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_from_a_browser_as_files_have_it() {
        let check = |sent: &str, expected: &str| assert_eq!(normalised(sent), expected, "{sent:?}");
        check("a\r\nb\r\n", "a\nb\n");
        check("a\rb", "a\nb\n");
        check("\n a \n", "\n a \n");
        check("", "");
    }

    #[test]
    fn the_address_of_an_editor_is_read_as_it_is_written() {
        for file in ["hangzhou.toml", "a b+c.toml", "城.toml"] {
            assert_eq!(read_path(&path_of(file)), Some((file.to_owned(), None)), "{file}");
            let draft = format!("{}{DRAFT}x", path_of(file));
            assert_eq!(read_path(&draft), Some((file.to_owned(), Some("x"))));
        }
        for other in ["/", "/staff/configuration", "/staff/configuration/history/1", "/halls/a.toml"] {
            assert!(read_path(other).is_none(), "{other}");
        }
    }
}
