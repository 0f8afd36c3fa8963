//! The pages for people: rendered here, one folder or file per page, templates in `templates/`.
//!
//! A page is *who asks → one engine call → render*. It works without script; the script adds what is
//! live. No page asks anything of another host.

mod answer;
mod assets;
mod board;
mod events;
mod filters;
mod form;
mod history;
mod live;
mod page;
mod refused;
mod security;
mod session;
mod settings;
mod sign_in;
mod webhooks;

use axum::Router;
use landfall_engine::Engine;

/// What every page is given. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Dashboard {
    pub engine: Engine,
}

/// Every page of one engine.
pub fn router(engine: Engine) -> Router {
    let dashboard = Dashboard { engine };
    let pages = Router::new()
        .merge(board::routes())
        .merge(events::routes())
        .merge(live::routes())
        .merge(history::routes())
        .merge(refused::routes())
        .merge(settings::routes())
        .merge(sign_in::routes())
        .merge(webhooks::routes())
        .with_state(dashboard)
        .merge(assets::routes());
    security::wrap(pages)
}
