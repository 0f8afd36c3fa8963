//! The HTTP interfaces: one folder per dialect, each of which only translates.
//!
//! A handler is *parse → one engine call → render*. A dialect owns its bodies and its errors, knows
//! no other dialect, and shares only what lies in [`shared`].

pub mod akinon;
pub mod envtracker;
pub mod humanitec;
pub mod native;
mod operations;
pub mod qovery;
pub mod shared;
pub mod versioner;

use axum::Router;
use landfall_engine::Engine;

pub use shared::api::{Api, Limits};

/// Every interface of one engine, and what all of them have in common.
pub fn router(engine: Engine, limits: Limits) -> Router {
    let api = Api::new(engine, limits);
    let routes = routes().fallback(operations::unknown_path).with_state(api.clone());
    shared::layers::wrap(routes, api)
}

/// The routes of every interface, bare: what there is to serve, to document and to test.
pub fn routes() -> Router<Api> {
    Router::new()
        .merge(versioner::routes())
        .merge(envtracker::routes())
        .merge(qovery::routes())
        .merge(humanitec::routes())
        .merge(akinon::routes())
        .merge(native::routes())
        .merge(operations::routes())
}
