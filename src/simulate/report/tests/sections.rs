//! What each section says, whole and cut short.

use super::super::super::outcome::{End, Rush};
use super::*;

/// What the headings of the second level are about, by their ids.
fn sections(article: Node) -> Vec<String> {
    let prefix = format!("{}-", article.attribute("lang").unwrap());
    let ids = article.descendants().filter(|node| node.has_tag_name("h2")).filter_map(|node| node.attribute("id"));
    ids.map(|id| id.strip_prefix(&prefix).unwrap().to_owned()).collect()
}

fn verdict<'a>(tree: &'a Document, language: Language) -> (Node<'a, 'a>, String) {
    let verdict = all(article(tree, language), "div", "verdict").next().unwrap();
    (verdict, text(all(verdict, "p", "sentence").next().unwrap()))
}

/// The cells of the first row of a table that is named so.
fn first_row(article: Node, caption: &str) -> Vec<String> {
    let mut tables = article.descendants().filter(|node| node.has_tag_name("table"));
    let is_named = |table: &Node| table.children().any(|node| node.has_tag_name("caption") && text(node) == caption);
    let table = tables.find(is_named).unwrap_or_else(|| panic!("no table {caption}"));
    let body = table.children().find(|node| node.has_tag_name("tbody")).unwrap();
    body.first_element_child().unwrap().children().map(text).collect()
}

#[test]
fn both_languages_have_every_section() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    for language in Language::ALL {
        let expected = ["figures", "advice", "what-if", "rush", "day", "audit", "about"];
        assert_eq!(sections(article(&tree, language)), expected);
    }
}

#[test]
fn the_verdict_is_one_sentence() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let (node, chinese) = verdict(&tree, Language::Chinese);
    assert!(has_class(node, "strained"));
    assert_eq!(chinese, "8,000 位市民中有 5,212 位约到号，没有超额放号，15 个大厅中有 2 个号源或窗口不足。");
    let (_, english) = verdict(&tree, Language::English);
    let expected =
        "5,212 of 8,000 visitors got a place, nothing was oversold, and 2 of 15 halls were short of places or desks.";
    assert_eq!(english, expected);
}

#[test]
fn key_figures_are_those_of_the_run() {
    let outcome = sample::outcome();
    let shown = Shown::of(&outcome);
    let tree = shown.tree();
    let list = article(&tree, Language::English).descendants().filter(|node| has_class(*node, "figures"));
    let figures: Vec<(String, String)> = list
        .flat_map(|list| list.children())
        .map(|figure| (text(figure.first_element_child().unwrap()), text(figure.last_element_child().unwrap())))
        .collect();
    assert_eq!(figures.len(), 18);
    for (name, value) in [
        ("Visitors who came", "8,000of 8,000 who were to come"),
        ("Visitors with a place", "5,212"),
        ("Visitors who found no place", "2,404"),
        ("Share of places taken", "100%"),
        ("All places gone after", "25.0 s"),
        ("Requests in the busiest second", "9,410"),
        ("Time of a booking, p99", "41 ms"),
        ("Faults of the server", "7"),
        ("Last one done after closing", "77 min"),
    ] {
        assert!(figures.contains(&(name.into(), value.into())), "{name} {value} in {figures:?}");
    }
}

#[test]
fn charts_show_every_second_and_lines_break_where_nothing_was_asked() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let chart = |name: &str| {
        let id = format!("en-{name}");
        tree.descendants().find(|node| node.attribute("id") == Some(&id)).unwrap()
    };
    assert_eq!(all(chart("requests"), "rect", "bar").count(), 60);
    assert_eq!(all(chart("bookings"), "rect", "bar").count(), 60);
    assert_eq!(all(chart("latency"), "path", "line").count(), 4);
    let median = all(chart("latency"), "path", "p50").next().unwrap().attribute("d").unwrap();
    assert_eq!(median.matches('M').count(), 2, "{median}");
    assert!(text(chart("places")).contains("all gone after 25.0 s"));
    assert!(text(chart("requests")).contains("−10 s: 376 requests"));
}

#[test]
fn heat_maps_hold_each_hall_and_band_of_a_lane() {
    let mut outcome = sample::outcome();
    outcome.today.halls[0].lanes[0].bands[0].booked = 41;
    let shown = Shown::of(&outcome);
    let tree = shown.tree();
    let article = article(&tree, Language::English);
    let booked = first_row(article, "Booked places in percent of capacity · counters");
    assert_eq!(booked[0], "Hangzhou Exit-Entry Reception Hall (municipal)");
    assert_eq!(booked[1..], ["103", "100", "100", "100", "85", "60", "40", "100", "95", "80", "70", "50", "40", "20"]);
    let waits = first_row(article, "Wait in minutes, 90th percentile · counters");
    assert_eq!(waits[1..4], ["66", "97", "80"]);
    let over: Vec<_> = all(article, "td", "over").collect();
    assert_eq!(over.len(), 1);
    assert!(over[0].attribute("title").unwrap().starts_with("08:30: 41 of 40 booked, mean wait 26 min, p90 66 min"));
    assert!(has_class(verdict(&tree, Language::English).0, "wrong"));
}

#[test]
fn the_table_of_halls_has_a_row_for_each_lane() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let article = article(&tree, Language::Chinese);
    let row = first_row(article, "各大厅一览");
    let expected = [
        "杭州市公安局出入境接待大厅 人工窗口",
        "17",
        "74%",
        "364",
        "52",
        "83",
        "36",
        "97",
        "77",
        "93%",
        "18:17下班后 77 分钟",
    ];
    assert_eq!(row, expected);
    let table = all(article, "table", "halls").next().unwrap();
    assert_eq!(all(table, "tr", "").count(), 1 + 23);
    assert_eq!(all(table, "strong", "short").count(), 1);
}

#[test]
fn the_draft_stands_beside_today() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let table = all(article(&tree, Language::English), "table", "compare").next().unwrap();
    let rows: Vec<Vec<String>> = all(table, "tr", "").map(|row| row.children().map(text).collect()).collect();
    for expected in [
        ["Visitors who came", "8,000", "8,000", "="],
        ["Visitors with a place", "5,212", "6,000", "+788 better"],
        ["All places gone after", "25.0 s", "–", "–"],
        ["Wait in the slowest lane, p90", "97 min", "43 min", "−54 min better"],
    ] {
        assert!(rows.iter().any(|row| *row == expected), "{expected:?} in {rows:?}");
    }
    assert_eq!(first_row(article(&tree, Language::English), "Wait by hall, 90th percentile in minutes")[1], "17 → 20");
}

#[test]
fn without_a_draft_or_advice_the_page_says_nothing_of_them() {
    let outcome = Outcome { what_if: None, advice: Vec::new(), ..sample::outcome() };
    let shown = Shown::of(&outcome);
    let tree = shown.tree();
    let article = article(&tree, Language::English);
    assert_eq!(sections(article), ["figures", "advice", "rush", "day", "audit", "about"]);
    assert!(text(article).contains("Nothing: no hall is short of places or desks"));
    assert!(!text(article).contains("draft"));
    let (node, sentence) = verdict(&tree, Language::English);
    assert!(has_class(node, "fine") && sentence.ends_with("and all halls coped."));
}

#[test]
fn advice_is_in_words() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let list = all(article(&tree, Language::Chinese), "ol", "advice").next().unwrap();
    let pieces: Vec<String> = list.children().map(text).collect();
    assert_eq!(pieces.len(), 4);
    assert_eq!(
        pieces[0],
        "窗口不足 杭州市公安局出入境接待大厅 · 人工窗口 · 08:30–10:00增开 3 个人工窗口：九成人的等候时间从 71 分钟降到 24 分钟以内。"
    );
    assert!(pieces[1].ends_with("这里有 1,312 人没有约到：每个时段增加 6 个号可满足所有人。为此需增开 2 个人工窗口；现有人工窗口每个时段可按时多办 4 个。"));
}

#[test]
fn advice_that_nobody_reads_to_the_end_is_folded() {
    let mut outcome = sample::outcome();
    outcome.advice = outcome.advice.iter().cycle().take(10).cloned().collect();
    let shown = Shown::of(&outcome);
    let tree = shown.tree();
    let lists: Vec<_> = all(article(&tree, Language::English), "ol", "advice").collect();
    let pieces = |list: &Node| list.children().count();
    assert_eq!(lists.iter().map(pieces).collect::<Vec<_>>(), [8, 2]);
    assert_eq!(lists[1].attribute("start"), Some("9"));
    assert_eq!(text(lists[1].parent().unwrap().first_element_child().unwrap()), "2 more, less urgent");
}

#[test]
fn an_empty_run_has_no_charts_and_says_why() {
    let mut outcome = Outcome { end: End::Interrupted, what_if: None, ..sample::outcome() };
    outcome.today.rush = Rush::default();
    outcome.today.halls.clear();
    let shown = Shown::of(&outcome);
    let tree = shown.tree();
    let article = article(&tree, Language::English);
    assert_eq!(all(article, "svg", "").count(), 0);
    for said in ["No second of the release minute was measured.", "The day itself was not simulated."] {
        assert!(text(article).contains(said), "{said}");
    }
    let words = text(article);
    assert!(!words.contains("NaN") && !words.contains("inf"), "{words}");
}

#[test]
fn a_run_that_was_cut_short_is_marked_everywhere() {
    for (end, why) in [
        (End::Interrupted, "The run was interrupted 60.0 s into the release minute."),
        (End::ServerLost { reason: "refused".into() }, "The server was lost 60.0 s into the release minute (refused)."),
    ] {
        let outcome = Outcome { end, ..sample::outcome() };
        let shown = Shown::of(&outcome);
        let tree = shown.tree();
        let (node, sentence) = verdict(&tree, Language::English);
        assert!(has_class(node, "partial") && sentence.starts_with("So far, 5,212 of 8,000"));
        assert!(text(node).contains(why));
        for name in ["figures", "advice", "what-if", "rush", "day", "audit"] {
            let id = format!("zh-CN-{name}");
            let heading = tree.descendants().find(|it| it.attribute("id") == Some(&id)).unwrap();
            assert!(text(heading).ends_with(" 部分"), "{name}");
        }
        assert!(text(article(&tree, Language::English)).contains("could not be judged as a whole"));
    }
}

#[test]
fn violations_stand_at_the_top_with_the_seed() {
    let mut outcome = sample::outcome();
    outcome.today.violations = vec!["slot over capacity: 41 of 40".into()];
    outcome.what_if.as_mut().unwrap().violations = vec!["twice the same person".into()];
    let shown = Shown::of(&outcome);
    let tree = shown.tree();
    for (language, heading) in [
        (Language::Chinese, "核查发现 2 处错误。用种子 20261222 可以重现同一次模拟。"),
        (Language::English, "The auditor found 2 violations. Seed 20261222 plays the same run again."),
    ] {
        let article = article(&tree, language);
        assert_eq!(sections(article)[0], "violations");
        let alarm = all(article, "section", "alarm").next().unwrap();
        assert_eq!(text(all(alarm, "h2", "").next().unwrap()), heading);
        let found: Vec<String> = all(alarm, "li", "").map(text).collect();
        assert_eq!(found, ["slot over capacity: 41 of 40", "twice the same person"]);
        assert!(has_class(verdict(&tree, language).0, "wrong"));
    }
}

#[test]
fn the_foot_says_how_to_repeat_it() {
    let shown = Shown::of(&sample::outcome());
    let tree = shown.tree();
    let foot = all(article(&tree, Language::English), "footer", "").next().unwrap();
    for said in ["Peak day in Hangzhou (peak-day)", "20261222", "7e0cdafa03ef", "2a6ffbdc16c8", "own server"] {
        assert!(text(foot).contains(said), "{said}");
    }
    assert_eq!(text(all(foot, "pre", "").next().unwrap()), sample::outcome().command);
}
