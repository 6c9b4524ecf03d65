//! Query strings: every parameter known, and none given twice.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::serve::problem::Problem;

/// The parameters of a call, each an optional text: what a value means is judged with the fields.
pub struct Query<T>(pub T);

/// The parameters of a call that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Self(query.0)),
            Err(rejection) => Err(diagnose(&rejection.body_text())),
        }
    }
}

/// From the parser's sentence, such as ``… unknown field `x`, expected …``, to a problem at that parameter.
fn diagnose(sentence: &str) -> Problem {
    if let Some((_, rest)) = sentence.split_once("duplicate field `") {
        let name = rest.split('`').next().unwrap_or_default();
        return Problem::malformed("this parameter is given twice").at(format!("/{name}"));
    }
    let name = sentence.split_once("unknown field `").map(|(_, rest)| {
        // The name is the caller's and may hold anything, so its end is what the parser puts after it.
        let end = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no fields")).unwrap_or(rest.len());
        rest[..end].replace('~', "~0").replace('/', "~1")
    });
    match name {
        Some(name) => Problem::malformed("this call has no such parameter").at(format!("/{name}")),
        None => Problem::malformed("the query string cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Place {
        lat: Option<String>,
        lon: Option<String>,
    }

    async fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
        let request = Request::get(format!("/v1/halls?{query}")).body(()).unwrap();
        Query::from_request_parts(&mut request.into_parts().0, &()).await.map(|Query(value)| value)
    }

    #[tokio::test]
    async fn parameters_are_read_as_texts() {
        let place = |lat: Option<&str>, lon: Option<&str>| Place { lat: lat.map(Into::into), lon: lon.map(Into::into) };
        assert_eq!(read("").await, Ok(place(None, None)));
        assert_eq!(read("lat=30.25&lon=120%2E21").await, Ok(place(Some("30.25"), Some("120.21"))));
        assert_eq!(read("lat=&lon").await, Ok(place(Some(""), Some(""))));
        assert!(read::<NoParameters>("").await.is_ok());
    }

    #[tokio::test]
    async fn unknown_and_repeated_parameters_are_pointed_at() {
        let unknown = |pointer: &str| Some(Problem::malformed("this call has no such parameter").at(pointer));
        let twice = |pointer: &str| Some(Problem::malformed("this parameter is given twice").at(pointer));
        assert_eq!(read::<Place>("lat=1&x=2").await.err(), unknown("/x"));
        assert_eq!(read::<Place>("a%2Fb=2").await.err(), unknown("/a~1b"));
        assert_eq!(read::<Place>("x%60,+expected+%60y=2").await.err(), unknown("/x`, expected `y"));
        assert_eq!(read::<Place>("lat=1&lat=1").await.err(), twice("/lat"));
        assert_eq!(read::<NoParameters>("x=1").await.err(), unknown("/x"));
    }
}
