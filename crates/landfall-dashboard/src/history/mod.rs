//! What happened, and everything about one thing: the timeline, the pages of deployments,
//! applications, versions and environments, comparisons, and what finds them.

mod application;
mod badge;
mod compare;
mod deployment;
mod environment;
mod find;
mod line;
mod moved;
mod palette;
mod repository;
mod timeline;
mod version;
mod whereabouts;
mod words;

use axum::Router;
use uuid::Uuid;

pub(crate) use self::words::instant;
use crate::Dashboard;
use crate::answer::Trouble;

/// The routes of history.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new()
        .merge(timeline::routes())
        .merge(deployment::routes())
        .merge(application::routes())
        .merge(version::routes())
        .merge(environment::routes())
        .merge(compare::routes())
        .merge(find::routes())
        .merge(palette::routes())
        .merge(badge::routes())
        .merge(moved::routes())
}

/// The id in a path; what is none leads nowhere.
fn id_of(text: &str) -> Result<Uuid, Trouble> {
    Uuid::parse_str(text).map_err(|_| Trouble::NotFound)
}
