//! Errors as Humanitec's clients read them: `{"error": "API-…", "message", "details"}`.
//!
//! Humanitec publishes one code, `API-000`, for a token that is no good. Here every other code is
//! `API-` and the status, which is a promise to clients. `details` names the field that is wrong.

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use serde::Serialize;

use crate::shared::answer::Json;
use crate::shared::rejection::Rejection;

/// What the published description says of an id that is in use.
const CLASH: &str = "The supplied `id` clashes with an existing Job";

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
}

/// Which field is wrong, and how.
#[derive(Serialize)]
struct Details<'a> {
    field: &'a str,
    reason: &'a str,
}

/// A rejection, on its way to the client.
#[derive(Debug)]
pub(super) struct Error(Rejection);

impl From<Rejection> for Error {
    fn from(why: Rejection) -> Self {
        Self(why)
    }
}

impl From<EngineError> for Error {
    fn from(why: EngineError) -> Self {
        Self(why.into())
    }
}

impl From<Refusal> for Error {
    fn from(why: Refusal) -> Self {
        Self(why.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let Self(why) = self;
        why.log();
        render(status(&why), &message(&why), details(&why), why.headers())
    }
}

/// What is no JSON object is 422 to Humanitec, and a strict organization does not have the app.
fn status(why: &Rejection) -> StatusCode {
    match why {
        Rejection::Json(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Rejection::Engine(EngineError::Refused(Refusal::Strict { .. })) => StatusCode::NOT_FOUND,
        other => other.status(),
    }
}

fn message(why: &Rejection) -> String {
    match why {
        Rejection::Engine(EngineError::Unauthenticated) => {
            "Could not validate token: it is missing, wrong, expired or revoked; send a live one as \
             `Authorization: Bearer sk_…`"
                .to_owned()
        }
        Rejection::Engine(EngineError::Refused(Refusal::NameTaken { .. })) => CLASH.to_owned(),
        other => other.to_string(),
    }
}

fn details(why: &Rejection) -> Option<Details<'_>> {
    match why {
        Rejection::Field { field, reason }
        | Rejection::Engine(EngineError::Refused(Refusal::Invalid { field, reason })) => {
            Some(Details { field, reason })
        }
        Rejection::Engine(EngineError::Refused(Refusal::NameTaken { .. })) => Some(Details {
            field: "id",
            reason: "is in use in this organization, maybe by another app; choose another one",
        }),
        _ => None,
    }
}

fn render(
    status: StatusCode,
    message: &str,
    details: Option<Details<'_>>,
    headers: HeaderMap,
) -> Response {
    let error = match status {
        StatusCode::UNAUTHORIZED => "API-000".to_owned(),
        other => format!("API-{}", other.as_u16()),
    };
    let body = ErrorBody { error: &error, message, details };
    (status, headers, Json(body)).into_response()
}

/// No route of this path.
pub(super) async fn unknown_route(uri: Uri) -> Response {
    let message = format!(
        "there is no `{}` here; of Humanitec's API there are webhooks, jobs and events",
        uri.path()
    );
    render(StatusCode::NOT_FOUND, &message, None, HeaderMap::new())
}

/// A route, but not for this method. The router adds the header `Allow`.
pub(super) async fn method_not_allowed(method: Method) -> Response {
    let message = format!("{method} can't be sent here; the header `Allow` names what can");
    render(StatusCode::METHOD_NOT_ALLOWED, &message, None, HeaderMap::new())
}
