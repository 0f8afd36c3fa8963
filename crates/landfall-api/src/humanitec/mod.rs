//! Humanitec's API of webhooks, under `/orgs`.

use axum::Router;

use crate::shared::api::Api;

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    Router::new()
}
