use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// The messages of a catalogue with the arguments that each names.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines() {
        if let Some((name, _)) = line.split_once(" =")
            && line.starts_with(|first: char| first.is_ascii_lowercase())
        {
            name.clone_into(&mut key);
            found.entry(key.clone()).or_default();
        }
        for piece in line.split("{ $").skip(1).chain(line.split("{$").skip(1)) {
            let name: String =
                piece.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
            if let Some(arguments) = found.get_mut(&key) {
                arguments.insert(name);
            }
        }
    }
    found
}

fn rust_files(under: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(under).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("text/tests.rs") {
            into.push(path);
        }
    }
}

/// The keys that a source names: whole ones, and the beginnings of those that end in a variable.
fn named_keys(source: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut whole, mut begun) = (BTreeSet::new(), BTreeSet::new());
    for call in [".get(", ".with(", ".try_get("] {
        let mut pieces = source.split(call);
        let mut before = pieces.next().unwrap_or_default();
        for piece in pieces {
            // Fields of forms and maps are asked with `get` too.
            let of_text =
                before.trim_end().ends_with("text") || before.ends_with("text()") || before.ends_with("Text(self)");
            let key = piece.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
            if let Some((key, _)) = key.filter(|_| of_text) {
                whole.insert(key.to_owned());
            }
            before = piece;
        }
    }
    for piece in source.split("(&format!(\"").skip(1) {
        if let Some((key, _)) = piece.split_once(['{', '"']) {
            begun.insert(key.to_owned());
        }
    }
    (whole, begun)
}

#[test]
fn all_languages_have_the_same_messages_with_the_same_arguments() {
    let [first, others @ ..] = Language::ALL;
    for (at, (name, source)) in sources(first).into_iter().enumerate() {
        let expected = messages(source);
        for other in others {
            let found = messages(sources(other)[at].1);
            let keys = |of: &BTreeMap<String, _>| of.keys().cloned().collect::<BTreeSet<_>>();
            let differing: Vec<_> = keys(&expected).symmetric_difference(&keys(&found)).cloned().collect();
            assert_eq!(differing, Vec::<String>::new(), "{name} in {}", other.tag());
            for (key, arguments) in &expected {
                assert_eq!(&found[key], arguments, "{key} in {}", other.tag());
            }
        }
    }
}

#[test]
fn every_catalogue_can_be_read_and_no_message_is_there_twice() {
    for language in Language::ALL {
        let mut seen = BTreeSet::new();
        for (name, source) in sources(language) {
            let read = FluentResource::try_new(source.to_owned());
            assert!(read.is_ok(), "{name} in {}: {:?}", language.tag(), read.err().map(|(_, errors)| errors));
            for key in messages(source).into_keys() {
                assert!(seen.insert(key.clone()), "{key} is there twice in {}", language.tag());
            }
        }
    }
}

#[test]
fn every_key_that_a_page_names_is_there_and_every_message_is_named() {
    let all: BTreeSet<String> =
        sources(Language::Simplified).into_iter().flat_map(|(_, source)| messages(source).into_keys()).collect();
    let mut files = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages"), &mut files);
    let (mut whole, mut begun) = (BTreeSet::new(), BTreeSet::new());
    let mut everything = String::new();
    for path in files {
        let source = fs::read_to_string(&path).unwrap();
        let (keys, beginnings) = named_keys(&source);
        for key in &keys {
            assert!(all.contains(key), "{} names {key}, which no catalogue has", path.display());
        }
        whole.extend(keys);
        begun.extend(beginnings);
        everything.push_str(&source);
    }
    let is_named = |key: &String| {
        whole.contains(key)
            || begun.iter().any(|beginning| !beginning.is_empty() && key.starts_with(beginning.as_str()))
            || everything.contains(&format!("\"{key}\""))
    };
    let unused: Vec<_> = all.iter().filter(|key| !is_named(key)).collect();
    assert_eq!(unused, Vec::<&String>::new(), "messages that no page names");
}

#[test]
fn wishes_lead_to_the_nearest_language() {
    let check = |wishes: &[&str], expected: Language| {
        assert_eq!(Language::wished(&LanguageWishes::of(wishes)), expected, "{wishes:?}");
    };
    check(&[], Language::Simplified);
    check(&["zh"], Language::Simplified);
    check(&["zh-SG"], Language::Simplified);
    check(&["zh-HK", "en"], Language::Traditional);
    check(&["zh-Hant-MO"], Language::Traditional);
    check(&["zh-Hans-HK", "en"], Language::Simplified);
    check(&["zh-Hant-CN"], Language::Traditional);
    check(&["*"], Language::Simplified);
    check(&["fr", "en-GB", "zh"], Language::English);
    check(&["fr"], Language::Simplified);
}

#[test]
fn dates_are_written_as_each_language_writes_them() {
    let date = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
    assert_eq!(Text(Language::Simplified).day(date), "11月27日 周五");
    assert_eq!(Text(Language::Traditional).day(date), "11月27日 週五");
    assert_eq!(Text(Language::English).day(date), "Friday 27 November");
    assert_eq!(Text(Language::English).month(date), "November 2026");
}

#[test]
fn a_division_is_written_as_each_language_writes_places() {
    let check = |code: &str, expected: [&str; 3]| {
        assert_eq!(Language::ALL.map(|language| Text(language).division(code)), expected, "{code}");
    };
    check("330106", ["浙江省杭州市西湖区", "浙江省杭州市西湖區", "Xihu District, Hangzhou, Zhejiang"]);
    check("110105", ["北京市朝阳区", "北京市朝陽區", "Chaoyang District, Beijing"]);
    check("330199", ["浙江省杭州市", "浙江省杭州市", "Hangzhou, Zhejiang"]);
    check("990000", ["990000"; 3]);
}
