//! The sources of the library, without comments and without their tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One file: its path below `src`, its module, and its code.
pub struct File {
    pub path: String,
    pub module: Vec<String>,
    pub code: String,
}

/// All of them, in order of path.
pub struct Sources(BTreeMap<Vec<String>, File>);

impl Sources {
    /// What is there.
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Vec::new();
        below(&root, &root, &mut found);
        assert!(found.len() > 100, "only {} files below {}", found.len(), root.display());
        Self::new(found.iter().map(|(path, text)| (path.as_str(), text.as_str())))
    }

    /// A house of these files.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().copied())
    }

    fn new<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let files: Vec<(&str, &str)> = files.collect();
        let tests: Vec<Vec<String>> = files.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
        let read = |(path, text): &(&str, &str)| {
            let file = File { path: (*path).to_owned(), module: module(path), code: code(text) };
            (file.module.clone(), file)
        };
        let is_production = |module: &Vec<String>| !tests.iter().any(|tests| module.starts_with(tests));
        Self(files.iter().map(read).filter(|(module, _)| is_production(module)).collect())
    }

    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.0.values()
    }

    /// The file whose module, or an item of whose module, this path of names is: the longest that there is.
    pub fn named(&self, names: &[String]) -> Option<&File> {
        (1..=names.len()).rev().find_map(|length| self.0.get(&names[..length]))
    }

    /// How many files are in each folder.
    pub fn folders(&self) -> BTreeMap<String, usize> {
        let mut folders = BTreeMap::new();
        for file in self.files() {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            *folders.entry(folder.to_owned()).or_default() += 1;
        }
        folders
    }
}

fn below(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            below(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("below the root").to_str().expect("a name in UTF-8").to_owned();
            found.push((name, fs::read_to_string(&path).expect("a text")));
        }
    }
}

/// The names that lead to a file's module, from the root of the library on.
fn module(path: &str) -> Vec<String> {
    let names = path.trim_end_matches(".rs").split('/').filter(|name| !matches!(*name, "mod" | "lib"));
    std::iter::once("crate").chain(names).map(str::to_owned).collect()
}

/// The modules of a file that are built for tests only.
fn test_modules(path: &str, text: &str) -> Vec<Vec<String>> {
    let declared = text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| rest.split_once(';'));
    let names = declared.filter_map(|(declaration, _)| declaration.split_once("mod ").map(|(_, name)| name));
    let is_name = |name: &&str| name.chars().all(|character| character.is_alphanumeric() || character == '_');
    names.filter(is_name).map(|name| [&module(path)[..], &[name.to_owned()]].concat()).collect()
}

/// A text without comments, up to the tests at its end.
fn code(text: &str) -> String {
    let is_end = |(at, _): &(usize, &str)| text[*at..].lines().nth(1).is_some_and(|line| line.ends_with("mod tests {"));
    let production = text.match_indices("#[cfg(test)]\n").find(is_end).map_or(text, |(tests, _)| &text[..tests]);
    production.lines().map(|line| line.find("//").map_or(line, |at| &line[..at])).fold(
        String::new(),
        |mut code, line| {
            code.push_str(line);
            code.push('\n');
            code
        },
    )
}
