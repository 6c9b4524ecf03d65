//! The languages that a caller reads, from `Accept-Language` (RFC 9110, section 12.5.4).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use utoipa::IntoParams;

use crate::domain::language::{ANY, LanguageWishes};

/// How many wishes are looked at.
const MAX_WISHES: usize = 16;

/// What the caller wishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages(pub LanguageWishes);

/// The header, for the description of a call.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the header is read by `Languages`; this type only describes it")]
pub struct LanguageHeader {
    /// The languages in which names are wished, as in RFC 9110; `zh-CN` where none fits. Of Chinese, a script beats a
    /// region: `zh-HK` and `zh-Hant` are traditional, `zh-Hans-HK` is simplified.
    #[param(rename = "Accept-Language", required = false, value_type = String, example = "en, zh-CN;q=0.8")]
    accept_language: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Languages {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Languages {
    /// The languages that the head of a request wishes.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        Self(by_weight(values.flat_map(|value| value.split(','))))
    }
}

/// Ranges by weight, those of the same weight in their order; those of weight 0 are refused. What cannot be read is left out.
fn by_weight<'a>(ranges: impl Iterator<Item = &'a str>) -> LanguageWishes {
    let mut wishes: Vec<(u16, &str)> = ranges.filter_map(weighed).take(MAX_WISHES).collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let refused_from = wishes.partition_point(|(weight, _)| *weight > 0);
    let ranges = |wishes: &[(u16, &str)]| wishes.iter().map(|(_, range)| (*range).to_owned()).collect();
    LanguageWishes::new(ranges(&wishes[..refused_from]), ranges(&wishes[refused_from..]))
}

/// A range and its weight in thousandths, 0 to 1,000.
fn weighed(range: &str) -> Option<(u16, &str)> {
    let (range, weight) = match range.split_once(';') {
        None => (range.trim(), 1000),
        Some((range, parameter)) => {
            let (name, value) = parameter.trim().split_once('=')?;
            (range.trim(), thousandths(value).filter(|_| name.eq_ignore_ascii_case("q"))?)
        }
    };
    let is_tag = !range.is_empty() && range.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_tag || range == ANY).then_some((weight, range))
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let fraction: u16 = digits.then(|| format!("{fraction:0<3}").parse().ok()).flatten()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_ordered_by_weight() {
        let check = |header: &str, wanted: &[&str], refused: &[&str]| {
            let owned = |ranges: &[&str]| ranges.iter().map(|range| (*range).to_owned()).collect();
            let expected = LanguageWishes::new(owned(wanted), owned(refused));
            assert_eq!(by_weight(header.split(',')), expected, "{header:?}");
        };
        check("", &[], &[]);
        check("en", &["en"], &[]);
        check("zh-CN,zh;q=0.9,en;q=0.8", &["zh-CN", "zh", "en"], &[]);
        check("en;q=0.1, fr ; Q=0.25, de;q=1.000", &["de", "fr", "en"], &[]);
        check("de;q=0, en;q=0.001, it;q=0.000", &["en"], &["de", "it"]);
        check("*;q=0.1, en-GB;q=0.5, *;q=0", &["en-GB", "*"], &["*"]);
        check("en;q=2, fr;q=0.1234, de;level=1, a b, ;q=1, *-CH, en;q, it", &["it"], &[]);
        assert_eq!(by_weight(std::iter::repeat_n("en", 100)), LanguageWishes::of(&["en"; MAX_WISHES]));
    }
}
