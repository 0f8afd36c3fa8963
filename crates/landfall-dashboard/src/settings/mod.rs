//! Settings: a page for each noun of an organization, beside a list of them.
//!
//! A form that is refused comes back as it was sent, with the reason above it. One that is taken
//! leads on to a page that says so.

mod applications;
mod audit;
mod delete;
mod environments;
mod fields;
mod keys;
mod organization;
mod part;
mod projects;
mod signing_keys;
mod teams;

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use landfall_domain::access::Scope;
use landfall_domain::catalog::Catalog;
use landfall_domain::id::TeamId;
use landfall_engine::EngineError;
use serde::Deserialize;

use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// The pages of the side list: address, name, and what they take to be seen.
const PAGES: &[(&str, &str, Scope)] = &[
    ("/settings", "Organization", Scope::Read),
    ("/settings/environments", "Environments", Scope::Read),
    ("/settings/projects", "Projects", Scope::Read),
    ("/settings/applications", "Applications", Scope::Read),
    ("/settings/teams", "Teams", Scope::Read),
    ("/settings/keys", "API keys", Scope::Admin),
    ("/settings/signing-keys", "Signing keys", Scope::Admin),
    ("/settings/audit", "Audit log", Scope::Admin),
];

/// The routes of the settings.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new()
        .merge(organization::routes())
        .merge(environments::routes())
        .merge(projects::routes())
        .merge(applications::routes())
        .merge(teams::routes())
        .merge(keys::routes())
        .merge(signing_keys::routes())
        .merge(audit::routes())
}

/// What happened before the page was asked for, as its address says.
#[derive(Deserialize)]
struct Happened {
    #[serde(default)]
    done: String,
}

impl Happened {
    /// In a sentence. Only these are told: anyone can make an address.
    fn sentence(&self) -> Option<&'static str> {
        Some(match self.done.as_str() {
            "saved" => "Saved.",
            "made" => "Made.",
            "moved" => "Moved.",
            "deleted" => "Deleted.",
            "archived" => "Archived. A report brings it back.",
            "restored" => "Restored.",
            "revoked" => "Revoked. It opens nothing from now on.",
            _ => return None,
        })
    }
}

/// What a page of the settings tells above its content.
enum Told {
    /// What happened before.
    Done(Option<&'static str>),
    /// Why a form was refused.
    Wrong(String),
}

impl From<Happened> for Told {
    fn from(happened: Happened) -> Self {
        Self::Done(happened.sentence())
    }
}

/// What surrounds every page of the settings.
struct Frame {
    at: &'static str,
    done: Option<&'static str>,
    wrong: Option<String>,
    may_manage: bool,
    may_admin: bool,
    pages: Vec<(&'static str, &'static str)>,
}

impl Frame {
    /// The frame of a page at an address, and what surrounds all pages.
    async fn of(
        dashboard: &Dashboard,
        viewer: &SignedIn,
        at: &'static str,
        told: Told,
    ) -> Result<(Page, Self), Trouble> {
        let sequence = dashboard.engine.log_head(&viewer.caller).await?;
        let may = |scope| viewer.caller.require(scope).is_ok();
        let seen = PAGES.iter().filter(|(_, _, scope)| may(*scope));
        let (done, wrong) = match told {
            Told::Done(done) => (done, None),
            Told::Wrong(why) => (None, Some(why)),
        };
        let frame = Self {
            at,
            done,
            wrong,
            may_manage: may(Scope::Manage),
            may_admin: may(Scope::Admin),
            pages: seen.map(|(path, name, _)| (*path, *name)).collect(),
        };
        Ok((Page::new(viewer, "/settings", sequence), frame))
    }

    fn is_at(&self, path: &str) -> bool {
        self.at == path
    }

    /// Renders a page within this frame.
    fn html(&self, page: &impl Template) -> Response {
        let status = if self.wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        (status, html(page)).into_response()
    }
}

/// Leads on to a page that says what was done.
fn done(path: &str, word: &str) -> Response {
    Redirect::to(&format!("{path}?done={word}")).into_response()
}

/// What a form that was refused is told; other trouble is not the form's.
fn told(error: EngineError) -> Result<Told, Trouble> {
    match error {
        EngineError::Refused(why) => Ok(Told::Wrong(why.to_string())),
        other => Err(other.into()),
    }
}

/// The code of the team that something belongs to; empty without one.
fn code_of(catalog: &Catalog, team: Option<TeamId>) -> String {
    let team = team.and_then(|team| catalog.teams.get(team));
    let live = team.filter(|team| team.deleted_at.is_none());
    live.map(|team| team.code.clone()).unwrap_or_default()
}

/// The codes of all teams, in order.
fn team_codes(catalog: &Catalog) -> Vec<String> {
    let live = catalog.teams.values().filter(|team| team.deleted_at.is_none());
    let mut codes: Vec<String> = live.map(|team| team.code.clone()).collect();
    codes.sort();
    codes
}

/// The names of all projects, in order.
fn project_names(catalog: &Catalog) -> Vec<String> {
    let live = catalog.projects.values().filter(|project| project.deleted_at.is_none());
    let mut names: Vec<String> = live.map(|project| project.name.to_string()).collect();
    names.sort();
    names
}
