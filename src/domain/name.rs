//! Names of configured things, interned: a hall, a lane, a service, a document.
//!
//! A record of an appointment names four such things, and there may be millions of records, so a name is a number of two
//! bytes that stands for one text, for as long as the process lives. Only the configuration and the ledger make names;
//! what a client sends is looked up, never interned, so a client cannot make this table grow.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use foldhash::fast::RandomState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many different names one process may learn, over all the configurations that it loads.
pub const MAX_NAMES: usize = 65_536;
/// The length of the longest name, in bytes.
pub const MAX_NAME_BYTES: usize = 64;
/// How many names one shelf of the table has. Shelves are made as names come.
const SHELF_NAMES: usize = 256;

type Shelf = [OnceLock<&'static str>; SHELF_NAMES];

static NUMBERS: LazyLock<Mutex<HashMap<&'static str, u16>>> = LazyLock::new(Mutex::default);
static TEXTS: [OnceLock<Box<Shelf>>; MAX_NAMES / SHELF_NAMES] = [const { OnceLock::new() }; MAX_NAMES / SHELF_NAMES];

thread_local! {
    /// The names that this thread has met: a start reads four with every appointment, on all processors at a time.
    static MET: RefCell<HashMap<&'static str, u16, RandomState>> = RefCell::default();
}

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

/// An interned text of 1 to [`MAX_NAME_BYTES`] characters out of `a-z`, `0-9`, `-` and `.`: the number of that text in
/// this process. Names are ordered by their texts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(u16);

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
        if let Some(known) = MET.with_borrow(|met| met.get(text).copied()) {
            return Ok(Self(known));
        }
        let number = Self::intern_new(text)?;
        MET.with_borrow_mut(|met| met.insert(number.as_str(), number.0));
        Ok(number)
    }

    fn intern_new(text: &str) -> Result<Self, NameError> {
        // The lock covers one look-up; it is taken while a configuration or a ledger is read, never for a request.
        let mut numbers = NUMBERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = numbers.get(text) {
            return Ok(Self(*known));
        }
        let number = u16::try_from(numbers.len()).map_err(|_| NameError::TooMany)?;
        let kept: &'static str = Box::leak(text.into());
        let (shelf, place) = (usize::from(number) / SHELF_NAMES, usize::from(number) % SHELF_NAMES);
        TEXTS[shelf].get_or_init(|| Box::new([const { OnceLock::new() }; SHELF_NAMES]))[place].get_or_init(|| kept);
        numbers.insert(kept, number);
        Ok(Self(number))
    }

    /// The text.
    ///
    /// # Panics
    /// Never: the text is there before its number is.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let (shelf, place) = (usize::from(self.0) / SHELF_NAMES, usize::from(self.0) % SHELF_NAMES);
        TEXTS[shelf].get().and_then(|shelf| shelf[place].get()).expect("a name is known before it has a number")
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { self.as_str().cmp(other.as_str()) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
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
            pub fn as_str(self) -> &'static str {
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

/// How many names the process knows.
#[must_use]
pub fn known_names() -> usize {
    NUMBERS.lock().unwrap_or_else(PoisonError::into_inner).len()
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
    fn names_are_ordered_by_their_texts() {
        let [b, a, a_b] = ["order.b", "order.a", "order.a-b"].map(|text| Name::intern(text).unwrap());
        let mut names = [b, a_b, a];
        names.sort();
        assert_eq!(names.map(Name::as_str), ["order.a", "order.a-b", "order.b"]);
        assert_eq!(a.cmp(&a), Ordering::Equal);
    }

    #[test]
    fn names_fill_more_than_one_shelf() {
        let name = |number: usize| Name::intern(&format!("shelf.{number}")).unwrap();
        let names: Vec<Name> = (0..2 * SHELF_NAMES).map(name).collect();
        for (number, name) in names.into_iter().enumerate() {
            assert_eq!(name.as_str(), format!("shelf.{number}"));
        }
    }
}
