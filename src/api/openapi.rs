//! What the description of the API says besides the calls themselves, which are described where they are answered.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::serve::problem::ProblemDocument;

/// What the description says besides the calls.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "hallpass",
        description = "Appointments at entry-exit halls.\n\n\
            JSON in UTF-8 with snake_case members; unknown members and parameters are refused. Dates are `YYYY-MM-DD` and \
            band starts `HH:MM` in the hall's zone; instants are RFC 3339 with an offset. Names come in the language of \
            `Accept-Language`, zh-CN where none fits.\n\n\
            Errors are `application/problem+json` (RFC 9457) with the extra member `code` and, for bad fields, `errors` \
            with a JSON pointer each. A path that is not here gives 404 `not_found`, a method that is not here 405 \
            `method_not_allowed` with `Allow`.\n\n\
            Every answer carries `X-Request-Id`: the caller's own, where it sends one of 1 to 64 letters, digits, `.`, \
            `_` or `-`. A call is judged in this order: authentication, syntax, names that are not known, fields, the \
            rules of the calendar, one claim for each document, too many active appointments, capacity."
    ),
    servers((url = "/")),
    tags(
        (name = "public", description = "For everybody"),
        (name = "session", description = "Who is calling"),
        (name = "appointments", description = "Made by or for the caller; any other is 404"),
        (name = "staff", description = "For the desk (role `hall`) and the operator (role `admin`)"),
        (name = "operations", description = "How the server is"),
    ),
    components(schemas(ProblemDocument)),
    modifiers(&Bearers)
)]
pub struct Description;

struct Bearers;

impl Modify for Bearers {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, description) in [
            ("session", "The token that `POST /v1/session` gives to a person"),
            ("staff", "The token of a member of staff; on a first start without staff, that of the file `admin.token`"),
        ] {
            let mut bearer = Http::new(HttpAuthScheme::Bearer);
            bearer.description = Some(description.to_owned());
            components.add_security_scheme(name, SecurityScheme::Http(bearer));
        }
    }
}
