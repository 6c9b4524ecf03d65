//! A TOML document as a tree whose every value knows its line.
//!
//! Reading never stops at an error: what cannot be read is reported and gives none, and the caller goes on. Each kind
//! of table has a [`Shape`], the list of its keys with an example of each, from which come the mends of unknown keys,
//! missing keys and wrong types.

use std::ops::RangeInclusive;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Findings, Place};
use super::flaw::{Flaw, Mend};
use super::phrases::{Part, Word};

/// Which keys a kind of table has.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What the table is called in messages.
    pub(crate) name: &'static str,
    /// Its keys, each with an example of a value.
    pub(crate) keys: &'static [(&'static str, &'static str)],
    /// Where any other key may stand too: an example of its value.
    pub(crate) other: Option<&'static str>,
}

impl Shape {
    fn example(&self, key: &str) -> Option<&'static str> {
        self.keys.iter().find(|(name, _)| *name == key).map(|(_, example)| *example).or(self.other)
    }

    fn key_list(&self) -> String {
        self.keys.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }
}

/// One file of the configuration.
#[derive(Debug)]
pub(crate) struct Document<'f> {
    file: Rc<str>,
    line_ends: Vec<usize>,
    pub(crate) findings: &'f Findings,
}

impl<'f> Document<'f> {
    /// The document of this name and text, and its tree; no tree where the syntax is wrong, which is reported.
    pub(crate) fn parse<'t>(file: &str, text: &'t str, findings: &'f Findings) -> (Self, Option<Spanned<DeTable<'t>>>) {
        let line_ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        let document = Self { file: file.into(), line_ends, findings };
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in root_causes(&errors) {
            let place = document.place(error.span().map_or(0, |span| span.start));
            findings.report(&place, Flaw::Syntax { why: error.message().into() }, Mend::WriteToml {});
        }
        (document, errors.is_empty().then_some(tree))
    }

    /// The table at the root.
    pub(crate) fn root<'d>(&'d self, tree: &'d Spanned<DeTable<'d>>, shape: &'static Shape) -> Table<'d> {
        Table::new(self, tree.get_ref(), 0, shape)
    }

    fn place(&self, offset: usize) -> Place {
        Place { file: Rc::clone(&self.file), line: self.line_ends.partition_point(|end| *end < offset) + 1 }
    }
}

/// The errors without those that only follow from an earlier one: a header that cannot be read leaves its keys to the
/// table before, where they may stand a second time.
fn root_causes(errors: &[toml::de::Error]) -> impl Iterator<Item = &toml::de::Error> {
    let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    let follows = |error: &&toml::de::Error| error.message() == "duplicate key";
    let first_cause = errors.iter().filter(|error| !follows(error)).map(start).min().unwrap_or(usize::MAX);
    errors.iter().filter(move |error| !follows(error) || start(error) < first_cause)
}

/// A table of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'d> {
    entries: &'d DeTable<'d>,
    offset: usize,
    shape: &'static Shape,
    document: &'d Document<'d>,
}

impl<'d> Table<'d> {
    /// The table with these entries, whose unknown keys are reported.
    fn new(document: &'d Document<'d>, entries: &'d DeTable<'d>, offset: usize, shape: &'static Shape) -> Self {
        for key in entries.keys().filter(|key| shape.example(key.get_ref()).is_none()) {
            let flaw = Flaw::UnknownKey { key: Part::of(key.get_ref()), table: Word::of_table(shape.name) };
            let mend = Mend::KnownKeys { keys: shape.key_list().into() };
            document.findings.report(&document.place(key.span().start), flaw, mend);
        }
        Self { entries, offset, shape, document }
    }

    /// Where the table begins.
    pub(crate) fn place(&self) -> Place {
        self.document.place(self.offset)
    }

    /// Where errors go.
    pub(crate) fn findings(&self) -> &'d Findings {
        self.document.findings
    }

    /// Whether every key is one that the shape knows.
    pub(crate) fn has_only_known_keys(&self) -> bool {
        self.entries.keys().all(|key| self.shape.example(key.get_ref()).is_some())
    }

    /// The value of a key that may be left out.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'d>> {
        let (key, value) = self.entries.get_key_value(key)?;
        Some(self.node(key, value))
    }

    /// The value of a key that must be there; a missing one is reported.
    pub(crate) fn need(&self, key: &str) -> Option<Node<'d>> {
        let node = self.get(key);
        if node.is_none() {
            let example = self.shape.example(key).unwrap_or_default();
            let flaw = Flaw::LacksKey { table: Word::of_table(self.shape.name), key: key.into() };
            self.findings().report(&self.place(), flaw, Mend::AddKey { key: key.into(), example: example.into() });
        }
        node
    }

    /// Every entry, by key.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node<'d>> {
        self.entries.iter().map(|(key, value)| self.node(key, value))
    }

    fn node(&self, key: &'d Spanned<toml::de::DeString<'d>>, value: &'d Spanned<DeValue<'d>>) -> Node<'d> {
        let example = self.shape.example(key.get_ref()).unwrap_or_default();
        Node { key: key.get_ref(), key_offset: key.span().start, example, value, document: self.document }
    }
}

/// A value of a document, under its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'d> {
    /// The key under which the value stands; for an item of an array, the key of the array.
    pub(crate) key: &'d str,
    key_offset: usize,
    example: &'static str,
    value: &'d Spanned<DeValue<'d>>,
    document: &'d Document<'d>,
}

impl<'d> Node<'d> {
    /// Where the value begins.
    pub(crate) fn place(&self) -> Place {
        self.document.place(self.value.span().start)
    }

    /// Where the key stands.
    pub(crate) fn key_place(&self) -> Place {
        self.document.place(self.key_offset)
    }

    /// Where errors go.
    pub(crate) fn findings(&self) -> &'d Findings {
        self.document.findings
    }

    /// Reports the value with a mend of its own.
    pub(crate) fn refuse<T>(&self, flaw: Flaw, mend: Mend) -> Option<T> {
        self.findings().report(&self.place(), flaw, mend);
        None
    }

    /// Reports the value; the mend is the example of its shape.
    pub(crate) fn refuse_form<T>(&self, flaw: Flaw) -> Option<T> {
        let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let key = if self.key.bytes().all(bare) { self.key.to_owned() } else { format!("{:?}", self.key) };
        self.refuse(flaw, Mend::WriteLike { key: key.into(), example: self.example.into() })
    }

    /// A string.
    pub(crate) fn text(&self) -> Option<&'d str> {
        self.value.get_ref().as_str().or_else(|| self.wrong_type(Word::String {}))
    }

    /// A whole number in this range.
    pub(crate) fn number(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let Some(integer) = self.value.get_ref().as_integer() else { return self.wrong_type(Word::WholeNumber {}) };
        let number =
            u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|number| range.contains(number));
        number.or_else(|| {
            let mend = Mend::WholeNumber { least: Part::of(range.start()), most: Part::of(range.end()) };
            self.refuse(Flaw::OutOfRange { key: self.key.into(), number: Part::of(integer) }, mend)
        })
    }

    /// A number with or without decimal places.
    pub(crate) fn decimal(&self) -> Option<f64> {
        let text = match self.value.get_ref() {
            DeValue::Float(float) => float.as_str(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            _ => return self.wrong_type(Word::Number {}),
        };
        text.parse().ok().or_else(|| self.wrong_type(Word::Number {}))
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self) -> Option<bool> {
        self.value.get_ref().as_bool().or_else(|| self.wrong_type(Word::Flag {}))
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        let Some(array) = self.value.get_ref().as_array() else { return self.wrong_type(Word::Array {}) };
        Some(array.iter().map(|value| Self { value, ..*self }).collect())
    }

    /// A table of this shape.
    pub(crate) fn table(&self, shape: &'static Shape) -> Option<Table<'d>> {
        let Some(entries) = self.value.get_ref().as_table() else { return self.wrong_type(Word::Table {}) };
        Some(Table::new(self.document, entries, self.value.span().start, shape))
    }

    /// The tables of an array of them, `[[…]]`.
    pub(crate) fn tables(&self, shape: &'static Shape) -> Option<Vec<Table<'d>>> {
        all(self.items()?.iter().map(|item| item.table(shape)))
    }

    fn wrong_type<T>(&self, wanted: Word) -> Option<T> {
        let found = match self.value.get_ref() {
            DeValue::Integer(_) => Word::WholeNumber {},
            DeValue::Float(_) => Word::Decimal {},
            DeValue::Boolean(_) => Word::Flag {},
            DeValue::Datetime(_) => Word::BareTime {},
            DeValue::Array(_) => Word::Array {},
            DeValue::Table(_) => Word::Table {},
            DeValue::String(_) => Word::String {},
        };
        self.refuse_form(Flaw::WrongType { key: self.key.into(), wanted: wanted.into(), found: found.into() })
    }
}

/// Every item, or none where one is missing. Unlike collecting into an option this looks at all of them, so that each
/// one that is wrong is reported.
pub(crate) fn all<T, C: FromIterator<T>>(items: impl Iterator<Item = Option<T>>) -> Option<C> {
    let items: Vec<Option<T>> = items.collect();
    items.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::config::tests::{Fixture, check};

    #[test]
    fn syntax_errors_have_their_line_and_do_not_hide_other_files() {
        check("halls/one.toml", "capacity = 6", "capacity = 6x", &["21 | syntax | TOML"]);
        check("halls/one.toml", "[hall.lanes.kiosk]", "[hall.lanes.kiosk", &["19 | unclosed table | TOML"]);
        check("services.toml", "lane = \"kiosk\"", "lane = \"kiosk\"\nlane = \"x\"", &["13 | duplicate key | TOML"]);
        check("hallpass.toml", "max_party = 5", "max_party =\n= 2", &["7 | syntax | TOML", "8 | syntax | TOML"]);
        check("halls/one.toml", "\"1 Road\"", "\"1 Road", &["5 | invalid basic string | TOML"]);
        Fixture::default()
            .spoilt("halls/one.toml", "[[hall]]", "[[hall]")
            .spoilt("calendar/cn.toml", "as = \"tue\"", "as = tue")
            .spoilt("services.toml", "action = \"renewal\"", "action = 1")
            .check(&[
                "calendar/cn.toml:7 | syntax | TOML",
                "halls/one.toml:1 | unclosed | TOML",
                "services.toml:4 | `action` wants a string and holds a whole number | `action = \"renewal\"`",
            ]);
    }

    #[test]
    fn unknown_keys_are_refused_in_every_table() {
        let check_in =
            |file: &'static str| move |from: &str, to: &str, expected: &str| check(file, from, to, &[expected]);

        let hallpass = check_in("hallpass.toml");
        hallpass("[policy]", "[polizei]\n[policy]", "1 | unknown key `polizei` in hallpass.toml | `policy`");
        hallpass("max_party", "max_partly", "7 | `max_partly` in [policy] | `max_party`");
        hallpass("mode =", "mod =", "11 | `mod` in [identity] | `mode`");
        hallpass("id = \"boss\"", "id = \"boss\"\nname = \"x\"", "15 | `name` in [[staff]] | `halls`");

        let services = check_in("services.toml");
        services("document = \"permit\"", "document = \"permit\"\nfee = 1", "11 | `fee` in [[service]] | `lane`");
        services(
            "[[service]]\nid = \"permit",
            "[a]\n[[service]]\nid = \"permit",
            "8 | `a` in services.toml | `service`",
        );

        let calendar = check_in("calendar/cn.toml");
        calendar("as = ", "like = ", "7 | `like` in [[workday]] | `as`");
        calendar("name = ", "free = 1\nname = ", "3 | `free` in [[holiday]] | `date`, `name`");
        calendar("[[holiday]]", "[[holidays]]\n[[holiday]]", "1 | `holidays` in a calendar | `holiday`, `workday`");

        let hall = check_in("halls/one.toml");
        hall("phone = ", "telephone = ", "6 | `telephone` in [[hall]] | `phone`");
        hall("120.21", "120.21, alt = 3", "7 | `alt` in a location | `lat`, `lon`");
        hall("mon = ", "monday = ", "11 | `monday` in [hall.hours] | `mon`, `tue`");
        hall("capacity = 6", "capacity = 6\nplaces = 7", "22 | `places` in a lane | `capacity`");
        hall("reason = ", "why = ", "25 | `why` in [[hall.exceptions]] | `reason`");
        hall("[[hall]]", "[[halle]]\n[[hall]]", "1 | `halle` in a file of halls | `hall`");
    }

    #[test]
    fn wrong_types_are_refused_with_an_example() {
        let hall = |from: &str, to: &str, expected: &str| check("halls/one.toml", from, to, &[expected]);
        hall("\"1 Road\"", "1", "5 | `address` wants a string and holds a whole number | `address = \"…\"`");
        hall("\"杭州\"", "true", "4 | `city` wants a string and holds true or false | `city = \"杭州\"`");
        hall("\"2026-12-01\"", "2026-12-01", "23 | holds a date or time without quotes | `date = \"2026-12-01\"`");
        hall("capacity = 6", "capacity = \"6\"", "21 | wants a whole number and holds a string | `capacity = 40`");
        hall("capacity = 6", "capacity = 6.0", "21 | wants a whole number and holds a decimal | `capacity = 40`");
        hall("lat = 30.25", "lat = \"30.25\"", "7 | `lat` wants a number and holds a string | `lat = 30.25`");
        hall("{ lat = 30.25, lon = 120.21 }", "[30.25, 120.21]", "7 | wants a table and holds an array | { lat");
        hall("[\"09:00-12:00\"]", "\"09:00-12:00\"", "12 | `sat` wants an array and holds a string | [\"08:30-12:00\"");
        hall("[\"09:00-12:00\"]", "[\n9,\n]", "13 | `sat` wants a string and holds a whole number | \"08:30-12:00\"");
        hall("closed = true", "closed = 1", "24 | `closed` wants true or false | `closed = true`");
        hall("\"08:30\" = 60", "\"08:30\" = {}", "17 | wants a whole number and holds a table | `\"08:30\" = 60`");
        check("services.toml", "[[service]]\nid = \"permit", "[x]\nid = \"permit", &["8 | `x` | `service`"]);
        Fixture::default()
            .with("services.toml", "service = 1")
            .check(&["services.toml:1 | `service` wants an array and holds a whole number | `service = [{ id"]);
        Fixture::default()
            .with("services.toml", "service = [1, {}]")
            .check(&["services.toml:1 | `service` wants a table | `service = [{ id"]);
    }

    #[test]
    fn missing_keys_are_reported_at_their_table() {
        let lacks = |file: &str, line: &str, at: usize, table: &str, key: &str| {
            let expected = format!("{at} | {table} lacks the key `{key}` | add it, such as `{key} = ");
            check(file, line, "", &[&expected]);
        };
        lacks("services.toml", "document = \"permit\"\n", 8, "[[service]]", "document");
        lacks("services.toml", "action = \"endorsement\"\n", 8, "[[service]]", "action");
        lacks("services.toml", "lane = \"kiosk\"\n", 8, "[[service]]", "lane");
        lacks("services.toml", "id = \"permit.endorsement\"\n", 8, "[[service]]", "id");
        lacks("services.toml", "name = { zh-CN = \"签注\" }\n", 8, "[[service]]", "name");
        lacks("calendar/cn.toml", "date = \"2026-10-10\"\n", 5, "[[workday]]", "date");
        lacks("calendar/cn.toml", "name = \"国庆节\"\n", 1, "[[holiday]]", "name");
        lacks("hallpass.toml", "id = \"boss\"\n", 13, "[[staff]]", "id");
        lacks("hallpass.toml", "role = \"admin\"\n", 13, "[[staff]]", "role");
        lacks("hallpass.toml", "halls = [\"one\"]\n", 18, "[[staff]]", "halls");
        lacks("halls/one.toml", "name = { zh-CN = \"一厅\", en = \"One\" }\n", 1, "[[hall]]", "name");
        lacks("halls/one.toml", "city = \"杭州\"\n", 1, "[[hall]]", "city");
        lacks("halls/one.toml", "location = { lat = 30.25, lon = 120.21 }\n", 1, "[[hall]]", "location");
        lacks("halls/one.toml", "lat = 30.25, ", 7, "a location", "lat");
        lacks("halls/one.toml", "time_zone = \"Asia/Shanghai\"\n", 1, "[[hall]]", "time_zone");
        lacks("halls/one.toml", "band_minutes = 15\n", 19, "a lane", "band_minutes");
        lacks("halls/one.toml", "capacity = 6\n", 19, "a lane", "capacity");
        lacks("halls/one.toml", "date = \"2026-12-01\"\n", 22, "[[hall.exceptions]]", "date");
    }
}
