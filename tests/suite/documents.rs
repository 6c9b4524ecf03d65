//! The documents: README stays short, every link leads to something, both languages have the same documents, and each crate
//! has a reason. What the commands in them print is judged by `readme`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The longest README, in lines.
const MAX_README_LINES: usize = 200;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files with this ending in a directory and below it, as paths from the directory.
fn files_below(directory: &Path, ending: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display())) {
        let path = entry.unwrap().path();
        let name = PathBuf::from(path.file_name().unwrap());
        if path.is_dir() {
            found.extend(files_below(&path, ending).into_iter().map(|inner| name.join(inner)));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.insert(name);
        }
    }
    found
}

/// The lines of a text in Markdown that are not inside a fenced block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_block = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    })
}

/// A line without its code between backticks, in which nothing is a link.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Where the links and pictures of a text in Markdown lead.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let line = without_code(line);
        let targets = line.split("](").skip(1).map(|rest| rest.split_once(')').map(|(target, _)| target.to_owned()));
        found.extend(targets.map(|target| target.unwrap_or_else(|| panic!("a link without an end: {line}"))));
    }
    found
}

/// The anchors that the headings of a text in Markdown have, as code hosts make them: in small letters, with hyphens for
/// spaces and without other punctuation; a number is added when a heading comes again.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut times = BTreeMap::<String, usize>::new();
    let headings = prose(text).filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = kept.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_'));
        kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect::<String>()
    };
    let mut found = BTreeSet::new();
    for anchor in headings.map(anchor) {
        let before = times.entry(anchor.clone()).or_default();
        found.insert(if *before == 0 { anchor.clone() } else { format!("{anchor}-{before}") });
        *before += 1;
    }
    found
}

/// A path without `.` and `..`; `None` if it leads out of where it begins.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.into_iter().collect())
}

/// What is wrong with a link of a document; `None` if it leads to something, or out to the web.
fn wrong_with(root: &Path, document: &Path, link: &str) -> Option<&'static str> {
    if ["http://", "https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { document.to_owned() } else { document.parent()?.join(path) };
    let Some(target) = plain(&target) else { return Some("leads out of the repository") };
    if !root.join(&target).exists() {
        return Some("no such file");
    }
    let anchor = anchor?;
    let is_there =
        target.extension().is_some_and(|ending| ending == "md") && anchors(&read(&root.join(&target))).contains(anchor);
    (!is_there).then_some("no such heading")
}

/// Every link of the documents that leads to nothing, as `document: link: what is wrong`.
fn broken_links(root: &Path, documents: &BTreeSet<PathBuf>) -> Vec<String> {
    let mut found = Vec::new();
    for document in documents {
        for link in links(&read(&root.join(document))) {
            let wrong = wrong_with(root, document, &link);
            found.extend(wrong.map(|wrong| format!("{}: {link}: {wrong}", document.display())));
        }
    }
    found
}

fn documents() -> BTreeSet<PathBuf> {
    let top = ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let below = files_below(&root().join("docs"), "md").into_iter().map(|path| Path::new("docs").join(path));
    top.into_iter().map(PathBuf::from).chain(below).collect()
}

#[test]
fn readme_is_short() {
    for name in ["README.md", "README.zh-CN.md"] {
        let lines = read(&root().join(name)).lines().count();
        assert!(lines <= MAX_README_LINES, "{name} has {lines} lines; move something to docs/");
    }
}

#[test]
fn every_link_leads_to_something() {
    let documents = documents();
    let links: usize = documents.iter().map(|document| links(&read(&root().join(document))).len()).sum();
    assert!(links > 50, "only {links} links were found");
    assert_eq!(broken_links(root(), &documents), Vec::<String>::new());
}

#[test]
fn both_languages_have_the_same_documents() {
    let of = |directory: &str| {
        let all = files_below(&root().join(directory), "md").into_iter();
        all.filter(|path| path.components().count() == 1).collect::<BTreeSet<_>>()
    };
    let english = of("docs");
    assert_eq!(of("docs/zh-CN"), english);
    assert!(!english.is_empty());
    for (readme, directory) in [("README.md", "docs"), ("README.zh-CN.md", "docs/zh-CN")] {
        let links = links(&read(&root().join(readme)));
        for name in &english {
            let link = format!("{directory}/{}", name.display());
            assert!(links.contains(&link), "{readme} has no link to {link}");
        }
    }
}

/// The words of the first column of all tables in a document.
fn first_column(text: &str) -> BTreeSet<&str> {
    let rows = prose(text).filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    rows.flat_map(|(first, _)| first.split([',', '、', ' ', '（', '('])).filter(|word| !word.is_empty()).collect()
}

#[test]
fn each_crate_has_a_reason() {
    let manifest: toml::Table = read(&root().join("Cargo.toml")).parse().unwrap();
    let tables = ["dependencies", "build-dependencies", "dev-dependencies"];
    let crates: BTreeSet<&String> =
        tables.iter().flat_map(|table| manifest[*table].as_table().unwrap().keys()).collect();
    assert!(crates.len() > 50, "{crates:?}");
    for document in ["docs/crates.md", "docs/zh-CN/crates.md"] {
        let text = read(&root().join(document));
        let named = first_column(&text);
        let missing: Vec<_> = crates.iter().filter(|name| !named.contains(name.as_str())).collect();
        assert!(missing.is_empty(), "{document} says nothing of {missing:?}");
    }
}

#[test]
fn links_and_anchors_are_read_as_code_hosts_read_them() {
    let text = "# One\n[a](b.md) and ![c](d/e.png), [f](#two-words)\n```\n# no\n[no](no.md)\n```\n`[no](no.md)` [g](h.md#i)\n\
                ## Two words\n## Two words\n### A `code`, B: C_d-e?\n## 多个实例\n";
    assert_eq!(links(text), ["b.md", "d/e.png", "#two-words", "h.md#i"]);
    let expected = ["one", "two-words", "two-words-1", "a-code-b-c_d-e", "多个实例"];
    assert_eq!(anchors(text), expected.map(str::to_owned).into());
}

#[test]
fn a_link_to_nothing_is_found() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("docs")).unwrap();
    let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
    write(
        "README.md",
        "# Top\n[a](docs/a.md) [b](docs/a.md#here) [c](docs) [d](https://example.org/x) [e](docs/b.md)\n",
    );
    write("docs/a.md", "# Here\n[a](../README.md#top) [b](#here) [c](#gone) [d](../../out.md) [e](../plain.txt#top)\n");
    write("plain.txt", "# Top\n");
    let documents = ["README.md", "docs/a.md"].map(PathBuf::from).into();
    let expected = [
        "README.md: docs/b.md: no such file",
        "docs/a.md: #gone: no such heading",
        "docs/a.md: ../../out.md: leads out of the repository",
        "docs/a.md: ../plain.txt#top: no such heading",
    ];
    assert_eq!(broken_links(place.path(), &documents), expected);
}
