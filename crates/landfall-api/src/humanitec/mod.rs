//! Humanitec's API of webhooks, under `/orgs`.
//!
//! Source: Humanitec, "Webhooks", its published description of the API, and what its Terraform
//! provider and its clients send and read. `{org}` is the slug or the id of the organization, `{app}`
//! a project's name, former name or id. What its clients send comes back as it was sent: null is not
//! `{}` to them, and a URL may lack its scheme.

mod body;
mod edit;
mod entry;
mod error;
mod events;
mod jobs;
mod new;
mod triggers;
mod url;
mod view;

use axum::Router;
use axum::routing::{any, delete, get};

use crate::shared::api::Api;

/// What reads the body of a webhook to be made, for fuzzing.
#[cfg(fuzzing)]
pub fn read(
    body: &[u8],
) -> Result<landfall_engine::webhooks::NewWebhook, crate::shared::rejection::Rejection> {
    let ambient = landfall_engine::Ambient::manual(landfall_domain::time::Timestamp::MAX);
    new::new_webhook(crate::shared::json::parse(body)?, ("shop", "k1"), &ambient)
}

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    Router::new()
        .route("/orgs/{org}/apps/{app}/webhooks", get(jobs::list).post(jobs::create))
        .route(
            "/orgs/{org}/apps/{app}/webhooks/{job}",
            get(jobs::show).patch(jobs::edit).delete(jobs::delete),
        )
        .route("/orgs/{org}/apps/{app}/jobs", delete(jobs::delete_all))
        .route("/orgs/{org}/events", get(events::list))
        .method_not_allowed_fallback(error::method_not_allowed)
        .merge(unknown_routes())
}

/// Everything else of Humanitec's, so that its clients can read what they are told.
fn unknown_routes() -> Router<Api> {
    let unknown = any(error::unknown_route);
    Router::new()
        .route("/orgs", unknown.clone())
        .route("/orgs/", unknown.clone())
        .route("/orgs/{org}", unknown.clone())
        .route("/orgs/{org}/", unknown.clone())
        .route("/orgs/{org}/{*rest}", unknown)
}
