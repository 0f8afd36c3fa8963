//! Errors as Qovery's documentation shows them: `{"status","error","message"}`.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use serde::Serialize;

use crate::shared::answer::Json;
use crate::shared::rejection::Rejection;

/// What is said of a status.
#[derive(Serialize)]
struct ErrorBody<'a> {
    status: u16,
    error: &'a str,
    message: String,
}

/// A rejection, on its way to the client.
#[derive(Debug)]
pub(super) struct Failure(Rejection);

impl From<Rejection> for Failure {
    fn from(why: Rejection) -> Self {
        Self(why)
    }
}

impl From<EngineError> for Failure {
    fn from(why: EngineError) -> Self {
        Self(why.into())
    }
}

impl From<Refusal> for Failure {
    fn from(why: Refusal) -> Self {
        Self(why.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(why) = self;
        why.log();
        (why.headers(), render(why.status(), message(&why))).into_response()
    }
}

fn render(status: StatusCode, message: String) -> Response {
    let error = status.canonical_reason().unwrap_or_default();
    (status, Json(ErrorBody { status: status.as_u16(), error, message })).into_response()
}

/// In Qovery's words, what is wrong and what to do about it.
fn message(why: &Rejection) -> String {
    match why {
        Rejection::Field { field, reason }
        | Rejection::Engine(EngineError::Refused(Refusal::Invalid { field, reason })) => {
            format!("Validation error: {} {reason}", name_of(field))
        }
        Rejection::Json(_) => format!("Validation error: {why}"),
        Rejection::Engine(EngineError::Unauthenticated) => {
            "the API key is missing, wrong, expired or revoked; send a live one as \
             `Authorization: Token sk_…` or `Authorization: Bearer sk_…`"
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// What Qovery calls a field of a webhook.
fn name_of(field: &str) -> &str {
    match field {
        "url" => "target_url",
        "vendor_secret" => "target_secret",
        other => other,
    }
}

/// No route of this path.
pub(super) async fn unknown_route() -> Response {
    let what = "there is nothing at this path; webhooks are at";
    let message = format!("{what} /organization/{{organizationId}}/webhook");
    render(StatusCode::NOT_FOUND, message)
}

/// A route, but not for this method. The router adds the header `Allow`.
pub(super) async fn method_not_allowed(method: Method) -> Response {
    let message = format!("{method} can't be sent here; the header `Allow` names what can");
    render(StatusCode::METHOD_NOT_ALLOWED, message)
}
