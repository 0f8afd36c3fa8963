//! Landfall's own API, under `/api/v1`.

use axum::Router;

use crate::shared::api::Api;

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    Router::new()
}
