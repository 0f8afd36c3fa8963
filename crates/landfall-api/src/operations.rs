//! For whoever runs the server: is it alive, is it ready, what does it count.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// The routes for operators. They tell nothing about any tenant, so they need no key.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Ready once the store answers.
async fn ready(State(api): State<Api>) -> Response {
    match api.engine.check_ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            Rejection::from(error).log();
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response()
        }
    }
}

/// A path that no interface has. Whose client it is is not known, so the answer has the members
/// that most of them read.
pub(crate) async fn unknown_path(uri: Uri) -> Response {
    let detail = format!("there is no `{}` here; /docs lists what there is", uri.path());
    let body = serde_json::json!({"detail": detail, "error": "not_found", "message": detail});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn metrics(State(api): State<Api>) -> Response {
    const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match api.engine.shown_metrics() {
        Ok(text) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
