//! The table `[identity]`: how people prove who they are.

use crate::config::read::document::{Node, Shape};
use crate::config::read::flaw::{Flaw, Mend};
use crate::config::read::phrases::Part;

static IDENTITY: Shape =
    Shape { name: "[identity]", keys: &[("mode", r#""demo""#), ("demo_beyond_loopback", "false")], other: None };

/// How people prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity {
    /// What a session is opened with.
    pub mode: IdentityMode,
    /// Whether the demo mode, which believes whatever it is told, may listen beyond loopback.
    pub demo_beyond_loopback: bool,
}

/// What a session is opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdentityMode {
    /// A name and an ID number, unproven.
    #[default]
    Demo,
    /// An identity token. Recognised, but refused by [`crate::config::load`] as long as it is not built.
    Oidc,
}

/// Reads the table.
pub(crate) fn read(node: Node<'_>) -> Identity {
    let Some(table) = node.table(&IDENTITY) else { return Identity::default() };
    Identity {
        mode: table.get("mode").and_then(mode).unwrap_or_default(),
        demo_beyond_loopback: table.get("demo_beyond_loopback").and_then(|node| node.flag()).unwrap_or_default(),
    }
}

fn mode(node: Node<'_>) -> Option<IdentityMode> {
    match node.text()? {
        "demo" => Some(IdentityMode::Demo),
        "oidc" => {
            node.refuse::<()>(Flaw::OidcNotBuilt {}, Mend::DemoUntilBuilt {});
            Some(IdentityMode::Oidc)
        }
        other => node.refuse(Flaw::UnknownMode { mode: Part::quoted(other) }, Mend::Demo {}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{Fixture, check};

    #[test]
    fn the_mode_is_read() {
        let read = |text: &str| Fixture::default().with("hallpass.toml", text).load().identity;
        assert_eq!(read(""), Identity { mode: IdentityMode::Demo, demo_beyond_loopback: false });
        assert!(read("[identity]\ndemo_beyond_loopback = true").demo_beyond_loopback);
    }

    #[test]
    fn another_mode_is_refused() {
        check("hallpass.toml", "\"demo\"", "\"oidc\"", &["11 | the mode \"oidc\" is not built yet | mode = \"demo\""]);
        check("hallpass.toml", "\"demo\"", "\"saml\"", &["11 | unknown mode \"saml\" | mode = \"demo\""]);
        check("hallpass.toml", "\"demo\"", "1", &["11 | `mode` wants a string | `mode = \"demo\"`"]);
        check("hallpass.toml", "mode = \"demo\"", "demo_beyond_loopback = 1", &["11 | wants true or false | = false"]);
    }
}
