//! `/badges/{application}/{environment}.svg`: what runs there, for a README.
//!
//! Whoever is signed in sees every badge of the organization. Others need the token that the
//! application's page makes: READMEs are fetched by nobody who is signed in, and what runs in
//! production is not for everybody.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use landfall_engine::badge::Badge;
use serde::Deserialize;
use uuid::Uuid;

use crate::Dashboard;
use crate::answer::Trouble;
use crate::session::SignedIn;

/// The route of badges.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/badges/{application}/{file}", get(badge))
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    token: String,
}

async fn badge(
    State(dashboard): State<Dashboard>,
    viewer: Result<SignedIn, Trouble>,
    Path((application, file)): Path<(String, String)>,
    Query(Shown { token }): Query<Shown>,
) -> Response {
    let (Ok(application), Some(environment)) =
        (Uuid::parse_str(&application), file.strip_suffix(".svg"))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let engine = &dashboard.engine;
    let found = match (token.as_str(), viewer) {
        ("", Err(_)) => return StatusCode::UNAUTHORIZED.into_response(),
        ("", Ok(viewer)) => engine.badge(&viewer.caller, application, environment).await,
        (token, _) => engine.badge_of_token(application, environment, token).await,
    };
    match found {
        Ok(badge) => svg(&badge),
        Err(error) => status_of(&error).into_response(),
    }
}

/// What fetches images reads no page, so trouble is told by its status alone.
fn status_of(error: &landfall_engine::EngineError) -> StatusCode {
    match error {
        landfall_engine::EngineError::Refused(_) => StatusCode::NOT_FOUND,
        landfall_engine::EngineError::Forbidden(_) => StatusCode::FORBIDDEN,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[derive(Template)]
#[template(path = "badge.svg", escape = "html")]
struct BadgeImage {
    label: String,
    value: String,
    colour: &'static str,
    label_width: usize,
    value_width: usize,
}

impl BadgeImage {
    fn of(badge: &Badge) -> Self {
        let view = &badge.view;
        let (value, colour) = match (&view.current, &view.in_progress, &view.failed) {
            (Some(now), _, Some(_)) => (format!("{} ✕ last failed", now.version), "#b92b38"),
            (Some(now), Some(next), _) => {
                (format!("{} ◐ {}", now.version, next.version), "#1d57cf")
            }
            (Some(now), None, None) => (now.version.clone(), "#18744a"),
            (None, Some(next), _) => (format!("◐ {}", next.version), "#1d57cf"),
            (None, None, Some(failed)) => (format!("✕ {}", failed.version), "#b92b38"),
            (None, None, None) => ("nothing".to_owned(), "#62625e"),
        };
        let (label, value) = (shortened(&badge.environment), shortened(&value));
        let (label_width, value_width) = (width(&label), width(&value));
        Self { label, value, colour, label_width, value_width }
    }
}

/// A badge stays a badge, whatever a version is called.
const CHARS_MAX: usize = 48;
/// About what a character needs at 11 px; the text is fitted into it.
const CHAR_PX: usize = 7;

fn shortened(text: &str) -> String {
    if text.chars().count() <= CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(CHARS_MAX - 1).chain(['…']).collect()
}

fn width(text: &str) -> usize {
    text.chars().count() * CHAR_PX + 12
}

fn svg(badge: &Badge) -> Response {
    let image = BadgeImage::of(badge);
    let headers =
        [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "private, max-age=60")];
    match image.render() {
        Ok(text) => (headers, text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
