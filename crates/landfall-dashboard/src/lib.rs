//! The pages for people. For now the one that says what this is and how to begin.

use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

/// The page that a browser finds at the root.
#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    /// The server's own address, as the browser knows it.
    url: &'a str,
}

/// The routes of the dashboard.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(welcome))
}

async fn welcome(headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let url = format!("http://{}", host.unwrap_or("127.0.0.1:8080"));
    match (Welcome { url: &url }).render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page was not rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
