//! The table `[contact]`: who runs the service, and whom people ask. The pages show what is there, and nothing else.

use crate::config::read::document::{Node, Shape, Table};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;
use crate::config::read::terms;
use crate::domain::localized::Localized;

static CONTACT: Shape = Shape {
    name: "[contact]",
    keys: &[
        ("organiser", r#"{ zh-CN = "…", en = "…" }"#),
        ("phone", r#""0571-87280185""#),
        ("feedback", r#""https://…""#),
        ("privacy", r#""https://…""#),
        ("icp", r#""…ICP备…号""#),
    ],
    other: None,
};

/// Who runs the service, and whom people ask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Who runs it.
    pub organiser: Option<Localized>,
    /// The number that answers questions about it.
    pub phone: Option<String>,
    /// Where to write what one thinks of it: a page, or an address of mail with `mailto:`.
    pub feedback: Option<String>,
    /// The page that says what happens to personal data.
    pub privacy: Option<String>,
    /// The number under which the site is filed with the ministry.
    pub icp: Option<String>,
}

/// Reads the table.
pub(crate) fn read(node: Node<'_>) -> Contact {
    let Some(table) = node.table(&CONTACT) else { return Contact::default() };
    Contact {
        organiser: table.get("organiser").and_then(terms::localized),
        phone: table.get("phone").and_then(terms::line),
        feedback: address(&table, "feedback"),
        privacy: address(&table, "privacy"),
        icp: table.get("icp").and_then(terms::line),
    }
}

/// An address to which a page leads.
fn address(table: &Table<'_>, key: &str) -> Option<String> {
    let node = table.get(key)?;
    let text = terms::line(node)?;
    let beginnings = ["https://", "http://", "mailto:"];
    let follows = beginnings.iter().any(|beginning| text.strip_prefix(beginning).is_some_and(|rest| !rest.is_empty()));
    if follows && text.chars().all(|letter| letter.is_ascii_graphic()) {
        return Some(text);
    }
    node.refuse(Flaw::NoPageAddress { text: Part::quoted(&text) }, Mend::PageAddress {})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, check};
    use crate::domain::language::LanguageWishes;

    fn read(text: &str) -> Contact {
        (*Fixture::default().with("hallpass.toml", text).load().contact).clone()
    }

    #[test]
    fn what_is_left_out_is_not_made_up() {
        assert_eq!(read(""), Contact::default());
        let full = read(concat!(
            "[contact]\norganiser = { zh-CN = \"某局\", en = \"Some office\" }\nphone = \"0571-1\"\n",
            "feedback = \"mailto:a@b.example\"\nprivacy = \"https://b.example/privacy\"\nicp = \"某ICP备1号\"\n",
        ));
        assert_eq!(full.organiser.unwrap().pick(&LanguageWishes::of(&["en"])), "Some office");
        assert_eq!(full.phone.as_deref(), Some("0571-1"));
        assert_eq!(full.feedback.as_deref(), Some("mailto:a@b.example"));
        assert_eq!(full.privacy.as_deref(), Some("https://b.example/privacy"));
        assert_eq!(full.icp.as_deref(), Some("某ICP备1号"));
    }

    #[test]
    fn an_address_is_one_that_a_browser_follows_and_runs_nothing() {
        for wrong in
            ["javascript:alert(1)", "b.example", "/about", "https://", "mailto:", "https://b example", "ftp://b"]
        {
            let to = format!("[contact]\nfeedback = {wrong:?}\n[identity]");
            let expected = format!("11 | {wrong:?} is no address that a page can lead to | https:// or mailto:");
            check("hallpass.toml", "[identity]", &to, &[&expected]);
        }
        check(
            "hallpass.toml",
            "[identity]",
            "[contact]\nphone = \"\"\n[identity]",
            &["11 | `phone` is empty | `phone = "],
        );
        let unknown = "11 | unknown key `telephone` in [contact] | `phone`";
        check("hallpass.toml", "[identity]", "[contact]\ntelephone = \"1\"\n[identity]", &[unknown]);
    }
}
