//! Every route, in the order of the contract. The pattern and method of each stand above its handler.

use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::app::App;
use super::envelope::{envelope, gate};
use super::openapi::Description;
use super::problem::{Code, Problem};
use super::{
    appointments, exposition, halls, health, recommendations, services, session, slots, staff_appointments,
    staff_config, staff_day, staff_stats,
};

/// The router of the whole API, ready to be served.
pub fn router(app: App) -> Router {
    let (router, _) = api().split_for_parts();
    let gated = bounded(router).layer(from_fn_with_state(app.clone(), gate));
    dressed(gated, app)
}

/// Every route with its description.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        // Operations.
        .routes(routes!(openapi))
        .routes(routes!(health::health))
        .routes(routes!(health::readiness))
        .routes(routes!(exposition::metrics))
        // Public.
        .routes(routes!(services::services))
        .routes(routes!(halls::halls))
        .routes(routes!(halls::hall))
        .routes(routes!(slots::slots))
        .routes(routes!(recommendations::recommendations))
        // Session.
        .routes(routes!(session::open))
        // Appointments.
        .routes(routes!(appointments::book, appointments::appointments))
        .routes(routes!(appointments::appointment))
        .routes(routes!(appointments::confirm))
        .routes(routes!(appointments::reschedule))
        .routes(routes!(appointments::cancel))
        .routes(routes!(appointments::calendar))
        // Staff.
        .routes(routes!(staff_config::reload))
        .routes(routes!(staff_config::config))
        .routes(routes!(staff_day::day))
        .routes(routes!(staff_appointments::check_in))
        .routes(routes!(staff_appointments::serve))
        .routes(routes!(staff_appointments::no_show))
        .routes(routes!(staff_appointments::cancel))
        .routes(routes!(staff_appointments::check_in_by_code))
        .routes(routes!(staff_stats::stats))
}

/// The same routes with an answer for every other path and method.
fn bounded(router: Router<App>) -> Router<App> {
    router.method_not_allowed_fallback(method_not_allowed).fallback(not_found)
}

fn dressed(router: Router<App>, app: App) -> Router {
    router.layer(from_fn_with_state(app.clone(), envelope)).with_state(app)
}

/// The description as bytes, made when it is first asked for.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let document = api().into_openapi();
    document.to_json().expect("a description made of texts can be written as JSON").into()
});

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", operation_id = "openapi",
    responses((status = 200, description = "The description of this API, OpenAPI 3.1", body = Object)))]
async fn openapi() -> Response {
    let mut response = Response::new(Body::from(DOCUMENT.clone()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn not_found() -> Problem {
    Problem::new(Code::NotFound, "there is nothing at this path; GET /openapi.json describes what there is")
}

async fn method_not_allowed(request: Request) -> Problem {
    let detail = format!("this path does not take {}; the header Allow names what it takes", request.method());
    Problem::new(Code::MethodNotAllowed, detail)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::PathBuf;
    use std::sync::Arc;

    use axum::body::Body;
    use axum::http::{HeaderMap, HeaderValue};
    use chrono::{DateTime, Utc};
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};
    use tower::ServiceExt as _;

    use super::super::app::Parts;
    use super::super::bearer::token_digest;
    use super::super::session_token;
    use super::*;
    use crate::clock::Clock;
    use crate::config::{Configuration, Identity, IdentityMode, Role, Staff};
    use crate::domain::applicant::{Applicant, IdNumber};
    use crate::domain::calendar::Calendar;
    use crate::domain::name::HallId;
    use crate::domain::policy::Policy;
    use crate::domain::snapshot::Snapshot;
    use crate::vault::Vault;

    fn noon() -> DateTime<Utc> {
        "2026-11-24T04:00:00Z".parse().unwrap()
    }

    fn app() -> App {
        let member = |id: &str, role, token| Staff { id: id.into(), role, token_sha256: token_digest(token) };
        let hall = HallId::intern("hangzhou-shi-crj").unwrap();
        let snapshot = Snapshot::new("v1".into(), Policy::default(), Calendar::default(), Vec::new(), Vec::new());
        let configuration = Configuration {
            snapshot: Arc::new(snapshot),
            identity: Identity { mode: IdentityMode::Demo, demo_beyond_loopback: false },
            staff: vec![member("chief", Role::Admin, "hps.chief"), member("desk", Role::Hall(vec![hall]), "hps.desk")],
        };
        App::new(Parts {
            clock: Clock::manual(noon()),
            vault: Arc::new(Vault::from_secret(&[7; 32])),
            configuration,
            config_dir: PathBuf::from("/nowhere"),
            admin_token_file: PathBuf::from("/nowhere"),
        })
        .unwrap()
    }

    fn session(app: &App) -> String {
        let id_number = IdNumber::parse("330102199001010004", noon().date_naive()).unwrap();
        let person = Applicant { name: "张伟".into(), id_number, phone: "19900000004".into() };
        session_token::seal(app.vault(), &person, session_token::end_of(noon()), None)
    }

    struct Heard {
        status: u16,
        headers: HeaderMap,
        body: Value,
    }

    impl Heard {
        fn code(&self) -> (u16, &str) {
            (self.status, self.body["code"].as_str().unwrap_or_default())
        }

        fn pointers(&self) -> Vec<&str> {
            self.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
        }
    }

    async fn hear(router: &Router, request: Request) -> Heard {
        let response = router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if head.status.as_u16() >= 400 && head.headers["content-type"] != "application/json" {
            assert_eq!(head.headers["content-type"], "application/problem+json");
            let id = head.headers["x-request-id"].to_str().unwrap();
            assert_eq!(body["instance"], format!("urn:hallpass:request:{id}"));
            assert_eq!(body["status"], head.status.as_u16());
            assert_eq!(body["type"], format!("urn:hallpass:problem:{}", body["code"].as_str().unwrap()));
        }
        Heard { status: head.status.as_u16(), headers: head.headers, body }
    }

    fn get(path: &str) -> Request {
        Request::get(path).body(Body::empty()).unwrap()
    }

    fn post(path: &str, token: &str, content_type: Option<&str>, body: impl Into<Body>) -> Request {
        let mut request = Request::post(path).body(body.into()).unwrap();
        if let Some(content_type) = content_type {
            request.headers_mut().insert("content-type", HeaderValue::from_str(content_type).unwrap());
        }
        if !token.is_empty() {
            request.headers_mut().insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        }
        request
    }

    const JSON: Option<&str> = Some("application/json");

    /// The routes without the gate: what is judged before the engine is asked.
    fn open() -> (Router, App) {
        let app = app();
        (dressed(bounded(api().split_for_parts().0), app.clone()), app)
    }

    #[tokio::test]
    async fn before_the_engine_is_there_only_the_probes_answer() {
        let router = router(app());
        assert_eq!(hear(&router, get("/healthz")).await.body, json!({"status": "up"}));
        let ready = hear(&router, get("/readyz")).await;
        assert_eq!((ready.status, ready.body["status"].as_str()), (503, Some("recovering")));
        assert_eq!((&ready.body["version"], &ready.body["identity"]), (&json!("v1"), &json!("demo")));
        for path in ["/v1/services", "/v1/halls/x", "/openapi.json", "/nothing"] {
            let heard = hear(&router, get(path)).await;
            assert_eq!(heard.code(), (503, "overloaded"), "{path}");
            assert_eq!(heard.headers["retry-after"], "1");
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_said_so() {
        let (router, _) = open();
        for path in ["/", "/v1", "/v1/halls/", "/v1/appointments/x/y", "/V1/halls"] {
            assert_eq!(hear(&router, get(path)).await.code(), (404, "not_found"), "{path}");
        }
        let delete = |path: &str| Request::delete(path).body(Body::empty()).unwrap();
        for (path, allow) in [
            ("/v1/halls", "GET,HEAD"),
            ("/v1/session", "POST"),
            ("/v1/appointments", "POST,GET,HEAD"),
            ("/healthz", "GET,HEAD"),
        ] {
            let heard = hear(&router, delete(path)).await;
            assert_eq!(heard.code(), (405, "method_not_allowed"), "{path}");
            assert_eq!(heard.headers["allow"], allow, "{path}");
        }
    }

    #[tokio::test]
    async fn every_answer_has_an_id_and_is_not_stored() {
        let (router, _) = open();
        let mut request = get("/healthz");
        request.headers_mut().insert("x-request-id", HeaderValue::from_static("trace-1"));
        let heard = hear(&router, request).await;
        assert_eq!(
            (&heard.headers["x-request-id"], &heard.headers["cache-control"]),
            (&HeaderValue::from_static("trace-1"), &HeaderValue::from_static("no-store"))
        );
        assert_eq!(hear(&router, get("/nothing")).await.headers["x-request-id"].len(), 16);
    }

    #[tokio::test]
    async fn who_calls_is_judged_first() {
        let (router, app) = open();
        let session = session(&app);
        let book = |token: &str| post("/v1/appointments?x=1", token, None, "no json");
        for token in ["", "nonsense", "hp1.nonsense"] {
            let heard = hear(&router, book(token)).await;
            assert_eq!(heard.code(), (401, "unauthenticated"), "{token}");
            assert_eq!(heard.headers["www-authenticate"], "Bearer realm=\"hallpass\"");
        }
        assert_eq!(hear(&router, book("hps.chief")).await.code(), (403, "forbidden"));
        assert_eq!(hear(&router, book(&session)).await.code(), (400, "malformed_request"));

        let reload = |token: &str| post("/v1/admin/config/reload", token, None, "");
        for token in ["", "nonsense", "hp1.nonsense"] {
            assert_eq!(hear(&router, reload(token)).await.code(), (401, "unauthenticated"), "{token}");
        }
        assert_eq!(hear(&router, reload(&session)).await.code(), (403, "forbidden"), "a person");
        assert_eq!(hear(&router, reload("hps.desk")).await.code(), (403, "forbidden"), "another role");
        assert_eq!(hear(&router, reload("hps.chief")).await.code(), (503, "overloaded"), "no engine yet");
    }

    #[tokio::test]
    async fn syntax_is_judged_before_anything_is_looked_up() {
        let (router, app) = open();
        let session = session(&app);
        let book = async |content_type, body: Vec<u8>| {
            let heard = hear(&router, post("/v1/appointments", &session, content_type, body)).await;
            (heard.status, heard.body["code"].as_str().unwrap().to_owned(), heard.pointers().join(" "))
        };
        let refused = |status, code: &str, pointers: &str| (status, code.to_owned(), pointers.to_owned());
        let media = refused(415, "unsupported_media_type", "");
        assert_eq!(book(None, b"{}".to_vec()).await, media);
        assert_eq!(book(Some("text/plain"), b"{}".to_vec()).await, media);
        assert_eq!(book(JSON, vec![b' '; 65_537]).await, refused(413, "too_large", ""));
        assert_eq!(book(JSON, b"".to_vec()).await, refused(400, "malformed_request", ""));
        assert_eq!(book(JSON, b"{\"hall\":\"\xff\"}".to_vec()).await, refused(400, "malformed_request", ""));
        assert_eq!(book(JSON, b"{\"x\":1}".to_vec()).await, refused(400, "malformed_request", "/x"));
        assert_eq!(book(JSON, b"{\"hold\":1}".to_vec()).await, refused(400, "malformed_request", "/hold"));
        assert_eq!(book(JSON, b"{}".to_vec()).await, refused(503, "overloaded", ""), "good syntax, but no engine yet");

        let mut keyed = post("/v1/appointments", &session, JSON, "{}");
        keyed.headers_mut().insert("idempotency-key", HeaderValue::from_static("a b"));
        assert_eq!(hear(&router, keyed).await.code(), (400, "malformed_request"));

        let cancel = |body: &'static str| post("/v1/appointments/x/cancel", &session, None, body);
        for (body, status) in [("", 503), ("{}", 503), (" { } ", 503), ("{\"x\":1}", 400), ("x", 400), ("[]", 400)] {
            assert_eq!(hear(&router, cancel(body)).await.status, status, "{body:?}");
        }
        let heard = hear(&router, get("/v1/halls?lat=1&lat=2")).await;
        assert_eq!((heard.code(), heard.pointers()), ((400, "malformed_request"), vec!["/lat"]));
    }

    #[tokio::test]
    async fn a_session_opens_without_the_engine_and_with_it() {
        let (router, app) = open();
        let body = r#"{"name":"张伟","id_number":"330102199001010004","phone":"19900000004"}"#;
        let heard = hear(&router, post("/v1/session", "", JSON, body)).await;
        assert_eq!((heard.status, &heard.body["expires_at"]), (201, &json!("2026-11-25T00:00:00.000+08:00")));
        let token = heard.body["token"].as_str().unwrap();
        let person = session_token::open(app.vault(), token, noon()).unwrap();
        assert_eq!(person.name, "张伟");

        let heard = hear(&router, post("/v1/session", "", JSON, r#"{"name":"","id_number":"1"}"#)).await;
        assert_eq!((heard.code(), heard.pointers()), ((422, "invalid_field"), vec!["/name", "/id_number", "/phone"]));
    }

    #[tokio::test]
    async fn a_person_who_writes_too_much_is_told_to_wait() {
        let (router, app) = open();
        let session = session(&app);
        let cancel = || post("/v1/appointments/x/cancel", &session, None, "");
        for _ in 0..super::super::throttle::WRITE_BURST {
            assert_eq!(hear(&router, cancel()).await.status, 503);
        }
        let heard = hear(&router, cancel()).await;
        assert_eq!((heard.code(), &heard.headers["retry-after"]), ((429, "too_many_requests"), &"1".parse().unwrap()));
    }

    #[tokio::test]
    async fn what_is_counted_can_be_read() {
        let (router, _) = open();
        hear(&router, get("/v1/halls/some-hall")).await;
        hear(&router, get("/nothing")).await;
        let text = router.oneshot(get("/metrics")).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(text.to_vec()).unwrap();
        for line in [
            r#"hallpass_http_requests_total{route="/v1/halls/{hall}",method="GET",status="503"} 1"#,
            r#"hallpass_http_requests_total{route="unmatched",method="GET",status="404"} 1"#,
            r#"hallpass_http_request_duration_seconds_count{route="unmatched"} 1"#,
            r#"hallpass_problems_total{code="not_found"} 1"#,
            r#"hallpass_appointment_changes_total{change="booked"} 0"#,
            "hallpass_recovered 0",
            r#"hallpass_config_info{version="v1"} 1"#,
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("some-hall"), "{text}");
    }

    /// Every `$ref` of a JSON value.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str().filter(|_| name == "$ref") {
                        Some(target) => found.push(target.to_owned()),
                        None => references(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[tokio::test]
    async fn the_description_is_whole() {
        let (router, _) = open();
        let heard = hear(&router, get("/openapi.json")).await;
        assert_eq!((heard.status, &heard.body["openapi"]), (200, &json!("3.1.0")));
        if let Some(path) = std::env::var_os("HALLPASS_WRITE_OPENAPI") {
            std::fs::write(path, heard.body.to_string()).unwrap();
        }
        let mut targets = Vec::new();
        references(&heard.body, &mut targets);
        for target in targets {
            assert!(heard.body.pointer(target.strip_prefix('#').unwrap()).is_some(), "{target} leads nowhere");
        }
        let mut ids = HashSet::new();
        for (path, item) in heard.body["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = format!("{method} {path}");
                assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: id used twice");
                assert!(operation["summary"].is_string() && operation["tags"][0].is_string(), "{name}");
                let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
                let in_path: Vec<&str> = parameters
                    .iter()
                    .filter(|parameter| parameter["in"] == "path")
                    .map(|parameter| parameter["name"].as_str().unwrap())
                    .collect();
                let wanted: Vec<&str> =
                    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
                assert_eq!(in_path, wanted, "{name}");
                assert_eq!(path.starts_with("/v1/admin"), operation["security"][0]["staff"].is_array(), "{name}");
                assert_eq!(
                    path.starts_with("/v1/appointments"),
                    operation["security"][0]["session"].is_array(),
                    "{name}"
                );
                if path.starts_with("/v1") {
                    assert!(operation["responses"]["400"]["content"]["application/problem+json"].is_object(), "{name}");
                }
                if method == "post" {
                    assert!(parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key"), "{name}");
                }
            }
        }
        assert_eq!(ids.len(), 26);
    }

    #[tokio::test]
    async fn what_may_be_left_out_is_described() {
        let (router, _) = open();
        let document = hear(&router, get("/openapi.json")).await.body;
        let required = |schema: &str| document["components"]["schemas"][schema]["required"].clone();
        assert_eq!(required("Booking"), json!(["hall", "service", "date", "start"]));
        assert_eq!(required("Confirmation"), json!(["residence", "emergency_contact", "collection"]));
        assert_eq!(required("NewSession"), Value::Null);
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let is_answer =
                !["Booking", "Confirmation", "NewSession", "Collection", "Problem"].contains(&name.as_str());
            let members = schema["properties"].as_object().map_or(0, serde_json::Map::len);
            if is_answer {
                let required = schema["required"].as_array().map_or(0, Vec::len);
                assert_eq!(required, members, "an answer of {name} has all its members");
            }
        }
    }

    #[tokio::test]
    async fn the_examples_of_bodies_are_good_bodies() {
        let (router, app) = open();
        let session = session(&app);
        let document = hear(&router, get("/openapi.json")).await.body;
        for (path, schema, token, status) in [
            ("/v1/appointments", "Booking", session.as_str(), 503),
            ("/v1/appointments/x/confirm", "Confirmation", session.as_str(), 503),
            ("/v1/appointments/x/reschedule", "NewSlot", session.as_str(), 503),
            ("/v1/session", "NewSession", "", 201),
            ("/v1/admin/check-in", "CheckIn", "hps.desk", 503),
        ] {
            let example = document["components"]["schemas"][schema]["example"].to_string();
            assert_eq!(hear(&router, post(path, token, JSON, example)).await.status, status, "{path}");
        }
    }
}
