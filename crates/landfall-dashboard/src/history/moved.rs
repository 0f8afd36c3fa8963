//! Addresses that Versioner's clients print, and where the same things are here.

use axum::Router;
use axum::extract::Query;
use axum::response::Redirect;
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use super::id_of;
use crate::Dashboard;
use crate::answer::Trouble;

/// The routes of what moved.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/manage/deployments", get(deployments))
        .route("/manage/versions", get(versions))
        .route("/manage/catalog", get(catalog))
}

#[derive(Deserialize)]
struct Viewed {
    #[serde(default)]
    tab: String,
    #[serde(default)]
    view: String,
}

impl Viewed {
    /// A list without anything chosen leads to `list`.
    fn to(&self, list: &str, one: &str) -> Result<Redirect, Trouble> {
        if self.view.is_empty() {
            return Ok(Redirect::to(list));
        }
        let id: Uuid = id_of(&self.view)?;
        Ok(Redirect::to(&format!("/{one}/{id}")))
    }
}

async fn deployments(Query(viewed): Query<Viewed>) -> Result<Redirect, Trouble> {
    viewed.to("/timeline", "deployments")
}

async fn versions(Query(viewed): Query<Viewed>) -> Result<Redirect, Trouble> {
    viewed.to("/", "versions")
}

async fn catalog(Query(viewed): Query<Viewed>) -> Result<Redirect, Trouble> {
    let one = if viewed.tab == "versions" { "versions" } else { "applications" };
    viewed.to("/", one)
}
