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

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    described().0.merge(docs::routes())
}

/// The routes under `/api/v1`, and what `/openapi.json` says about them.
fn described() -> (Router<Api>, OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(docs::head())
        .merge(organization::routes())
        .merge(keys::routes())
        .merge(signing_keys::routes())
        .merge(users::routes())
        .merge(sessions::routes())
        .merge(teams::routes())
        .merge(projects::routes())
        .merge(applications::routes())
        .merge(environments::routes())
        .merge(versions::routes())
        .merge(builds::routes())
        .merge(deployments::routes())
        .merge(status::routes())
        .merge(compare::routes())
        .merge(events::routes())
        .merge(refused::routes())
        .merge(audit::routes())
        .merge(webhooks::routes())
        .split_for_parts();
    docs::add_problems(&mut document);
    let router = router.method_not_allowed_fallback(problem::method_not_allowed);
    (router.merge(unknown_routes()), document)
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
        let (router, document) = described();
        let mut served = paths_of(&router);
        for unknown in paths_of(&unknown_routes()) {
            assert!(served.remove(&unknown), "{unknown}");
        }
        let documented: BTreeSet<String> = document.paths.paths.keys().cloned().collect();
        assert_eq!(served, documented);
        assert!(served.len() > 20, "{served:?}");
    }
}
