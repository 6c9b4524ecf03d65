//! The languages that a caller reads, from `Accept-Language` (RFC 9110, section 12.5.4).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use utoipa::IntoParams;

/// How many wishes are looked at.
const MAX_WISHES: usize = 16;

/// Language tags, the most wished first; empty where the caller has no wish.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages(pub Vec<String>);

/// The header, for the description of a call.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the header is read by `Languages`; this type only describes it")]
pub struct LanguageHeader {
    /// The languages in which names are wished, as in RFC 9110; `zh-CN` where none fits.
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

/// Ranges by weight, those of the same weight in their order; `*`, weight 0 and what cannot be read are left out.
fn by_weight<'a>(ranges: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut wishes: Vec<(u16, &str)> = ranges.filter_map(weighed).take(MAX_WISHES).collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wishes.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}

/// A range and its weight in thousandths, 1 to 1,000.
fn weighed(range: &str) -> Option<(u16, &str)> {
    let (tag, weight) = match range.split_once(';') {
        None => (range.trim(), 1000),
        Some((tag, parameter)) => (tag.trim(), thousandths(parameter.trim().strip_prefix("q=")?)?),
    };
    let is_tag = !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_tag && weight > 0).then_some((weight, tag))
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
        let check = |header: &str, expected: &[&str]| assert_eq!(by_weight(header.split(',')), expected, "{header:?}");
        check("", &[]);
        check("en", &["en"]);
        check("zh-CN,zh;q=0.9,en;q=0.8", &["zh-CN", "zh", "en"]);
        check("en;q=0.1, fr ; q=0.25, de;q=1.000", &["de", "fr", "en"]);
        check("de;q=0, en;q=0.001", &["en"]);
        check("*, en-GB;q=0.5", &["en-GB"]);
        check("en;q=2, fr;q=0.1234, de;level=1, a b, ;q=1, it", &["it"]);
        assert_eq!(by_weight(std::iter::repeat_n("en", 100)).len(), MAX_WISHES);
    }
}
