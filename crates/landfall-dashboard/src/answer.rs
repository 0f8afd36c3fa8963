//! From a template, or from what went wrong, to an answer.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;

use crate::page::Alone;
use crate::session::ACCOUNT_PATH;

/// Why there is no page.
pub(crate) enum Trouble {
    /// Nobody is signed in; the page to go on to afterwards.
    SignedOut(String),
    /// A script asks, and nobody is signed in.
    SignedOutScript,
    /// The viewer has to choose a password first.
    InitialPassword,
    /// A form that this page did not make.
    ForeignForm,
    /// There is no such page.
    NotFound,
    /// The engine did not do it.
    Engine(EngineError),
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Unauthenticated => Self::SignedOut("/".to_owned()),
            other => Self::Engine(other),
        }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Engine(refusal.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut(next) => Redirect::to(&sign_in_path(&next)).into_response(),
            Self::SignedOutScript => StatusCode::UNAUTHORIZED.into_response(),
            Self::InitialPassword => Redirect::to(ACCOUNT_PATH).into_response(),
            Self::ForeignForm => problem(
                StatusCode::FORBIDDEN,
                "This form is out of date",
                "It was made before you signed in, or by another site. Go back, load the page again \
                 and send it once more.",
            ),
            Self::NotFound => not_found("There is nothing at this address."),
            Self::Engine(error) => of_engine(&error),
        }
    }
}

/// Where to sign in, and to go on from there.
pub(crate) fn sign_in_path(next: &str) -> String {
    let encoded = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    format!("/sign-in?{encoded}")
}

fn not_found(detail: &str) -> Response {
    problem(StatusCode::NOT_FOUND, "Not found", detail)
}

fn of_engine(error: &EngineError) -> Response {
    let detail = error.to_string();
    match error {
        EngineError::Refused(Refusal::NotFound { .. }) => not_found(&detail),
        EngineError::Refused(_) => problem(StatusCode::BAD_REQUEST, "Not done", &detail),
        EngineError::Unauthenticated => Redirect::to("/sign-in").into_response(),
        EngineError::Forbidden(_) => {
            problem(StatusCode::FORBIDDEN, "Your role does not allow that", &detail)
        }
        EngineError::TooFast { .. } => {
            problem(StatusCode::TOO_MANY_REQUESTS, "Too many requests", &detail)
        }
        EngineError::Unavailable(cause) => {
            tracing::error!(error = cause as &dyn std::error::Error, "a page was not answered");
            problem(StatusCode::SERVICE_UNAVAILABLE, "Not right now", &detail)
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    page: Alone,
    title: &'a str,
    detail: &'a str,
}

fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let page = Problem { page: Alone::plain(), title, detail };
    (status, html(&page)).into_response()
}

/// Renders a template.
pub(crate) fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page was not rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
