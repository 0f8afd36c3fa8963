//! Landfall's own API, under `/api/v1`.
//!
//! Every route is registered together with its description, so `/openapi.json` can't leave one
//! out. Unknown fields and query parameters are refused by name: a typo is told, never ignored.

mod applications;
mod audit;
mod builds;
mod compare;
mod deployments;
mod docs;
mod environments;
mod events;
mod fields;
#[cfg(fuzzing)]
mod fuzzing;
mod keys;
mod organization;
mod page;
mod problem;
mod projects;
mod refused;
mod report;
mod request;
mod sessions;
mod signing_keys;
mod status;
mod stream;
mod teams;
mod text;
mod users;
mod versions;
mod webhooks;

use axum::Router;
use axum::routing::any;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::shared::api::Api;

#[cfg(fuzzing)]
pub use self::fuzzing::{READERS, WEBHOOK_READER};

/// The interface that requests came through, as refused ones show it.
const DIALECT: &str = "native";

/// The routes under `/api/v1` with what the document says of each, in the order of the document.
const PARTS: [fn() -> OpenApiRouter<Api>; 18] = [
    organization::routes,
    keys::routes,
    signing_keys::routes,
    users::routes,
    sessions::routes,
    teams::routes,
    projects::routes,
    applications::routes,
    environments::routes,
    versions::routes,
    builds::routes,
    deployments::routes,
    status::routes,
    compare::routes,
    events::routes,
    refused::routes,
    audit::routes,
    webhooks::routes,
];

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    described_routes().merge(unknown_routes()).merge(docs::routes())
}

/// The routes that the document describes. What it says of one part is let go before the next part is
/// made: all of it together takes megabytes, which a process would keep.
fn described_routes() -> Router<Api> {
    let parts = PARTS.iter().map(|part| part().split_for_parts().0);
    let router = parts.fold(Router::new(), Router::merge);
    router.method_not_allowed_fallback(problem::method_not_allowed)
}

/// What `/openapi.json` says.
fn document() -> OpenApi {
    let head = OpenApiRouter::<Api>::with_openapi(docs::head());
    let all = PARTS.iter().fold(head, |all, part| all.merge(part()));
    let mut document = all.into_openapi();
    docs::add_problems(&mut document);
    document
}

/// Everything else under `/api/v1`.
fn unknown_routes() -> Router<Api> {
    let unknown = any(problem::unknown_route);
    Router::new()
        .route("/api/v1", unknown.clone())
        .route("/api/v1/", unknown.clone())
        .route("/api/v1/{*rest}", unknown)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The paths of a router, as its debug form shows them; axum offers no other way to ask.
    fn paths_of(router: &Router<Api>) -> BTreeSet<String> {
        let shown = format!("{router:?}");
        let quoted = shown.split('"').skip(1).step_by(2);
        quoted.filter(|text| text.starts_with("/api/v1/")).map(str::to_owned).collect()
    }

    #[test]
    fn every_route_is_in_the_document() {
        let served = paths_of(&described_routes());
        let documented: BTreeSet<String> = document().paths.paths.keys().cloned().collect();
        assert_eq!(served, documented);
        assert!(served.len() > 20, "{served:?}");
    }
}
