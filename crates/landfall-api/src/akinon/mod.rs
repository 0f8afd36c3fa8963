//! Akinon's API of project webhooks, under `/organizations` and `/api/v1/organizations`.

use axum::Router;

use crate::shared::api::Api;

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    Router::new()
}
