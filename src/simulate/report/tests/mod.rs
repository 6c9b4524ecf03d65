//! What the page says and how it is built, read through a strict parser.

mod contrast;
mod page;
mod sections;

use roxmltree::{Document, Node};

use super::super::outcome::Outcome;
use super::super::sample;
use super::{Language, html};

/// A page as a parser of XML reads it: without its document type, and with its void elements closed.
struct Shown(String);

impl Shown {
    fn of(outcome: &Outcome) -> Self {
        let page = html(outcome, Language::Chinese);
        let page = page.strip_prefix("<!DOCTYPE html>").expect("a page has a document type");
        let mut text = String::new();
        for piece in page.split_inclusive('>') {
            let is_void = piece.trim_start().starts_with("<meta ") || piece.trim_start().starts_with("<input ");
            match piece.strip_suffix('>') {
                Some(open) if is_void => text.extend([open, "/>"]),
                _ => text.push_str(piece),
            }
        }
        Self(text)
    }

    /// The tree of elements; a page that is not nested well has none.
    fn tree(&self) -> Document<'_> {
        Document::parse(&self.0).expect("the page is nested well")
    }
}

/// The part of the page in one language.
fn article<'a>(tree: &'a Document, language: Language) -> Node<'a, 'a> {
    let mut articles = tree.descendants().filter(|node| node.has_tag_name("article"));
    articles.find(|node| node.attribute("lang") == Some(language.tag())).expect("each language has an article")
}

/// The elements below a node with a name and, unless it is empty, a class.
fn all<'a>(node: Node<'a, 'a>, name: &'static str, class: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.descendants().filter(move |it| it.has_tag_name(name) && has_class(*it, class))
}

fn has_class(node: Node, class: &str) -> bool {
    class.is_empty() || node.attribute("class").is_some_and(|classes| classes.split(' ').any(|it| it == class))
}

/// Everything that is written in a node.
fn text(node: Node) -> String {
    node.descendants().filter(Node::is_text).filter_map(|it| it.text()).collect()
}
