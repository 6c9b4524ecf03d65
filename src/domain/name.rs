//! Names of configured things, interned: a hall, a lane, a service, a document.
//!
//! A record of an appointment names four such things, and there may be millions of records, so a name is a copyable
//! reference to one shared text that lives as long as the process. Only the configuration and the ledger make names;
//! what a client sends is looked up, never interned, so a client cannot make this table grow.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many different names one process may learn, over all the configurations that it loads.
pub const MAX_NAMES: usize = 65_536;
/// The length of the longest name, in bytes.
pub const MAX_NAME_BYTES: usize = 64;

static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty, longer than [`MAX_NAME_BYTES`], or holds other characters than `a-z 0-9 . -`.
    #[error("a name has 1 to {MAX_NAME_BYTES} characters out of a-z, 0-9, '-' and '.'")]
    Malformed,
    /// The process already knows [`MAX_NAMES`] names.
    #[error("more than {MAX_NAMES} different names since the start: restart the process")]
    TooMany,
}

/// An interned text of 1 to [`MAX_NAME_BYTES`] characters out of `a-z`, `0-9`, `-` and `.`.
#[derive(Clone, Copy, Eq, PartialOrd, Ord)]
pub struct Name(&'static str);

impl Name {
    /// The name with this text, made known where it is new.
    ///
    /// # Errors
    /// [`NameError`] where the text cannot be a name or the table is full.
    pub fn intern(text: &str) -> Result<Self, NameError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if text.is_empty() || text.len() > MAX_NAME_BYTES || !text.bytes().all(allowed) {
            return Err(NameError::Malformed);
        }
        // The lock covers one look-up; it is taken while a configuration or a ledger is read, never for a request.
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(text) {
            return Ok(Self(known));
        }
        if names.len() == MAX_NAMES {
            return Err(NameError::TooMany);
        }
        let kept: &'static str = Box::leak(text.into());
        names.insert(kept);
        Ok(Self(kept))
    }

    /// The text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        // One text is interned once, so the same address is the same name and another address is another name.
        std::ptr::eq(self.0, other.0)
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // By content, as `Borrow<str>` demands.
        self.0.hash(state);
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::intern(text).map_err(serde::de::Error::custom)
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Name);

        impl $name {
            /// The id with this text, made known where it is new.
            ///
            /// # Errors
            /// [`NameError`] where the text cannot be a name or the table is full.
            pub fn intern(text: &str) -> Result<Self, NameError> {
                Name::intern(text).map(Self)
            }

            /// The text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                self.0.as_str()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.as_str())
            }
        }
    )*};
}

names! {
    /// The id of a hall, such as `hangzhou-shi-crj`.
    HallId;
    /// The id of a lane inside a hall, such as `counter`.
    LaneId;
    /// The id of a service, such as `passport.renewal`.
    ServiceId;
    /// The id of a document, such as `passport`.
    DocumentId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_is_one_name() {
        let first = HallId::intern("hangzhou-shi-crj").unwrap();
        let second = HallId::intern(&String::from("hangzhou-shi-crj")).unwrap();
        assert_eq!(first, second);
        assert_ne!(first, HallId::intern("hangzhou-xihu-crj").unwrap());
    }

    #[test]
    fn a_text_that_is_no_name_is_refused() {
        for text in ["", "A", "a b", "杭州", &"x".repeat(MAX_NAME_BYTES + 1)] {
            assert_eq!(Name::intern(text), Err(NameError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn a_map_of_names_is_asked_with_a_text() {
        let map = std::collections::HashMap::from([(LaneId::intern("counter").unwrap(), 1)]);
        assert_eq!(map.get("counter"), Some(&1));
        assert_eq!(map.get("kiosk"), None);
    }
}
