//! Projects: groups of applications.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use landfall_domain::access::Scope;
use landfall_domain::catalog::{Catalog, Project};
use landfall_domain::command::{Command, NewProject, ProjectEdit};
use landfall_engine::EngineError;
use landfall_engine::catalog::require_project;
use serde::Deserialize;
use uuid::Uuid;

use super::delete::Typed;
use super::fields::{optional, prose, required};
use super::part::{Asked, Part};
use super::{Frame, Happened, Told, code_of, done, team_codes, told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings/projects";

/// The routes of projects.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route(PATH, get(list).post(make))
        .route("/settings/projects/{id}", get(show).post(edit))
        .route("/settings/projects/{id}/delete", post(delete))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    name: String,
    description: String,
    team: String,
}

impl Form {
    fn of(project: &Project, catalog: &Catalog) -> Self {
        Self {
            name: project.name.to_string(),
            description: project.description.clone().unwrap_or_default(),
            team: code_of(catalog, project.team),
        }
    }
}

/// A project in the list.
struct Line {
    id: Uuid,
    name: String,
    team: String,
    description: String,
    applications: usize,
}

impl Line {
    fn of(project: &Project, catalog: &Catalog) -> Self {
        let Form { name, description, team } = Form::of(project, catalog);
        let all = catalog.applications.values().filter(|found| found.deleted_at.is_none());
        let applications = all.filter(|found| found.project == project.id).count();
        Self { id: project.id.uuid(), name, team, description, applications }
    }
}

#[derive(Template)]
#[template(path = "settings/projects.html")]
struct ProjectsPage {
    page: Page,
    frame: Frame,
    part: Part<Line>,
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
    let live = catalog.projects.values().filter(|project| project.deleted_at.is_none());
    let named = live.filter(|project| asked.holds(&[project.name.as_str()]));
    let mut lines: Vec<Line> = named.map(|project| Line::of(project, &catalog)).collect();
    lines.sort_by(|a, b| a.name.cmp(&b.name));
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let shown = ProjectsPage {
        page,
        frame,
        part: asked.part(PATH, lines),
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
    let new = NewProject {
        name: required("name", &form.name)?,
        description: prose(&form.description),
        team: optional::<100>("team", &form.team)?,
    };
    dashboard.engine.manage(&viewer.caller, Command::CreateProject(new)).await.map(|_| ())
}

#[derive(Template)]
#[template(path = "settings/project.html")]
struct ProjectPage {
    page: Page,
    frame: Frame,
    project: Project,
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
    let project = require_project(&catalog, &id.to_string())?.clone();
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let form = form.unwrap_or_else(|| Form::of(&project, &catalog));
    let shown = ProjectPage { page, frame, project, teams: team_codes(&catalog), form };
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
    let id = require_project(&catalog, &id.to_string())?.id;
    let edit = ProjectEdit {
        name: Some(required("name", &form.name)?),
        description: Some(prose(&form.description)),
        team: Some(optional::<100>("team", &form.team)?),
    };
    dashboard.engine.manage(&viewer.caller, Command::EditProject(id, edit)).await.map(|_| ())
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
    let project = require_project(&catalog, &id.to_string())?;
    typed.require(project.name.as_str())?;
    dashboard.engine.manage(&viewer.caller, Command::DeleteProject(project.id)).await.map(|_| ())
}
