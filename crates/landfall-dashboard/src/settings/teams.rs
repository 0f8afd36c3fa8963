//! Teams: who owns things.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use landfall_domain::access::Scope;
use landfall_domain::catalog::Team;
use landfall_domain::command::{Command, NewTeam, TeamEdit};
use landfall_domain::text::Text;
use landfall_engine::EngineError;
use landfall_engine::catalog::require_team;
use serde::Deserialize;
use uuid::Uuid;

use super::delete::Typed;
use super::fields::{optional, required};
use super::part::{Asked, Part};
use super::{Frame, Happened, Told, done, told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings/teams";

/// The routes of teams.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route(PATH, get(list).post(make))
        .route("/settings/teams/{id}", get(show).post(edit))
        .route("/settings/teams/{id}/delete", post(delete))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    code: String,
    name: String,
}

impl Form {
    fn of(team: &Team) -> Self {
        Self { code: team.code.clone(), name: team.name.clone() }
    }
}

#[derive(Template)]
#[template(path = "settings/teams.html")]
struct TeamsPage {
    page: Page,
    frame: Frame,
    part: Part<Team>,
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
    let live = catalog.teams.values().filter(|team| team.deleted_at.is_none());
    let mut teams: Vec<Team> =
        live.filter(|team| asked.holds(&[&team.code, &team.name])).cloned().collect();
    teams.sort_by(|a, b| a.code.cmp(&b.code));
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let shown = TeamsPage { page, frame, part: asked.part(PATH, teams), form };
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
    let code = required::<100>("code", &form.code).map(Text::into_string)?;
    let new = NewTeam { code, name: optional::<255>("name", &form.name)? };
    dashboard.engine.manage(&viewer.caller, Command::CreateTeam(new)).await.map(|_| ())
}

#[derive(Template)]
#[template(path = "settings/team.html")]
struct TeamPage {
    page: Page,
    frame: Frame,
    team: Team,
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
    let team = require_team(&catalog, &id.to_string())?.clone();
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let form = form.unwrap_or_else(|| Form::of(&team));
    let shown = TeamPage { page, frame, team, form };
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
    let id = require_team(&catalog, &id.to_string())?.id;
    let edit = TeamEdit {
        code: Some(required::<100>("code", &form.code)?.into_string()),
        name: Some(required::<255>("name", &form.name)?.into_string()),
    };
    dashboard.engine.manage(&viewer.caller, Command::EditTeam(id, edit)).await.map(|_| ())
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
    let team = require_team(&catalog, &id.to_string())?;
    typed.require(&team.code)?;
    dashboard.engine.manage(&viewer.caller, Command::DeleteTeam(team.id)).await.map(|_| ())
}
