//! Applications: what is built and deployed.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Catalog};
use landfall_domain::command::{ApplicationEdit, Command, NewApplication};
use landfall_engine::EngineError;
use landfall_engine::catalog::{applications_in_order, require_application};
use serde::Deserialize;
use uuid::Uuid;

use super::delete::Typed;
use super::fields::{optional, prose, required};
use super::part::{Asked, Part};
use super::{Frame, Happened, Told, code_of, done, project_names, team_codes, told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings/applications";

/// The routes of applications.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route(PATH, get(list).post(make))
        .route("/settings/applications/{id}", get(show).post(edit))
        .route("/settings/applications/{id}/delete", post(delete))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    project: String,
    name: String,
    description: String,
    repository: String,
    team: String,
}

impl Form {
    fn of(application: &Application, catalog: &Catalog) -> Self {
        let project = catalog.projects.get(application.project);
        Self {
            project: project.map(|project| project.name.to_string()).unwrap_or_default(),
            name: application.name.to_string(),
            description: application.description.clone().unwrap_or_default(),
            repository: application.repository.clone().unwrap_or_default(),
            team: code_of(catalog, application.team),
        }
    }
}

/// An application in the list.
struct Line {
    id: Uuid,
    project: String,
    name: String,
    team: String,
    repository: String,
}

impl Line {
    fn of(application: &Application, catalog: &Catalog) -> Self {
        let Form { project, name, repository, team, description: _ } =
            Form::of(application, catalog);
        Self { id: application.id.uuid(), project, name, team, repository }
    }
}

#[derive(Template)]
#[template(path = "settings/applications.html")]
struct ApplicationsPage {
    page: Page,
    frame: Frame,
    part: Part<Line>,
    projects: Vec<String>,
    teams: Vec<String>,
    form: Form,
}

async fn list(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(asked): Query<Asked>,
    Query(happened): Query<Happened>,
) -> Result<Response, Trouble> {
    render_list(&dashboard, &viewer, &asked, Form::default(), happened.into()).await
}

async fn render_list(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    asked: &Asked,
    form: Form,
    told: Told,
) -> Result<Response, Trouble> {
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    let all = applications_in_order(&catalog).into_iter();
    let named =
        all.filter(|(project, found)| asked.holds(&[found.name.as_str(), project.name.as_str()]));
    let lines = named.map(|(_, found)| Line::of(found, &catalog)).collect();
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let shown = ApplicationsPage {
        page,
        frame,
        part: asked.part(PATH, lines),
        projects: project_names(&catalog),
        teams: team_codes(&catalog),
        form,
    };
    Ok(shown.frame.html(&shown))
}

async fn make(
    State(dashboard): State<Dashboard>,
    Sent { viewer, form }: Sent<Form>,
) -> Result<Response, Trouble> {
    match create(&dashboard, &viewer, &form).await {
        Ok(()) => Ok(done(PATH, "made")),
        Err(why) => render_list(&dashboard, &viewer, &Asked::default(), form, told(why)?).await,
    }
}

async fn create(dashboard: &Dashboard, viewer: &SignedIn, form: &Form) -> Result<(), EngineError> {
    viewer.caller.require(Scope::Manage)?;
    let new = NewApplication {
        project: Some(required("project", &form.project)?),
        name: required("name", &form.name)?,
        description: prose(&form.description),
        repository: optional::<500>("repository", &form.repository)?,
        team: optional::<100>("team", &form.team)?,
    };
    dashboard.engine.manage(&viewer.caller, Command::CreateApplication(new)).await.map(|_| ())
}

#[derive(Template)]
#[template(path = "settings/application.html")]
struct ApplicationPage {
    page: Page,
    frame: Frame,
    application: Application,
    teams: Vec<String>,
    form: Form,
}

async fn show(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<Uuid>,
    Query(happened): Query<Happened>,
) -> Result<Response, Trouble> {
    render(&dashboard, &viewer, id, None, happened.into()).await
}

async fn render(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    id: Uuid,
    form: Option<Form>,
    told: Told,
) -> Result<Response, Trouble> {
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    let application = require_application(&catalog, &id.to_string())?.clone();
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let form = form.unwrap_or_else(|| Form::of(&application, &catalog));
    let shown = ApplicationPage { page, frame, application, teams: team_codes(&catalog), form };
    Ok(shown.frame.html(&shown))
}

async fn edit(
    State(dashboard): State<Dashboard>,
    Path(id): Path<Uuid>,
    Sent { viewer, form }: Sent<Form>,
) -> Result<Response, Trouble> {
    match change(&dashboard, &viewer, id, &form).await {
        Ok(()) => Ok(done(&format!("{PATH}/{id}"), "saved")),
        Err(why) => render(&dashboard, &viewer, id, Some(form), told(why)?).await,
    }
}

async fn change(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    id: Uuid,
    form: &Form,
) -> Result<(), EngineError> {
    viewer.caller.require(Scope::Manage)?;
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    let id = require_application(&catalog, &id.to_string())?.id;
    let edit = ApplicationEdit {
        name: Some(required("name", &form.name)?),
        description: Some(prose(&form.description)),
        repository: Some(optional::<500>("repository", &form.repository)?),
        team: Some(optional::<100>("team", &form.team)?),
        environments: None,
    };
    dashboard.engine.manage(&viewer.caller, Command::EditApplication(id, edit)).await.map(|_| ())
}

async fn delete(
    State(dashboard): State<Dashboard>,
    Path(id): Path<Uuid>,
    Sent { viewer, form }: Sent<Typed>,
) -> Result<Response, Trouble> {
    match remove(&dashboard, &viewer, id, &form).await {
        Ok(()) => Ok(done(PATH, "deleted")),
        Err(why) => render(&dashboard, &viewer, id, None, told(why)?).await,
    }
}

async fn remove(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    id: Uuid,
    typed: &Typed,
) -> Result<(), EngineError> {
    viewer.caller.require(Scope::Manage)?;
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    let application = require_application(&catalog, &id.to_string())?;
    typed.require(application.name.as_str())?;
    dashboard
        .engine
        .manage(&viewer.caller, Command::DeleteApplication(application.id))
        .await
        .map(|_| ())
}
