//! The bearer token of a call (RFC 6750, section 2.1).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::app::access::MAX_TOKEN_BYTES;
use crate::serve::problem::Problem;

/// The token that a call brings.
///
/// # Errors
/// `unauthenticated` where it brings none, more than one, or something else.
pub fn token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value,
        (None, _) => return Err(Problem::unauthenticated("this call needs the header Authorization: Bearer TOKEN")),
        (Some(_), Some(_)) => return Err(Problem::unauthenticated("give the header Authorization once")),
    };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    token
        .filter(|token| (1..=MAX_TOKEN_BYTES).contains(&token.len()))
        .ok_or_else(|| Problem::unauthenticated("the header Authorization has the form Bearer TOKEN"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_bearer_token_is_read_and_nothing_else() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            token(&headers).map(str::to_owned).map_err(|problem| problem.code.as_str())
        };
        assert_eq!(read(&["Bearer abc"]), Ok("abc".into()));
        assert_eq!(read(&["bearer  abc "]), Ok("abc".into()));
        let too_long = format!("Bearer {}", "x".repeat(1025));
        for values in
            [&[][..], &["Bearer"], &["Bearer "], &["Basic abc"], &["abc"], &["Bearer a", "Bearer b"], &[&too_long]]
        {
            assert_eq!(read(values), Err("unauthenticated"), "{values:?}");
        }
    }
}
