//! Bodies: at most [`MAX_BODY_BYTES`] within [`BODY_TIMEOUT`], JSON where one is needed, nothing where none is.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use bytes::BytesMut;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::diagnosis::read_object;
use crate::serve::body_budget::Taken;
use crate::serve::body_watch::BodyWatch;
use crate::serve::problem::{Code, Problem};

/// The largest body, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// How long a body may take to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The JSON object of a call that needs one, and its bytes.
pub struct Json<T> {
    /// What the body means.
    pub value: T,
    /// The body as it came.
    pub raw: Bytes,
}

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        judge_media_type(request.headers())?;
        let raw = body_of(request, MAX_BODY_BYTES).await?;
        Ok(Self { value: read_object(&raw)?, raw })
    }
}

/// The JSON object of a call that can do without one, and its bytes. Nothing, and an empty object without a media type for
/// clients that cannot send nothing, is the default, and has no bytes: it is the same call.
pub struct OptionalJson<T> {
    /// What the body means.
    pub value: T,
    /// The body as it came; empty if it says nothing.
    pub raw: Bytes,
}

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let media_type = judge_media_type(request.headers());
        let raw = body_of(request, MAX_BODY_BYTES).await?;
        if raw.is_empty() || read_object::<Nothing>(&raw).is_ok() {
            return Ok(Self { value: T::default(), raw: Bytes::new() });
        }
        media_type?;
        Ok(Self { value: read_object(&raw)?, raw })
    }
}

/// The body of a call that needs none: nothing, or an empty object for clients that cannot send nothing.
pub struct NoBody;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<S: Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = body_of(request, MAX_BODY_BYTES).await?;
        let is_nothing = body.is_empty() || read_object::<Nothing>(&body).is_ok();
        is_nothing.then_some(Self).ok_or_else(|| Problem::malformed("this call takes no body"))
    }
}

fn judge_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let refusal = |detail| Err(Problem::new(Code::UnsupportedMediaType, detail));
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return refusal("send the body without Content-Encoding");
    }
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !media_type.is_some_and(is_json) {
        return refusal("send the body as Content-Type: application/json, in UTF-8");
    }
    Ok(())
}

/// Whether a media type is `application/json` in UTF-8; other parameters have no meaning for it (RFC 8259, section 11).
fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let in_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            let charset = value.trim_matches('"');
            charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
        }
        _ => true,
    };
    is_json && parts.all(in_utf8)
}

/// The body of a request, of at most so many bytes.
///
/// # Errors
/// `too_large`, `overloaded` if too much is being read, and `malformed_request` if it does not arrive whole in
/// [`BODY_TIMEOUT`].
pub async fn body_of(request: Request, max_bytes: usize) -> Result<Bytes, Problem> {
    judged_body_of(request, max_bytes, 0, |_, _| Ok(())).await
}

/// The same, judged by its first `beginning` bytes before more of it is kept. What judges is told whether they are the whole
/// body.
///
/// # Errors
/// As [`body_of`], and what `judge` refuses.
pub async fn judged_body_of(
    request: Request,
    max_bytes: usize,
    beginning: usize,
    judge: impl FnOnce(&[u8], bool) -> Result<(), Problem>,
) -> Result<Bytes, Problem> {
    let (head, body) = request.into_parts();
    // Where the length is announced, nothing of a body that is too large is read.
    if body.size_hint().lower() > max_bytes as u64 {
        return Err(too_large(max_bytes));
    }
    let collecting = collect(body, max_bytes, BodyWatch::room(&head.extensions), beginning, judge);
    let body = in_time(collecting, BODY_TIMEOUT).await?;
    BodyWatch::note_end(&head.extensions);
    Ok(body)
}

async fn in_time(collecting: impl Future<Output = Result<Bytes, Problem>>, limit: Duration) -> Result<Bytes, Problem> {
    let mut collecting = pin!(collecting);
    // Nearly every body comes with its head and needs no timer.
    if let Poll::Ready(read) = poll_fn(|context| Poll::Ready(collecting.as_mut().poll(context))).await {
        return read;
    }
    let in_time = tokio::time::timeout(limit, collecting).await;
    in_time.unwrap_or_else(|_| Err(Problem::malformed("the body did not arrive in time").closing()))
}

async fn collect(
    mut body: Body,
    max_bytes: usize,
    mut room: Taken,
    beginning: usize,
    judge: impl FnOnce(&[u8], bool) -> Result<(), Problem>,
) -> Result<Bytes, Problem> {
    let mut judge = Some(judge);
    let first = next_chunk(&mut body).await?.unwrap_or_default();
    if body.is_end_stream() && first.len() <= max_bytes {
        judge.take().map_or(Ok(()), |judge| judge(&first, true))?;
        return Ok(first);
    }
    room.take(first.len())?;
    let mut whole = BytesMut::from(first);
    while whole.len() <= max_bytes {
        if let Some(judge) = judge.take_if(|_| whole.len() >= beginning) {
            judge(&whole, false)?;
        }
        let Some(chunk) = next_chunk(&mut body).await? else {
            judge.map_or(Ok(()), |judge| judge(&whole, true))?;
            return Ok(whole.freeze());
        };
        room.take(chunk.len())?;
        whole.extend_from_slice(&chunk);
    }
    Err(too_large(max_bytes))
}

/// The next bytes; none at the end.
async fn next_chunk(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::malformed("the body ended before it was whole").closing())?;
        if let Ok(chunk) = frame.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

fn too_large(max_bytes: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("a body has at most {max_bytes} bytes")).closing()
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::Context;

    use hyper::body::Frame;

    use super::*;
    use crate::serve::body_budget::{BodyBudget, MAX_UNFINISHED_BYTES_OF_STRANGERS};

    #[test]
    fn only_json_in_utf8_is_json() {
        for text in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json; profile=x",
        ] {
            assert!(is_json(text), "{text}");
        }
        for text in
            ["", "text/plain", "application/jsonp", "application/x+json", "application/json; charset=gbk", "json"]
        {
            assert!(!is_json(text), "{text}");
        }
    }

    /// A body that comes in chunks of these sizes, and whose length is not announced.
    struct Chunks {
        sizes: VecDeque<usize>,
        ends: bool,
    }

    impl Chunks {
        fn of(sizes: &[usize]) -> Body {
            Body::new(Self { sizes: sizes.iter().copied().collect(), ends: true })
        }

        fn without_end() -> Body {
            Self::stuck_after(1)
        }

        fn stuck_after(size: usize) -> Body {
            Body::new(Self { sizes: VecDeque::from([size]), ends: false })
        }
    }

    impl hyper::body::Body for Chunks {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match self.sizes.pop_front() {
                Some(size) => Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b' '; size]))))),
                None if self.ends => Poll::Ready(None),
                None => Poll::Pending,
            }
        }
    }

    fn room() -> Taken {
        Taken::nothing(None, false)
    }

    #[tokio::test]
    async fn a_body_has_at_most_64_kib() {
        let check = async |body, expected: Result<usize, Code>| {
            let read = body_of(Request::new(body), MAX_BODY_BYTES).await;
            assert_eq!(read.map(|bytes| bytes.len()).map_err(|problem| problem.code), expected);
        };
        check(Body::from(vec![b' '; MAX_BODY_BYTES]), Ok(MAX_BODY_BYTES)).await;
        check(Body::from(vec![b' '; MAX_BODY_BYTES + 1]), Err(Code::TooLarge)).await;
        check(Chunks::of(&[]), Ok(0)).await;
        check(Chunks::of(&[10, MAX_BODY_BYTES - 10]), Ok(MAX_BODY_BYTES)).await;
        check(Chunks::of(&[10, MAX_BODY_BYTES - 9]), Err(Code::TooLarge)).await;
        check(Chunks::of(&[MAX_BODY_BYTES + 1]), Err(Code::TooLarge)).await;
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_given_up() {
        let collecting = collect(Chunks::without_end(), MAX_BODY_BYTES, room(), 0, |_, _| Ok(()));
        let problem = in_time(collecting, Duration::ZERO).await.unwrap_err();
        assert_eq!((problem.code, problem.closes), (Code::MalformedRequest, true));
    }

    #[tokio::test]
    async fn a_body_is_judged_by_its_beginning_before_more_is_kept() {
        let judged = async |sizes: &[usize], beginning| {
            let (mut seen, mut times) = (None, 0);
            let judge = |bytes: &[u8], is_whole| {
                (seen, times) = (Some((bytes.len(), is_whole)), times + 1);
                if is_whole { Ok(()) } else { Err(Problem::forbidden("no")) }
            };
            let read = collect(Chunks::of(sizes), MAX_BODY_BYTES, room(), beginning, judge).await;
            (seen, times, read.map(|bytes| bytes.len()).map_err(|problem| problem.code))
        };
        let forbidden = Err(Code::Forbidden);
        assert_eq!(judged(&[10, 10, 1_000], 15).await, (Some((20, false)), 1, forbidden));
        assert_eq!(judged(&[10, 1_000], 5).await, (Some((10, false)), 1, Err(Code::Forbidden)));
        assert_eq!(judged(&[10, 10], 30).await, (Some((20, true)), 1, Ok(20)));
        assert_eq!(judged(&[], 5).await, (Some((0, true)), 1, Ok(0)));
    }

    #[tokio::test]
    async fn what_is_on_its_way_takes_room_until_it_is_there() {
        let budget = Arc::new(BodyBudget::default());
        let watched = |body| {
            let mut request = Request::new(body);
            let watch = BodyWatch::begin(&mut request, &budget);
            assert!(watch.is_some());
            request
        };
        let waiting: Vec<_> = (0..MAX_UNFINISHED_BYTES_OF_STRANGERS / 60_000)
            .map(|_| tokio::spawn(body_of(watched(Chunks::stuck_after(60_000)), MAX_BODY_BYTES)))
            .collect();
        for _ in 0..waiting.len() {
            tokio::task::yield_now().await;
        }
        let refused = body_of(watched(Chunks::of(&[60_000, 1])), MAX_BODY_BYTES).await.unwrap_err();
        assert_eq!((refused.code, refused.closes), (Code::Overloaded, true));
        let known = watched(Chunks::of(&[60_000, 1]));
        BodyWatch::note_known(known.extensions());
        assert_eq!(body_of(known, MAX_BODY_BYTES).await.unwrap().len(), 60_001, "who is known has a share apart");
        let at_once = body_of(watched(Body::from(vec![b' '; 60_000])), MAX_BODY_BYTES).await;
        assert_eq!(at_once.unwrap().len(), 60_000, "what comes whole needs no room");
        for body in waiting {
            body.abort();
            let _ = body.await;
        }
        assert_eq!(body_of(watched(Chunks::of(&[60_000, 1])), MAX_BODY_BYTES).await.unwrap().len(), 60_001);
    }
}
