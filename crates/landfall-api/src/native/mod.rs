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
mod keys;
mod organization;
mod page;
mod problem;
mod projects;
mod refused;
mod report;
mod request;
mod status;
mod stream;
mod teams;
mod text;
mod versions;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::shared::api::Api;

/// The interface that requests came through, as refused ones show it.
const DIALECT: &str = "native";

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    let (router, document) = described();
    router.merge(docs::routes(&document))
}

/// The routes under `/api/v1`, and what `/openapi.json` says about them.
fn described() -> (Router<Api>, OpenApi) {
    let nouns = OpenApiRouter::new()
        .merge(organization::routes())
        .merge(keys::routes())
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
        .fallback(problem::unknown_route);
    let all = OpenApiRouter::with_openapi(docs::head()).nest("/api/v1", nouns);
    let (router, mut document) = all.split_for_parts();
    docs::add_problems(&mut document);
    (router.method_not_allowed_fallback(problem::method_not_allowed), document)
}
