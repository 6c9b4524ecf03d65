//! The page as a whole: nesting, names, languages, and that it needs nothing from elsewhere.

use std::collections::BTreeSet;

use super::super::super::outcome::End;
use super::*;

#[test]
fn nothing_comes_from_elsewhere_and_nothing_runs() {
    let page = html(&sample::outcome(), Language::Chinese).to_lowercase();
    for foreign in
        ["http:", "https:", "src=", "url(", "@import", "<script", "<link", "<iframe", "=\"//", " onload", " onclick"]
    {
        assert!(!page.contains(foreign), "{foreign}");
    }
}

#[test]
fn names_are_unique_and_whoever_refers_to_one_finds_it() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let ids: Vec<&str> = tree.descendants().filter_map(|node| node.attribute("id")).collect();
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len());
    let links = tree.descendants().filter_map(|node| node.attribute("href")?.strip_prefix('#'));
    let labels = tree.descendants().filter_map(|node| node.attribute("for"));
    let described =
        tree.descendants().filter_map(|node| node.attribute("aria-labelledby")).flat_map(str::split_whitespace);
    let referred: BTreeSet<&str> = links.chain(labels).chain(described).collect();
    assert!(referred.len() > 20 && referred.is_subset(&known), "{:?}", referred.difference(&known).collect::<Vec<_>>());
}

#[test]
fn headings_never_leave_out_a_level() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    for language in Language::ALL {
        let levels = article(&tree, language).descendants().filter_map(|node| {
            let level = node.tag_name().name().strip_prefix('h')?;
            level.parse::<u32>().ok()
        });
        let mut above = 0;
        for level in levels {
            assert!(level <= above + 1, "h{level} after h{above}");
            above = level;
        }
        assert_eq!(all(article(&tree, language), "h1", "").count(), 1);
    }
}

#[test]
fn every_chart_has_a_name_and_a_description_or_is_hidden_beside_its_numbers() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let article = article(&tree, Language::English);
    assert_eq!(all(article, "svg", "plot").count(), 4);
    for chart in all(article, "svg", "plot") {
        for part in ["title", "desc"] {
            let said = chart.children().find(|node| node.has_tag_name(part)).map(text);
            assert!(said.is_some_and(|said| !said.is_empty()), "{part} of {:?}", chart.attribute("id"));
        }
    }
    let others = article.descendants().filter(|node| node.has_tag_name("svg") && !has_class(*node, "plot"));
    assert!(others.into_iter().all(|node| node.attribute("aria-hidden") == Some("true")));
    assert!(all(article, "table", "").all(|table| table.children().any(|node| node.has_tag_name("caption"))));
    assert!(all(article, "table", "").all(|table| has_class(table.parent().unwrap(), "scroll")));
}

#[test]
fn the_page_opens_in_the_language_that_was_asked_for() {
    for language in Language::ALL {
        let page = html(&sample::outcome(), language);
        let checked = format!("id=\"show-{}\" checked=\"checked\"", language.tag());
        assert!(page.contains(&checked) && page.matches("checked=\"checked\"").count() == 1);
        assert!(page.starts_with(&format!("<!DOCTYPE html><html lang=\"{}\">", language.tag())));
    }
    assert!(
        html(&sample::outcome(), Language::Chinese).contains("<title>杭州高峰日 · 2026-12-22 · 高峰日模拟</title>")
    );
}

#[test]
fn the_style_sheet_knows_the_switch_of_each_language() {
    for language in Language::ALL {
        assert!(super::super::STYLE.contains(&format!("#show-{}:checked ~ main .in-", language.tag())));
    }
}

#[test]
fn a_hostile_name_stays_a_name() {
    const HOSTILE: &str = "</title></style><script>alert(1)</script>\"'&<b>";
    let mut outcome = sample::outcome();
    let name = sample::named(HOSTILE, HOSTILE);
    outcome.title = name.clone();
    outcome.city = HOSTILE.into();
    outcome.server = HOSTILE.into();
    outcome.command = HOSTILE.into();
    outcome.end = End::ServerLost { reason: HOSTILE.into() };
    outcome.advice[0].name = name.clone();
    outcome.today.halls[0].name = name.clone();
    outcome.today.halls[0].lanes[0].lane = HOSTILE.into();
    outcome.today.halls[0].lanes[0].bands[0].start = HOSTILE.into();
    outcome.today.rush.answers[0].code = HOSTILE.into();
    outcome.today.rush.calls[0].call = HOSTILE.into();
    outcome.today.violations = vec![HOSTILE.into()];
    let shown = Shown::of(&outcome);
    let tree = shown.tree();
    assert!(!tree.descendants().any(|node| node.has_tag_name("script") || node.has_tag_name("b")));
    for language in Language::ALL {
        let article = article(&tree, language);
        assert_eq!(text(all(article, "h1", "").next().unwrap()), HOSTILE);
        assert_eq!(text(all(article, "section", "alarm").next().unwrap()).matches(HOSTILE).count(), 1);
    }
}
