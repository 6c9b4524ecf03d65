//! What is wrong with a JSON body, and where: from a parser's error to a problem with a pointer.
//!
//! A body that fits is read once, without any of this. One that does not is read a second time with its path followed.
//! The parser's own sentence may quote what was sent, which may be personal, so only its expectation is repeated.

use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::serve::problem::Problem;

/// A JSON object that is read as `T`. A derived struct alone would take an array of its members too.
#[derive(Clone, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Reads a body that is one JSON object.
///
/// # Errors
/// `malformed_request`: the line and column where it is no JSON, else the pointer of what does not fit.
pub fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    match serde_json::from_slice::<Object<T>>(body) {
        Ok(Object(value)) => Ok(value),
        Err(error) => Err(diagnose::<T>(body, &error)),
    }
}

fn diagnose<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error) -> Problem {
    if error.classify() != Category::Data {
        return not_json(body, error);
    }
    let mut parser = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, Object<T>>(&mut parser) {
        Err(misfit) => misfit_at(misfit.path(), &misfit.inner().to_string()),
        // Cannot be: the same bytes did not fit a moment ago.
        Ok(_) => Problem::malformed("the body does not fit this call"),
    }
}

fn not_json(body: &[u8], error: &serde_json::Error) -> Problem {
    if std::str::from_utf8(body).is_err() {
        return Problem::malformed("the body is not UTF-8");
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Problem::malformed("the body is empty; this call needs a JSON object");
    }
    Problem::malformed(format!("the body is no JSON, from line {}, column {} on", error.line(), error.column()))
}

fn misfit_at(path: &Path, sentence: &str) -> Problem {
    let pointer = pointer_of(path);
    if sentence.starts_with("unknown field ") {
        return Problem::malformed("this call has no such member").at(pointer);
    }
    if let Some(rest) = sentence.strip_prefix("duplicate field `") {
        // The names of members that are known are ours, so a backquote ends one.
        let name = rest.split('`').next().unwrap_or_default();
        return Problem::malformed("this member stands here twice").at(format!("{pointer}/{}", escaped(name)));
    }
    Problem::malformed(format!("this must be {}", expectation(sentence))).at(pointer)
}

/// What the parser wanted, from a sentence such as `invalid type: integer `5`, expected a string at line 1 column 9`.
fn expectation(sentence: &str) -> &str {
    let wanted = sentence.rsplit(", expected ").next().unwrap_or_default();
    let wanted = wanted.rfind(" at line ").map_or(wanted, |end| &wanted[..end]);
    match wanted {
        "a sequence" => "an array",
        "an object" | "a string" | "a boolean" => wanted,
        _ => "of another type",
    }
}

fn pointer_of(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        // Writing to a string cannot fail.
        let _ = match segment {
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Map { key } => write!(pointer, "/{}", escaped(key)),
            Segment::Enum { .. } | Segment::Unknown => Ok(()),
        };
    }
    pointer
}

/// A member's name as a reference token (RFC 6901, section 3), cut where a caller sends an endless one.
fn escaped(name: &str) -> String {
    const LONGEST_CHARS: usize = 64;
    let shown: String = name.chars().take(LONGEST_CHARS).collect();
    shown.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters here")]
    struct Party {
        hall: Option<String>,
        hold: Option<bool>,
        applicants: Option<Vec<Object<Person>>>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters here")]
    struct Person {
        name: Option<String>,
    }

    fn check(body: &[u8], expected: Result<(), (&str, &str)>) {
        let found = read_object::<Party>(body).map(|_| ());
        let expected = expected.map_err(|(pointer, detail)| {
            let problem = Problem::malformed(detail.to_owned());
            if pointer == "-" { problem } else { problem.at(pointer) }
        });
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(body));
    }

    #[test]
    fn a_body_that_fits_is_read() {
        check(br#"{"hall":"a","hold":true,"applicants":[{"name":"b"},{}]}"#, Ok(()));
        check(br#" {"hall":null} "#, Ok(()));
        check(b"{}", Ok(()));
    }

    #[test]
    fn what_is_no_json_is_told_where() {
        check(b"", Err(("-", "the body is empty; this call needs a JSON object")));
        check(b" \n", Err(("-", "the body is empty; this call needs a JSON object")));
        check(b"{\"hall\":", Err(("-", "the body is no JSON, from line 1, column 8 on")));
        check(b"{}\n{}", Err(("-", "the body is no JSON, from line 2, column 1 on")));
        check(b"{\"hall\":\"\\ud800\"}", Err(("-", "the body is no JSON, from line 1, column 16 on")));
        check(b"{\"hall\":\"\xff\"}", Err(("-", "the body is not UTF-8")));
        check(b"\xef\xbb\xbf{}", Err(("-", "the body is no JSON, from line 1, column 1 on")));
    }

    #[test]
    fn what_does_not_fit_is_pointed_at() {
        check(b"[]", Err(("", "this must be an object")));
        check(b"null", Err(("", "this must be an object")));
        check(b"\"text\"", Err(("", "this must be an object")));
        check(br#"["a", true, []]"#, Err(("", "this must be an object")));
        check(br#"{"hall":5}"#, Err(("/hall", "this must be a string")));
        check(br#"{"hold":"true"}"#, Err(("/hold", "this must be a boolean")));
        check(br#"{"hold":0}"#, Err(("/hold", "this must be a boolean")));
        check(br#"{"applicants":{}}"#, Err(("/applicants", "this must be an array")));
        check(br#"{"applicants":[{},["a"]]}"#, Err(("/applicants/1", "this must be an object")));
        check(br#"{"applicants":[{},{"name":1.5}]}"#, Err(("/applicants/1/name", "this must be a string")));
        check(br#"{"applicants":[{},{"age":1}]}"#, Err(("/applicants/1/age", "this call has no such member")));
        check(br#"{"a~b/c":1}"#, Err(("/a~0b~1c", "this call has no such member")));
        check(br#"{"x`, expected `y":1}"#, Err(("/x`, expected `y", "this call has no such member")));
        check(br#"{"hall":"a","hall":"b"}"#, Err(("/hall", "this member stands here twice")));
        check(
            br#"{"applicants":[{"name":"a","name":"b"}]}"#,
            Err(("/applicants/0/name", "this member stands here twice")),
        );
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        let problem = read_object::<Party>(br#"{"hold":"330102199001010004, expected nothing"}"#).err().unwrap();
        assert_eq!(problem, Problem::malformed("this must be a boolean").at("/hold"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        for body in ["[".repeat(60_000), "{\"applicants\":".repeat(4_000), format!("{{\"x\":{}", "[".repeat(60_000))] {
            assert!(read_object::<Party>(body.as_bytes()).is_err());
        }
    }
}
