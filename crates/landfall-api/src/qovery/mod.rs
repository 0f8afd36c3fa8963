//! Qovery's API of organization webhooks, under `/organization`.

use axum::Router;

use crate::shared::api::Api;

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    Router::new()
}
