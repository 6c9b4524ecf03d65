//! Administrative divisions of GB/T 2260 by their six-digit codes: province, city and county, with their names.
//!
//! The table is `divisions.tsv`: the divisions of mid-2026, and those abolished since the end of 1984 (a line that begins
//! with a minus), since an ID number keeps the code of the county in which it was given. `docs/crates.md` names the sources.
//! The table is a fact of the country and not of a configuration, so it is part of the program, and is read once, when it is
//! first asked for. People find a division by its name ([`Division::search`]) as well as by its code.

mod search;

use std::sync::LazyLock;

pub use search::MAX_TYPED_CHARS;

/// The digits of a code.
pub const CODE_DIGITS: usize = 6;

/// One division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// The code, six digits.
    pub code: &'static str,
    /// The name in simplified characters.
    pub simplified: &'static str,
    /// The name in traditional characters.
    pub traditional: &'static str,
    /// The name in English, as it is written between other English words.
    pub english: &'static str,
    /// Whether it was abolished, so that nobody lives in it any more.
    pub is_abolished: bool,
}

/// Every division, in the order of the codes.
static ALL: LazyLock<Vec<Division>> = LazyLock::new(|| {
    let lines = include_str!("divisions.tsv").lines().filter(|line| !line.starts_with('#'));
    let divisions: Vec<Division> = lines.filter_map(read).collect();
    debug_assert!(divisions.is_sorted_by(|one, next| one.code < next.code), "the table is searched by halves");
    divisions
});

fn read(line: &'static str) -> Option<Division> {
    let mut columns = line.split('\t');
    let code = columns.next()?;
    let (is_abolished, code) = code.strip_prefix('-').map_or((false, code), |code| (true, code));
    let (simplified, traditional, english) = (columns.next()?, columns.next()?, columns.next()?);
    // Half the names are the same in both kinds of characters; those are written once.
    let traditional = if traditional.is_empty() { simplified } else { traditional };
    Some(Division { code, simplified, traditional, english, is_abolished })
}

impl Division {
    /// The division with this code.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        let at = ALL.binary_search_by(|division| division.code.cmp(code)).ok()?;
        Some(ALL[at])
    }

    /// The divisions that lead to this code, from the province on: of a code without a division of its own, those that it
    /// begins with. Empty if it begins with no province, or has not six digits.
    #[must_use]
    pub fn path(code: &str) -> Vec<Self> {
        if code.len() != CODE_DIGITS {
            return Vec::new();
        }
        let part = |digits: usize| code.get(..digits).map(|head| format!("{head:0<CODE_DIGITS$}"));
        let mut path: Vec<Self> =
            [2, 4, CODE_DIGITS].into_iter().filter_map(part).filter_map(|it| Self::find(&it)).collect();
        path.dedup_by_key(|division| division.code);
        path
    }

    /// The provinces that there are, in the order of their codes.
    pub fn provinces() -> impl Iterator<Item = Self> {
        existing().filter(Division::is_province)
    }

    /// What there is right below this one: the cities of a province, with the counties that it administers itself; the
    /// counties of a city; nothing below a county.
    #[must_use]
    pub fn below(&self) -> Vec<Self> {
        let is_below = |division: &&Self| {
            !division.is_abolished && division.code != self.code && division.parent_code() == self.code
        };
        // The table is in the order of the codes, so a province stands together.
        let province = &self.code[..2];
        let begin = ALL.partition_point(|division| &division.code[..2] < province);
        let of_province = ALL[begin..].iter().take_while(|division| division.code.starts_with(province));
        of_province.filter(is_below).copied().collect()
    }

    /// Whether somebody can live there and not in a part of it: nothing is below.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.below().is_empty()
    }

    fn is_province(&self) -> bool {
        self.code.ends_with("0000")
    }

    /// The code of the division that this one is a part of: its city if there is one, else its province; of a province, its
    /// own.
    fn parent_code(&self) -> &'static str {
        let head = |digits: usize| Self::find(&format!("{:0<CODE_DIGITS$}", &self.code[..digits]));
        let city = head(4).filter(|city| city.code != self.code && !city.is_abolished);
        city.or_else(|| head(2)).map_or(self.code, |parent| parent.code)
    }
}

fn existing() -> impl Iterator<Item = Division> {
    ALL.iter().copied().filter(|division| !division.is_abolished)
}

/// The province of a city or county that has this name, with or without its kind (`杭州`, `杭州市`), such as a hall names its
/// own. `None` if there is none, or there are some in different provinces.
#[must_use]
pub fn province_of_city(name: &str) -> Option<Division> {
    let mut found =
        existing().filter(|division| is_called(division.simplified, name)).map(|division| &division.code[..2]);
    let province = found.next()?;
    if found.any(|other| other != province) {
        return None;
    }
    Division::find(&format!("{province}0000"))
}

fn is_called(full: &str, name: &str) -> bool {
    full.strip_prefix(name).is_some_and(|kind| matches!(kind, "" | "市" | "地区" | "盟" | "自治州"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_is_read_and_every_line_is_sound() {
        let lines = include_str!("divisions.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(ALL.len(), lines);
        assert!(ALL.is_sorted_by(|one, next| one.code < next.code), "a code stands twice, or not in its order");
        for division in ALL.iter() {
            let Division { code, simplified, traditional, english, .. } = division;
            assert!(code.len() == CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit()), "{division:?}");
            assert!(!simplified.is_empty() && !traditional.is_empty(), "{division:?}");
            assert!(
                english.is_ascii() && english.starts_with(|first: char| first.is_ascii_uppercase()),
                "{division:?}"
            );
            assert!(Division::find(&format!("{}0000", &code[..2])).is_some_and(|province| !province.is_abolished));
        }
        assert_eq!(Division::provinces().count(), 34);
    }

    #[test]
    fn every_division_that_there_is_can_be_reached_from_its_province() {
        fn count(division: &Division) -> usize {
            1 + division.below().iter().map(count).sum::<usize>()
        }
        assert_eq!(Division::provinces().map(|province| count(&province)).sum::<usize>(), existing().count());
    }

    #[test]
    fn a_code_leads_through_its_province_and_city() {
        let check = |code: &str, expected: &[&str]| {
            let names: Vec<&str> = Division::path(code).iter().map(|division| division.simplified).collect();
            assert_eq!(names, expected, "{code}");
        };
        check("330106", &["浙江省", "杭州市", "西湖区"]);
        check("110105", &["北京市", "朝阳区"]);
        check("441900", &["广东省", "东莞市"]);
        check("429004", &["湖北省", "仙桃市"]);
        check("810000", &["香港特别行政区"]);
        // Abolished, unknown in its city, unknown in its province, and unknown altogether.
        check("330103", &["浙江省", "杭州市", "下城区"]);
        check("330199", &["浙江省", "杭州市"]);
        check("339999", &["浙江省"]);
        for nothing in ["990101", "", "33010", "３３０１０６", "3301066", "杭州"] {
            check(nothing, &[]);
        }
    }

    #[test]
    fn what_is_below_is_what_exists() {
        let below = |code: &str| -> Vec<&str> {
            Division::find(code).unwrap().below().iter().map(|division| division.code).collect()
        };
        assert_eq!(below("330000").len(), 11);
        assert!(below("330100").contains(&"330106") && !below("330100").contains(&"330103"));
        assert!(below("110000").contains(&"110105"), "a municipality has districts and no cities");
        assert!(below("420000").contains(&"429004") && below("460000").contains(&"469030"));
        assert!(below("441900").is_empty() && below("820000").is_empty() && below("330106").is_empty());
        assert!(Division::find("441900").unwrap().is_last() && !Division::find("330100").unwrap().is_last());
    }

    #[test]
    fn a_hall_names_its_city_and_is_found_in_its_province() {
        let check = |city: &str, expected: Option<&str>| {
            assert_eq!(province_of_city(city).map(|province| province.english), expected, "{city}");
        };
        check("杭州", Some("Zhejiang"));
        check("杭州市", Some("Zhejiang"));
        check("北京", Some("Beijing"));
        check("昆明", Some("Yunnan"));
        check("乌鲁木齐", Some("Xinjiang"));
        check("恩施", Some("Hubei"));
        check("西湖", None);
        check("朝阳区", None);
        check("", None);
    }
}
