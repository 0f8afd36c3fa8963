//! Errors as Versioner's documents show them and as its clients read them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use serde::Serialize;

use crate::shared::answer::Json;
use crate::shared::rejection::Rejection;

/// The documents and the command line have `detail`; the GitHub Action reads `message`, then
/// `error`.
#[derive(Serialize)]
struct ErrorBody<'a> {
    detail: &'a str,
    error: &'a str,
    message: &'a str,
}

/// Renders an error.
pub(super) fn render_error(why: &Rejection) -> Response {
    why.log();
    let detail = why.to_string();
    let body = ErrorBody { detail: &detail, error: why.code(), message: &detail };
    (status(why), why.headers(), Json(body)).into_response()
}

/// Strict organizations answer 400 here, since an unknown name is an invalid field.
fn status(why: &Rejection) -> StatusCode {
    match why {
        Rejection::Engine(EngineError::Refused(Refusal::Strict { .. })) => StatusCode::BAD_REQUEST,
        other => other.status(),
    }
}

/// Another method than POST.
pub(super) async fn method_not_allowed() -> Response {
    let detail = "Method Not Allowed; send a POST";
    let body = ErrorBody { detail, error: "method_not_allowed", message: detail };
    (StatusCode::METHOD_NOT_ALLOWED, [("allow", "POST")], Json(body)).into_response()
}
