//! Versioner's API: `POST /deployment-events/`, `/build-events/` and `/version-events/`.
//!
//! Source: Versioner, "Event Tracking API", and what its published clients send and read. Both
//! forms of a path are served, since a client that is redirected loses its body.

mod answer;
mod build;
mod deployment;
mod error;
mod fields;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use landfall_domain::report::Report;

use self::error::render_error;
use crate::shared::api::Api;
use crate::shared::body::{Incoming, keep_refused, take_in_report};
use crate::shared::rejection::Rejection;

const DIALECT: &str = "versioner";

/// What reads the bodies, for fuzzing.
#[cfg(fuzzing)]
pub const READERS: [fn(&[u8]) -> Result<Report, Rejection>; 2] = [deployment::parse, build::parse];

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    let deployments = post(report_deployment).fallback(error::method_not_allowed);
    let builds = post(report_build).fallback(error::method_not_allowed);
    Router::new()
        .route("/deployment-events", deployments.clone())
        .route("/deployment-events/", deployments)
        .route("/build-events", builds.clone())
        .route("/build-events/", builds.clone())
        .route("/version-events", builds.clone())
        .route("/version-events/", builds)
}

/// Versioner, "Submit Deployment Event".
async fn report_deployment(State(api): State<Api>, request: Request) -> Response {
    report(&api, request, deployment::parse).await.unwrap_or_else(|why| render_error(&why))
}

/// Versioner, "Submit Build Event"; the older `/version-events/` has the same body.
async fn report_build(State(api): State<Api>, request: Request) -> Response {
    report(&api, request, build::parse).await.unwrap_or_else(|why| render_error(&why))
}

async fn report(
    api: &Api,
    request: Request,
    parse: fn(&[u8]) -> Result<Report, Rejection>,
) -> Result<Response, Rejection> {
    let mut incoming = take_in_report(api, request, DIALECT).await?;
    let report = match parse(&incoming.body) {
        Ok(report) => report,
        Err(why) => {
            keep_refused(api, &incoming, DIALECT, &why).await;
            return Err(why);
        }
    };
    let idempotency = incoming.idempotency.take();
    let Incoming { caller, .. } = &incoming;
    let reported = api.engine.report(caller, report, idempotency, incoming.raw(DIALECT)).await?;
    Ok(answer::render(&reported))
}
