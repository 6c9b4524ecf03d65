//! How people's texts are read: names, numbers, telephones, codes and divisions, whatever field they stand in.
//!
//! Phones, clipboards and input methods add what nobody typed: full-width digits, spaces, marks of direction. A text is
//! read after NFKC (Unicode Standard Annex 15), without the characters that show nothing, and without space around it;
//! a number also without spaces and hyphens inside. So one person's number is one number, however it came.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a text says. Reading it again changes nothing.
#[must_use]
pub fn text(typed: &str) -> String {
    let shown = typed.chars().filter(|c| !is_invisible(*c)).nfkc().collect::<String>();
    shown.trim().to_owned()
}

/// What free wording says, such as a street: without the characters that show nothing and space around it, but in the
/// forms that were typed, since full-width brackets and commas belong to Chinese.
#[must_use]
pub fn wording(typed: &str) -> String {
    let shown = typed.chars().filter(|c| !is_invisible(*c)).collect::<String>();
    shown.trim().to_owned()
}

/// What a number or a code says: [`text`] without spaces and hyphens. What stood on a space stands on the character before
/// it then, and becomes one with it.
#[must_use]
pub fn number(typed: &str) -> String {
    text(typed).chars().filter(|c| !c.is_whitespace() && !is_hyphen(*c)).nfkc().collect()
}

/// Whether a text shows anything at all: a character that is no space, no control character, not invisible, and no mark
/// that needs another character to stand on.
#[must_use]
pub fn shows_something(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c) && !is_combining_mark(c))
}

/// Whether a character shows nothing, or changes only how others are shown: those that Unicode has as
/// `Default_Ignorable_Code_Point` (zero-width characters, marks of direction, variation selectors, the fillers of Hangul,
/// tags), the marks of interlinear notes, and the empty pattern of Braille.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character is a hyphen, a dash, or a minus sign.
const fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_phones_and_clipboards_add_is_not_read() {
        for (typed, read) in [
            (" 张伟 ", "张伟"),
            ("\u{3000}张伟\u{a0}", "张伟"),
            ("\u{200e}张\u{feff}伟\u{202c}", "张伟"),
            ("\u{202e}张伟", "张伟"),
            ("葛\u{e0101}", "葛"),
            ("买买提·艾力", "买买提·艾力"),
            ("ＺＨＡＮＧ　Ｗｅｉ", "ZHANG Wei"),
            ("\u{f900}", "豈"),
            ("e\u{34f}\u{301}", "é"),
            ("\u{2028}李\u{2029}芳\r\n", "李\u{2029}芳"),
            ("", ""),
        ] {
            assert_eq!(text(typed), read, "{typed:?}");
        }
        assert_eq!(wording("\u{feff}　文三路１号（东门）\u{200b} \n"), "文三路１号（东门）");
        for (typed, read) in [
            ("138 0013 8000", "13800138000"),
            ("138-0013-8000", "13800138000"),
            ("１３８‐００１３‑８０００", "13800138000"),
            ("\u{202d}+86\u{a0}138\u{2009}0013\u{202f}8000\u{202c}", "+8613800138000"),
            ("330102 19900101 ０００４", "330102199001010004"),
            ("33010819920309999ｘ\t", "33010819920309999x"),
            ("\u{200e}330106\u{200e}", "330106"),
            ("k\u{b8}", "ķ"),
        ] {
            assert_eq!(number(typed), read, "{typed:?}");
        }
    }

    #[test]
    fn what_shows_nothing_is_known() {
        let fillers = "\u{3164} \u{ffa0} \u{115f} \u{1160} \u{2800} \u{200b} \u{200d} \u{2060} \u{feff} \u{ad} \u{34f} \u{61c} \
                       \u{180e} \u{202e} \u{2066} \u{fe0f} \u{e0100} \u{e0001} \u{e0041} \u{fffb} \u{2003} \u{3000} \u{7} \u{301}";
        for nothing in
            fillers.split_ascii_whitespace().chain(["", " ", "\u{3164}\u{2800}\t", "\u{b4}", "\u{200b}\u{fe0f}"])
        {
            assert!(!shows_something(&text(nothing)), "{nothing:?}");
        }
        for something in ["张", "\u{3164}张", "a", "é", "е\u{301}", "·", "\u{e000}", "𠮷", "한", "1"] {
            assert!(shows_something(&text(something)), "{something:?}");
        }
    }

    proptest! {
        #[test]
        fn reading_again_changes_nothing(typed in any::<String>()) {
            let (once, digits) = (text(&typed), number(&typed));
            prop_assert_eq!(&text(&once), &once);
            prop_assert_eq!(&number(&digits), &digits);
            prop_assert_eq!(number(&once), digits);
        }
    }
}
