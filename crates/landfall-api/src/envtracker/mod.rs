//! Envtracker's API: `PUT /webhook/notify`, `/webhook/create-environment`, `/webhook/assign-apps` and the
//! legacy `/v1/company/…`, all of them signed.

use axum::Router;

use crate::shared::api::Api;

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    Router::new()
}
