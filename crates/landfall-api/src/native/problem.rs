//! Errors as RFC 9457 problem details.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::shared::answer::Json;
use crate::shared::rejection::Rejection;

/// The media type of RFC 9457.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not done (RFC 9457).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Always `about:blank`: the status and the code say what kind of problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: String,
    /// What the status means.
    #[schema(example = "Not Found")]
    title: String,
    /// The status of the answer.
    #[schema(example = 404)]
    status: u16,
    /// A word for programs; it does not change.
    #[schema(example = "not_found")]
    code: String,
    /// What is wrong and what to do about it, for people.
    detail: String,
}

/// A rejection, on its way to the client.
#[derive(Debug)]
pub(super) struct Problem(Rejection);

impl From<Rejection> for Problem {
    fn from(why: Rejection) -> Self {
        Self(why)
    }
}

impl From<EngineError> for Problem {
    fn from(why: EngineError) -> Self {
        Self(why.into())
    }
}

impl From<Refusal> for Problem {
    fn from(why: Refusal) -> Self {
        Self(why.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(why) = self;
        why.log();
        render(why.status(), why.code(), detail(&why), why.headers())
    }
}

/// What to do, where the message that all dialects share does not say it.
fn detail(why: &Rejection) -> String {
    match why {
        Rejection::Engine(EngineError::Unauthenticated) => {
            "the API key is missing, wrong, expired or revoked; send a live one as \
             `Authorization: Bearer sk_…`"
                .to_owned()
        }
        Rejection::Engine(EngineError::Refused(Refusal::VersionConflict {
            version,
            pinned,
            sent,
        })) => format!(
            "version `{version}` was built from commit {pinned}, not {sent}; a version is one \
             commit only, so give this build a version of its own"
        ),
        other => other.to_string(),
    }
}

fn render(status: StatusCode, code: &str, detail: String, mut headers: HeaderMap) -> Response {
    let body = ProblemBody {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        code: code.to_owned(),
        detail,
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    (status, headers, Json(body)).into_response()
}

/// No route of this path.
pub(super) async fn unknown_route(uri: Uri) -> Response {
    let detail = format!("there is no `{}` in this API; /docs lists what there is", uri.path());
    render(StatusCode::NOT_FOUND, "unknown_route", detail, HeaderMap::new())
}

/// A route, but not for this method. The router adds the header `Allow`.
pub(super) async fn method_not_allowed(method: Method) -> Response {
    let detail = format!("{method} can't be sent here; the header `Allow` names what can");
    render(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail, HeaderMap::new())
}
