//! Divisions by what somebody types: a name in either kind of characters or in letters, with or without its kind, alone or
//! after the names of what it lies in, or a code.
//!
//! Names are compared without case, spaces, marks and tones; the `v` that the table has for ü is found as `ü`, `u:` and `u`,
//! too. What is called exactly so comes first, then what begins so; what only has the text inside is found where nothing is
//! called so. Of those that are alike the larger comes first: whoever has typed a few letters means a province or a city more
//! often, and there are few of them. A division that was abolished comes after those that there are, and not at all if its
//! province has another of the same name, which it became.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{ALL, CODE_DIGITS, Division};
use crate::domain::reading;

/// How much typed text is looked at, in characters: more than the longest name with all that it lies in.
pub const MAX_TYPED_CHARS: usize = 100;
/// From how many letters on a text is looked for inside of names; a Chinese character says more.
const LEAST_LETTERS_INSIDE: usize = 3;
/// The shortest name without its kind, in characters: of 矿区 nothing would be left.
const LEAST_STEM_CHARS: usize = 2;

/// The kinds of divisions at the end of Chinese names, the longer before those that they end with, and how pinyin writes
/// those that people type.
const KINDS: [(&str, &str); 20] = [
    ("特别行政区", ""),
    ("特別行政區", ""),
    ("自治区", ""),
    ("自治區", ""),
    ("自治州", ""),
    ("自治县", ""),
    ("自治縣", ""),
    ("自治旗", ""),
    ("林区", ""),
    ("林區", ""),
    ("地区", "diqu"),
    ("地區", "diqu"),
    ("省", "sheng"),
    ("市", "shi"),
    ("县", "xian"),
    ("縣", "xian"),
    ("区", "qu"),
    ("區", "qu"),
    ("盟", "meng"),
    ("旗", "qi"),
];
/// The same at the end of English names.
const ENGLISH_KINDS: [&str; 7] = ["District", "County", "Banner", "Prefecture", "League", "Area", "Autonomous"];
/// What people type of divisions that have another name in English.
const ALSO_CALLED: [(&str, &str); 5] =
    [("150000", "neimenggu"), ("540000", "tibet"), ("810000", "xianggang"), ("820000", "aomen"), ("820000", "macau")];

/// The beginnings of syllables with ü as the table writes them, and as most people type them.
const UMLAUTS: [(&str, &str); 2] = [("lv", "lu"), ("nv", "nu")];

/// A division with its names as they are compared.
struct Entry {
    division: Division,
    /// The names in full.
    full: Vec<String>,
    /// The names without their kinds.
    stems: Vec<String>,
    /// Where in the table what it lies in stands, the province first.
    within: Vec<usize>,
    /// Whether another division of the province that there is has its name.
    is_succeeded: bool,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = ALL.iter().map(entry).collect();
    for at in 0..entries.len() {
        entries[at].is_succeeded = entries[at].division.is_abolished && successor(&entries, at).is_some();
    }
    entries
});

/// Where those stand in the table in which others lie.
static ABOVE: LazyLock<BTreeSet<usize>> =
    LazyLock::new(|| ENTRIES.iter().flat_map(|entry| entry.within.iter().copied()).collect());

fn entry(division: &Division) -> Entry {
    let names = [division.simplified, division.traditional];
    let english = english_stem(division.english);
    let pinyin = KINDS.iter().find(|(kind, pinyin)| !pinyin.is_empty() && division.simplified.ends_with(kind));
    let also = ALSO_CALLED.iter().filter(|(code, _)| *code == division.code).map(|(_, name)| (*name).to_owned());
    let mut full: Vec<String> = names.into_iter().chain([division.english]).map(folded).collect();
    full.extend(pinyin.map(|(_, kind)| folded(english) + kind));
    let mut stems: Vec<String> = names.into_iter().map(stem).chain([english]).map(folded).collect();
    stems.extend(also);
    for names in [&mut full, &mut stems] {
        let with_u: Vec<String> = names.iter().filter_map(|name| with_plain_u(name)).collect();
        names.extend(with_u);
    }
    let path = Division::path(division.code);
    let above = path.iter().filter(|above| above.code != division.code);
    let within = above.filter_map(|above| ALL.binary_search_by(|one| one.code.cmp(above.code)).ok()).collect();
    Entry { division: *division, full, stems, within, is_succeeded: false }
}

/// Where the division stands that has the name of this abolished one now: in the same city while there is that city, else in
/// the same province. None if there are none or several, or if the name says no more than what kind it is of.
fn successor(entries: &[Entry], at: usize) -> Option<usize> {
    let gone = &entries[at];
    if stem(gone.division.simplified) == gone.division.simplified {
        return None;
    }
    let has_city = gone.within.iter().skip(1).any(|above| !entries[*above].division.is_abolished);
    let region = &gone.division.code[..if has_city { 4 } else { 2 }];
    let begin = entries.partition_point(|entry| &entry.division.code[..region.len()] < region);
    let of_region = entries[begin..].iter().take_while(|entry| entry.division.code.starts_with(region));
    let mut found = of_region
        .enumerate()
        .filter(|(_, entry)| !entry.division.is_abolished && entry.stems[0] == gone.stems[0])
        .map(|(after, _)| begin + after);
    found.next().filter(|_| found.next().is_none())
}

/// A name as it is compared.
fn folded(name: &str) -> String {
    let letters = name.nfkc().collect::<String>();
    let letters = letters.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    // Most people write 台 for 臺.
    letters.filter(|letter| letter.is_alphanumeric()).map(|letter| if letter == '臺' { '台' } else { letter }).collect()
}

/// A name in letters with u for the ü in it; `None` if there is none.
fn with_plain_u(name: &str) -> Option<String> {
    let changed = UMLAUTS.iter().fold(name.to_owned(), |name, (table, typed)| name.replace(table, typed));
    (changed != name).then_some(changed)
}

/// A typed text, in composed characters, with ü as the table has it, however it was typed.
fn with_v(text: &str) -> String {
    text.replace("u:", "v").replace("U:", "v").replace(is_umlaut, "v")
}

fn is_umlaut(letter: char) -> bool {
    "üǖǘǚǜÜǕǗǙǛ".contains(letter)
}

/// A Chinese name without its kind.
fn stem(name: &str) -> &str {
    let stem = KINDS.iter().find_map(|(kind, _)| name.strip_suffix(kind)).unwrap_or(name);
    if stem.chars().count() < LEAST_STEM_CHARS { name } else { stem }
}

/// An English name without its kind.
fn english_stem(name: &str) -> &str {
    match name.rsplit_once(' ') {
        Some((stem, kind)) if ENGLISH_KINDS.contains(&kind) => english_stem(stem),
        _ => name,
    }
}

/// How well a division fits a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is called so.
    Exact,
    /// It begins so.
    Beginning,
    /// It has the text inside, or its name with another kind, as it had earlier.
    Loose,
}

impl Division {
    /// The divisions that a typed text means, those that fit best first; none of a text that says nothing, or is too long.
    ///
    /// ```
    /// use hallpass::domain::division::Division;
    /// let found = Division::search("杭州西湖");
    /// assert_eq!(found[0].english, "Xihu District");
    /// ```
    #[must_use]
    pub fn search(typed: &str) -> Vec<Self> {
        if typed.chars().count() > MAX_TYPED_CHARS {
            return Vec::new();
        }
        let text = reading::text(typed);
        let (pinyin, plain) = (folded(&with_v(&text)), folded(&text));
        let found = named(&pinyin);
        // A ü of another language is a u in the table, and a colon after a u may only divide two names.
        if found.is_empty() && pinyin != plain { named(&plain) } else { found }
    }
}

/// The divisions that a folded text means.
fn named(text: &str) -> Vec<Division> {
    if text.len() == CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return with_code(text).into_iter().collect();
    }
    if text.is_empty() {
        return Vec::new();
    }
    // Few stand at an end of the text: only what lies in them is compared with the rest of it.
    let ends: Vec<usize> = ABOVE.iter().copied().filter(|at| ENTRIES[*at].is_at_an_end_of(text)).collect();
    let mut found: Vec<(Fit, &Entry)> =
        ENTRIES.iter().filter_map(|entry| Some((entry.fit(text, &ends)?, entry))).collect();
    let is_called_so = found.iter().any(|(fit, entry)| *fit == Fit::Exact && !entry.division.is_abolished);
    found.retain(|(fit, _)| !is_called_so || *fit != Fit::Loose);
    found.sort_by_key(|(fit, entry)| (entry.division.is_abolished, *fit, entry.level()));
    // The sort keeps the order of the codes.
    found.into_iter().map(|(_, entry)| entry.division).collect()
}

/// The division with a code; of one that was abolished, the one that has its name now.
fn with_code(code: &str) -> Option<Division> {
    let at = ENTRIES.binary_search_by(|entry| entry.division.code.cmp(code)).ok()?;
    let at = Some(at).filter(|at| ENTRIES[*at].is_succeeded).and_then(|at| successor(&ENTRIES, at)).unwrap_or(at);
    Some(ENTRIES[at].division)
}

impl Entry {
    /// How large it is: a province, a city, or a part of one.
    fn level(&self) -> u8 {
        match self.division.code {
            code if code.ends_with("0000") => 0,
            code if code.ends_with("00") => 1,
            _ => 2,
        }
    }

    /// How well it fits a text, at the ends of which the names of these stand.
    fn fit(&self, text: &str, ends: &[usize]) -> Option<Fit> {
        if self.is_succeeded {
            return None;
        }
        let own = self.own_fit(text);
        if own == Some(Fit::Exact) || !self.within.iter().any(|at| ends.contains(at)) {
            return own;
        }
        // Behind the names of what it lies in, or before them as English has it, a name must at least begin.
        let (behind, before) = (self.behind_above(text), self.before_above(text));
        let rests = [behind, before, self.before_above(behind)].into_iter();
        let rests = rests.filter(|rest| !rest.is_empty() && *rest != text);
        let fits = rests.filter_map(|rest| self.own_fit(rest)).filter(|fit| *fit != Fit::Loose);
        fits.chain(own).min()
    }

    fn own_fit(&self, text: &str) -> Option<Fit> {
        let is_latin = text.is_ascii();
        let mut names = self.full.iter().chain(&self.stems);
        if names.clone().any(|name| name == text) {
            return Some(Fit::Exact);
        }
        if names.any(|name| name.starts_with(text)) {
            return Some(Fit::Beginning);
        }
        // The kinds of English names are no names: "county" would be inside of most.
        let inside_of = if is_latin { &self.stems } else { &self.full };
        let is_long = !is_latin || text.len() >= LEAST_LETTERS_INSIDE;
        let is_inside = is_long && inside_of.iter().any(|name| name.contains(text));
        let had_another_kind = !is_latin && self.stems.iter().any(|name| name == stem(text));
        (is_inside || had_another_kind).then_some(Fit::Loose)
    }

    fn is_at_an_end_of(&self, text: &str) -> bool {
        self.full.iter().chain(&self.stems).any(|name| text.starts_with(name) || text.ends_with(name))
    }

    /// What of a text stands behind the names of what this division lies in, the largest first.
    fn behind_above<'a>(&self, text: &'a str) -> &'a str {
        let stripped = |text: &'a str, at: &usize| ENTRIES[*at].stripped(text, |text, name| text.strip_prefix(name));
        self.within.iter().fold(text, stripped)
    }

    /// What of a text stands before the names of what this division lies in, the largest last.
    fn before_above<'a>(&self, text: &'a str) -> &'a str {
        let stripped = |text: &'a str, at: &usize| ENTRIES[*at].stripped(text, |text, name| text.strip_suffix(name));
        self.within.iter().fold(text, stripped)
    }

    /// A text without the longest of this division's names that stands at an end of it.
    fn stripped<'a>(&self, text: &'a str, strip: impl Fn(&'a str, &str) -> Option<&'a str>) -> &'a str {
        let names = self.full.iter().chain(&self.stems);
        names.filter_map(|name| strip(text, name)).min_by_key(|rest| rest.len()).unwrap_or(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(typed: &str) -> Vec<&'static str> {
        Division::search(typed).into_iter().map(|division| division.code).collect()
    }

    #[test]
    fn a_place_is_found_by_any_of_its_names() {
        let check = |typed: &str, expected: &[&str]| {
            let found = codes(typed);
            assert_eq!(found.get(..expected.len()), Some(expected), "{typed}: {found:?}");
        };
        for one in [
            "杭州西湖",
            "杭州市西湖区",
            "浙江省杭州市西湖区",
            "浙江 杭州 西湖",
            "浙江省杭州市西湖區",
            "西湖区，杭州",
            "Xihu District, Hangzhou, Zhejiang",
            "hangzhou xihu",
            "HANGZHOUSHI XIHUQU",
            "Ｈａｎｇｚｈｏｕ　Ｘｉｈｕ",
            "Háng zhōu Xī hú",
            "330106",
            "３３０１０６",
            " 33\u{200b}0106 ",
        ] {
            check(one, &["330106"]);
            assert_eq!(codes(one).len(), 1, "{one}");
        }
        // In two cities, in the order of the codes.
        check("西湖", &["330106", "360103"]);
        check("西湖区", &["330106", "360103"]);
        // 溪湖区 of Benxi is written so, too.
        check("xihu", &["210503", "330106", "360103"]);
        check("豐臺", &["110106"]);
        check("豐台區", &["110106"]);
        check("丰台", &["110106"]);
        check("neimenggu", &["150000"]);
        check("macau", &["820000"]);
        check("臺灣", &["710000"]);
        check("xi'an", &["610100"]);
    }

    #[test]
    fn an_umlaut_is_found_however_it_is_typed() {
        let check = |typed: &str, expected: &[&str]| assert_eq!(codes(typed), expected, "{typed}");
        for lvliang in [
            "lvliang",
            "lüliang",
            "lu\u{308}liang",
            "Lǚliáng",
            "lu:liang",
            "LÜLIANG",
            "ＬＵ：ｌｉａｎｇ",
            "吕梁",
            "呂梁市",
        ] {
            check(lvliang, &["141100"]);
        }
        // 陆良 is written so, too.
        check("luliang", &["141100", "530322"]);
        check("luliangshi", &["141100"]);
        for lvshunkou in ["lvshunkou", "lüshunkou", "lu:shunkou", "lushunkou", "Dalian, Lushunkou"] {
            check(lvshunkou, &["210212"]);
        }
        for lveyang in ["lveyang", "lüeyang", "lu:eyang", "lueyang", "Lueyang County"] {
            check(lveyang, &["610727"]);
        }
        for begun in ["lü", "lu:", "lv", "lu"] {
            let found = codes(begun);
            assert!(
                ["141100", "210212", "220106", "532531", "610727"].iter().all(|it| found.contains(it)),
                "{begun}: {found:?}"
            );
        }
        // No ü of pinyin, and a colon that only divides.
        check("Ürümqi", &codes("urumqi"));
        check("hangzhou: xihu", &["330106"]);
        assert_eq!(codes("urumqi").first(), Some(&"650100"));
    }

    #[test]
    fn what_fits_better_comes_first_and_of_those_alike_the_larger() {
        let check = |typed: &str, first: &[&str]| {
            let found = codes(typed);
            assert_eq!(found.get(..first.len()), Some(first), "{typed}: {found:?}");
        };
        check("吉林", &["220000", "220200"]);
        // A province, then a prefecture that begins so; a district that is called so stands before both.
        check("海南", &["460000", "150303", "632500"]);
        check("朝阳", &["211300", "110105", "211321", "220104"]);
        check("江", &["320000", "360000"]);
        check("hang", &["330100"]);
        // Inside of a name only where nothing is called so.
        assert!(codes("湖区").contains(&"330106"));
        assert!(codes("城区").iter().all(|code| Division::find(code).unwrap().simplified.starts_with("城区")));
        assert!(codes("an").iter().all(|code| Division::find(code).unwrap().english.starts_with("An")));
        assert!(codes("zhou").contains(&"330100"));
    }

    #[test]
    fn what_was_abolished_leads_to_what_it_became_or_comes_last() {
        assert_eq!(codes("余杭县"), ["330110"], "it is a district now");
        assert_eq!(codes("余杭"), ["330110"]);
        assert_eq!(codes("萧山市"), codes("萧山区"));
        assert_eq!(codes("330181"), ["330109"], "by its old code, too");
        assert_eq!(codes("140402"), ["140402"], "another city's 城区 is not what it became");
        assert_eq!(codes("杭州下城"), ["330103"]);
        assert!(Division::find("330103").unwrap().is_abolished);
        let found = Division::search("下城");
        assert!(found.is_sorted_by_key(|division| division.is_abolished), "{found:?}");
    }

    #[test]
    fn what_names_nothing_finds_nothing() {
        let long = "杭".repeat(MAX_TYPED_CHARS + 1);
        for nothing in ["", " ", "？", "火星", "qqq", "330199", "999999", "杭州火星", "湖杭州", &long] {
            assert_eq!(codes(nothing), Vec::<&str>::new(), "{nothing}");
        }
    }

    #[test]
    fn what_there_is_is_found_by_its_whole_name() {
        // Each of some thousand looks at all of them.
        const SOME: usize = 61;
        for entry in ENTRIES.iter().filter(|entry| !entry.division.is_abolished).step_by(SOME) {
            let path = Division::path(entry.division.code);
            let chinese: String = path.iter().map(|division| division.simplified).collect();
            let traditional: String = path.iter().map(|division| division.traditional).collect();
            let english: Vec<&str> = path.iter().rev().map(|division| division.english).collect();
            for name in [chinese, traditional, english.join(", "), entry.division.code.to_owned()] {
                assert!(name.chars().count() <= MAX_TYPED_CHARS, "{name}");
                let found = codes(&name);
                assert!(found.iter().take(2).any(|code| *code == entry.division.code), "{name}: {found:?}");
            }
        }
    }
}
