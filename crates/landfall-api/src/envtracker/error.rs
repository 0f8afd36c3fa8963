//! Errors: the statuses of Envtracker's document, each with a message that says what to do.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use serde::Serialize;

use super::signed::{KEY_ID, SIGNATURE, TIMESTAMP};
use crate::shared::answer::Json;
use crate::shared::rejection::Rejection;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// A header of the signature is missing, is there twice, or is no text.
    #[error(
        "the header {0} must be sent once; every request needs {KEY_ID}, {TIMESTAMP} and \
         {SIGNATURE}"
    )]
    Header(&'static str),
    /// It was signed too long ago, or is not signed yet.
    #[error(
        "{TIMESTAMP} must be the present Unix time in whole seconds, at most 300 from the server's \
         {now}"
    )]
    Untimely {
        /// The server's time.
        now: i64,
    },
    /// The company in the path is not the one of the key.
    #[error("the signing key does not belong to the company `{0}`; send the slug or id of its own")]
    Company(String),
    /// The key may not use the legacy URL.
    #[error(
        "this signing key may not use the legacy URL; send to /webhook/notify, or have an admin allow \
         it with `landfall signing-key set`"
    )]
    Legacy,
    /// There is nothing at this path.
    #[error("there is no `{0}` here")]
    Path(String),
    /// What may be wrong with any dialect's request.
    #[error("{}", told(.0))]
    Rejected(Rejection),
}

impl<T: Into<Rejection>> From<T> for Failure {
    fn from(why: T) -> Self {
        Self::Rejected(why.into())
    }
}

/// The message of a rejection; those that all dialects share speak of API keys.
fn told(why: &Rejection) -> String {
    match why {
        Rejection::Engine(EngineError::Unauthenticated) => format!(
            "the signing key is unknown or revoked, or {SIGNATURE} is not the lower-case hexadecimal \
             HMAC-SHA256 of `<{TIMESTAMP}>.<raw body>` under its secret"
        ),
        other => other.to_string(),
    }
}

impl Failure {
    /// A stable code, a promise to clients.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Header(_) => "missing_header",
            Self::Untimely { .. } => "expired_timestamp",
            Self::Company(_) => "unknown_company",
            Self::Legacy => "legacy_not_allowed",
            Self::Path(_) => "not_found",
            Self::Rejected(Rejection::Engine(EngineError::Unauthenticated)) => "invalid_signature",
            Self::Rejected(why) => why.code(),
        }
    }

    /// What the ledger refuses is 403 here, be it missing, taken, too many or unknown to a strict
    /// organization; only what is wrong by itself is 400.
    fn status(&self) -> StatusCode {
        match self {
            Self::Header(_) | Self::Untimely { .. } => StatusCode::UNAUTHORIZED,
            Self::Company(_) | Self::Legacy => StatusCode::FORBIDDEN,
            Self::Path(_) => StatusCode::NOT_FOUND,
            Self::Rejected(Rejection::Engine(EngineError::Refused(refusal))) => match refusal {
                Refusal::Invalid { .. } => StatusCode::BAD_REQUEST,
                _ => StatusCode::FORBIDDEN,
            },
            Self::Rejected(why) => why.status(),
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = match self {
            Self::Rejected(why) => why.headers(),
            _ => HeaderMap::new(),
        };
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("HMAC-SHA256"));
        }
        headers
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    message: &'a str,
    error: &'a str,
}

/// Renders an error.
pub(super) fn render(why: &Failure) -> Response {
    if let Failure::Rejected(why) = why {
        why.log();
    }
    let body = ErrorBody { message: &why.to_string(), error: why.code() };
    (why.status(), why.headers(), Json(body)).into_response()
}

/// Another method than PUT.
pub(super) async fn method_not_allowed() -> Response {
    let body = ErrorBody {
        message: "this method can't be used here; send a PUT",
        error: "method_not_allowed",
    };
    (StatusCode::METHOD_NOT_ALLOWED, [("allow", "PUT")], Json(body)).into_response()
}

/// Nothing is at this path.
pub(super) async fn unknown_path(uri: Uri) -> Response {
    render(&Failure::Path(uri.path().to_owned()))
}
