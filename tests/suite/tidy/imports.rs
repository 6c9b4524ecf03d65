//! Which paths a file names: in its `use` lines and beside them, each from the root of the library on.

use super::sources::File;

/// Every path inside the library that a file names, as names from `crate` on.
pub fn of(file: &File) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut rest = file.code.as_str();
    while let Some(at) = next_use(rest) {
        paths.extend(elsewhere(&rest[..at], file));
        let statement = &rest[at..];
        let end = statement.find(';').unwrap_or(statement.len());
        let body = statement[..end].trim_start().trim_start_matches("use ");
        for leaf in leaves(body) {
            paths.extend(absolute(&leaf, file));
        }
        rest = &statement[end..];
    }
    paths.extend(elsewhere(rest, file));
    paths
}

/// Where the next `use` begins: first on its line but for how visible it is.
fn next_use(text: &str) -> Option<usize> {
    text.match_indices("use ").map(|(at, _)| at).find(|at| {
        let line = text[..*at].rsplit('\n').next().unwrap_or_default().trim();
        line.is_empty() || (line.starts_with("pub") && line.ends_with(['b', ')']))
    })
}

/// The paths of a tree such as `a::{b, c::{self, d as e}}`.
fn leaves(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, inner)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![names(path)];
    };
    let inner = inner.trim_end().trim_end_matches('}');
    let head = names(head);
    branches(inner).into_iter().flat_map(leaves).map(|leaf| [head.clone(), leaf].concat()).collect()
}

/// What stands between commas that are in no braces.
fn branches(inner: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0_usize, 0, Vec::new());
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&inner[from..]);
    found.into_iter().map(str::trim).filter(|branch| !branch.is_empty()).collect()
}

fn names(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|name| !matches!(*name, "" | "self")).map(str::to_owned).collect()
}

/// Paths in code: those that begin at the root of the library or above the file.
fn elsewhere(code: &str, file: &File) -> Vec<Vec<String>> {
    let word = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
    code.split(|character| !word(character))
        .filter(|path| path.starts_with("crate::") || path.starts_with("super::"))
        .filter_map(|path| absolute(&names(path), file))
        .collect()
}

/// A path from the root on; `None` if it leads out of the library. A name alone is one of the file's own modules or a crate.
fn absolute(path: &[String], file: &File) -> Option<Vec<String>> {
    match path.first()?.as_str() {
        "crate" => Some(path.to_vec()),
        "super" => {
            let up = path.iter().take_while(|name| *name == "super").count();
            let above = file.module.get(..file.module.len().checked_sub(up)?)?;
            Some([above, &path[up..]].concat())
        }
        _ => Some([&file.module[..], path].concat()),
    }
}
