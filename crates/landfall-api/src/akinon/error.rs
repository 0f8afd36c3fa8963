//! Errors. Akinon names their statuses (400, 401, 403), but shows no body, so this one is
//! Landfall's choice: `{"statusCode", "error", "message"}`, as most servers of its kind answer.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use serde::Serialize;

use super::caller::require_caller;
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    status_code: u16,
    error: &'a str,
    message: &'a str,
}

/// Why a request was not done, on its way to the client.
#[derive(Debug)]
pub(super) struct Failure(Rejection);

impl<E: Into<Rejection>> From<E> for Failure {
    fn from(why: E) -> Self {
        Self(why.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(why) = self;
        why.log();
        render(why.status(), &message(&why), why.headers())
    }
}

/// What to do, where the message that all dialects share does not say it.
fn message(why: &Rejection) -> String {
    match why {
        Rejection::Engine(EngineError::Unauthenticated) => {
            "the API key is missing, wrong, expired or revoked; send a live one as `Authorization: \
             Bearer sk_…` or `x-access-token: sk_…`"
                .to_owned()
        }
        other => other.to_string(),
    }
}

fn render(status: StatusCode, message: &str, headers: HeaderMap) -> Response {
    let error = status.canonical_reason().unwrap_or_default();
    let body = ErrorBody { status_code: status.as_u16(), error, message };
    (status, headers, Json(body)).into_response()
}

/// A path of this API, but not for this method. The router adds the header `Allow`.
pub(super) async fn method_not_allowed(method: Method) -> Response {
    let message = format!("{method} can't be sent here; the header `Allow` names what can");
    render(StatusCode::METHOD_NOT_ALLOWED, &message, HeaderMap::new())
}

/// No path of this API.
pub(super) async fn unknown_route(State(api): State<Api>, request: Request) -> Failure {
    let (parts, _) = request.into_parts();
    match require_caller(&api, &parts).await {
        Ok(_) => Refusal::not_found("route", parts.uri.path()).into(),
        Err(why) => why,
    }
}
