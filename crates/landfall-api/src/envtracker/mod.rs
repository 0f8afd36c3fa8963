//! Envtracker's API: `PUT /webhook/notify`, `/webhook/create-environment`, `/webhook/assign-apps` and
//! the legacy `/v1/company/…`, all of them signed.
//!
//! Source: Envtracker, "Endpoints" and "Webhook configuration". The documents say which statuses
//! there are and not what the bodies hold: here they are JSON with a `message`.

mod answer;
mod assign;
mod environment;
mod error;
mod fields;
mod legacy;
mod notify;
mod report;
mod signed;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{any, put};

use self::error::{Failure, method_not_allowed, unknown_path};
use crate::shared::api::Api;
#[cfg(fuzzing)]
use crate::shared::rejection::Rejection;

const DIALECT: &str = "envtracker";

/// What reads the body of a report, for fuzzing.
#[cfg(fuzzing)]
pub const READER: fn(&[u8]) -> Result<landfall_domain::report::Report, Rejection> = notify::parse;

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    let notify = put(notify_deployment).fallback(method_not_allowed);
    let create = put(create_environment).fallback(method_not_allowed);
    let assign = put(assign_applications).fallback(method_not_allowed);
    Router::new()
        .route("/webhook/notify", notify.clone())
        .route("/webhook/notify/", notify)
        .route("/webhook/create-environment", create.clone())
        .route("/webhook/create-environment/", create)
        .route("/webhook/assign-apps", assign.clone())
        .route("/webhook/assign-apps/", assign)
        .route("/webhook/{*rest}", any(unknown_path))
        .merge(legacy::routes())
}

/// Envtracker, "Notify deployment (recommended)".
async fn notify_deployment(State(api): State<Api>, request: Request) -> Response {
    render(notify::take(&api, request).await)
}

/// Envtracker, "Create environment".
async fn create_environment(State(api): State<Api>, request: Request) -> Response {
    render(environment::take(&api, request).await)
}

/// Envtracker, "Assign applications".
async fn assign_applications(State(api): State<Api>, request: Request) -> Response {
    render(assign::take(&api, request).await)
}

fn render(done: Result<Response, Failure>) -> Response {
    done.unwrap_or_else(|why| error::render(&why))
}
