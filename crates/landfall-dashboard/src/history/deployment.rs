//! `/deployments/{id}`: how one deployment went, what it brought, who was told, and putting it right.

mod actions;
mod card;
mod commits;
mod facts;
mod lifecycle;
mod notices;
mod reports;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use landfall_domain::access::Scope;
use landfall_engine::story::DeploymentStory;
use serde::Deserialize;
use uuid::Uuid;

use self::commits::Commits;
use self::facts::Fact;
use self::lifecycle::Step;
use self::notices::ShownNotice;
use self::reports::ShownReport;
use super::id_of;
use super::line::sign_of;
use super::words::Sign;
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// The routes of deployments.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/deployments/{id}", get(deployment))
        .route("/deployments/{id}/card", get(card::card))
        .route("/deployments/{id}/void", post(actions::void))
        .route("/deployments/{id}/retire", post(actions::retire))
}

#[derive(Deserialize)]
struct Asked {
    /// `raw` or `metadata`; anything else is the page itself.
    #[serde(default)]
    show: String,
    /// What a form did.
    #[serde(default)]
    done: String,
}

/// What was said of what went wrong.
struct Failure {
    code: Option<String>,
    message: Option<String>,
}

#[derive(Template)]
#[template(path = "deployment.html")]
struct DeploymentPage {
    page: Page,
    id: Uuid,
    sign: Sign,
    application: String,
    application_id: Uuid,
    version: String,
    version_id: Uuid,
    environment: String,
    environment_id: Uuid,
    target: String,
    description: Option<String>,
    standing: Option<&'static str>,
    /// Whether it goes on, so that the page follows it.
    is_open: bool,
    is_voided: bool,
    failure: Option<Failure>,
    show: String,
    steps: Vec<Step>,
    commits: Commits,
    notices: Vec<ShownNotice>,
    facts: Vec<Fact>,
    reports: Vec<ShownReport>,
    metadata: Option<String>,
    may_manage: bool,
    note: Option<&'static str>,
    wrong: Option<&'static str>,
}

async fn deployment(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let story = engine.deployment_story(&viewer.caller, id_of(&id)?).await?;
    let now = engine.ambient().now();
    let view = &story.known.view;
    let run = &view.run;
    let error = run.error.as_ref();
    Ok(html(&DeploymentPage {
        page: Page::new(&viewer, "/timeline", story.moment.sequence),
        id: run.id,
        sign: sign_of(&story.known, story.moment, now),
        application: view.application.name.clone(),
        application_id: view.application.id,
        version: view.version.name.clone(),
        version_id: view.version.id,
        environment: view.environment.code.clone(),
        environment_id: view.environment.id,
        target: view.target.clone(),
        description: run.description.clone(),
        standing: standing(&story),
        is_open: !run.status.is_terminal(),
        is_voided: run.voided.is_some(),
        failure: error
            .map(|error| Failure { code: error.code.clone(), message: error.message.clone() }),
        steps: lifecycle::steps(&story, now),
        commits: Commits::of(&story, now),
        notices: notices::shown(&story, now),
        facts: facts::facts(&story, now),
        reports: if asked.show == "raw" { reports::shown(&story.known.run) } else { Vec::new() },
        metadata: run.metadata.as_ref().map(|metadata| reports::pretty(metadata.as_str())),
        may_manage: viewer.caller.require(Scope::Manage).is_ok(),
        note: actions::note(&asked.done),
        wrong: actions::wrong(&asked.done),
        show: asked.show,
    }))
}

/// How it stands to what runs there now.
fn standing(story: &DeploymentStory) -> Option<&'static str> {
    if story.is_current() {
        Some("runs there now")
    } else if story.is_superseded() {
        Some("superseded by a newer one")
    } else {
        None
    }
}
