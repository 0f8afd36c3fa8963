//! Why a request was not done, before any dialect puts it into its own words.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// The engine did not do it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The body is not declared as JSON.
    #[error(
        "Content-Type must be application/json; with curl, add -H 'Content-Type: application/json'"
    )]
    MediaType,
    /// The body is too long.
    #[error("Request body is larger than {0} bytes")]
    BodyTooLarge(usize),
    /// The body took too long to arrive.
    #[error("Request body did not arrive within {} seconds", .0.as_secs())]
    BodyTooSlow(Duration),
    /// The connection broke within the body.
    #[error("Request body was cut off")]
    BodyCutOff,
    /// The body is not JSON.
    #[error("Invalid JSON in request body: {0}")]
    Json(String),
    /// A field is missing or holds what it may not.
    #[error("Field '{field}' {reason}")]
    Field {
        /// Which field.
        field: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Engine(refusal.into())
    }
}

impl Rejection {
    /// A field is missing or holds what it may not.
    #[expect(clippy::needless_pass_by_value, reason = "callers give literals and errors alike")]
    pub fn field(field: &str, reason: impl ToString) -> Self {
        Self::Field { field: field.to_owned(), reason: reason.to_string() }
    }

    /// The status that most dialects answer with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Engine(error) => match error {
                EngineError::Refused(refusal) => refusal_status(refusal),
                EngineError::Unauthenticated => StatusCode::UNAUTHORIZED,
                EngineError::Forbidden(_) => StatusCode::FORBIDDEN,
                EngineError::TooFast { .. } => StatusCode::TOO_MANY_REQUESTS,
                EngineError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::BodyCutOff | Self::Json(_) | Self::Field { .. } => StatusCode::BAD_REQUEST,
        }
    }

    /// A stable code, a promise to clients.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(error) => match error {
                EngineError::Refused(refusal) => refusal.code(),
                EngineError::Unauthenticated => "unauthenticated",
                EngineError::Forbidden(_) => "forbidden",
                EngineError::TooFast { .. } => "too_many_requests",
                EngineError::Unavailable(_) => "unavailable",
            },
            Self::MediaType => "unsupported_media_type",
            Self::BodyTooLarge(_) => "body_too_large",
            Self::BodyTooSlow(_) => "body_too_slow",
            Self::BodyCutOff => "body_cut_off",
            Self::Json(_) => "invalid_json",
            Self::Field { .. } => "invalid_field",
        }
    }

    /// Headers that say more: when to try again, how to sign in.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self {
            Self::Engine(EngineError::Unauthenticated) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Engine(EngineError::TooFast { retry_after, limit }) => {
                let seconds = retry_after.as_secs().max(1);
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                headers.insert("x-ratelimit-limit", HeaderValue::from(*limit));
                headers.insert("x-ratelimit-remaining", HeaderValue::from(0));
                headers.insert("x-ratelimit-reset", HeaderValue::from(seconds));
            }
            Self::Engine(EngineError::Unavailable(_)) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(1));
            }
            // The rest of the body is still coming; nobody should wait for it.
            Self::BodyTooLarge(_) | Self::BodyTooSlow(_) | Self::BodyCutOff => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        headers
    }

    /// Logs what someone must look at; the caller's own mistakes are not.
    pub fn log(&self) {
        if let Self::Engine(EngineError::Unavailable(cause)) = self {
            tracing::error!(error = cause as &dyn std::error::Error, "request failed");
        }
    }
}

fn refusal_status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Strict { .. } | Refusal::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::VersionConflict { .. } | Refusal::NameTaken { .. } | Refusal::InUse(_) => {
            StatusCode::CONFLICT
        }
        Refusal::QuotaReached { .. } => StatusCode::FORBIDDEN,
        Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
        Refusal::Invalid { .. } => StatusCode::BAD_REQUEST,
    }
}
