//! Environments: where things run, in the order of promotion.

mod list;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use landfall_domain::access::Scope;
use landfall_domain::catalog::{Catalog, Environment};
use landfall_domain::command::{Command, EnvironmentEdit, NewEnvironment};
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::Id;
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use landfall_engine::catalog::require_environment;
use landfall_engine::positions::Direction;
use serde::Deserialize;
use uuid::Uuid;

use self::list::{list, render_list};
use super::delete::Typed;
use super::fields::{invalid, optional, required, url};
use super::part::Asked;
use super::{Frame, Happened, Told, code_of, done, team_codes, told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings/environments";
/// The types, in the order of promotion.
const KINDS: [&str; 5] = ["development", "testing", "staging", "preview", "production"];

/// The routes of environments.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route(PATH, get(list).post(make))
        .route("/settings/environments/{id}", get(show).post(edit))
        .route("/settings/environments/{id}/move", post(shift))
        .route("/settings/environments/{id}/archive", post(archive))
        .route("/settings/environments/{id}/delete", post(delete))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    code: String,
    name: String,
    /// A type; inferred from the code of a new environment if empty.
    #[serde(rename = "type")]
    kind: String,
    team: String,
    url: String,
}

impl Form {
    fn of(environment: &Environment, catalog: &Catalog) -> Self {
        Self {
            code: environment.code.to_string(),
            name: environment.name.clone(),
            kind: environment.kind.as_str().to_owned(),
            team: code_of(catalog, environment.team),
            url: environment.url.clone().unwrap_or_default(),
        }
    }

    fn kind(&self) -> Result<Option<EnvironmentType>, Refusal> {
        if self.kind.is_empty() {
            return Ok(None);
        }
        let kind = EnvironmentType::parse(&self.kind).map(Some);
        kind.ok_or_else(|| invalid("type", format!("must be one of {}", KINDS.join(", "))))
    }
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
    let new = NewEnvironment {
        code: required("code", &form.code)?,
        name: optional::<255>("name", &form.name)?,
        kind: form.kind()?,
        team: optional::<100>("team", &form.team)?,
        url: url("url", &form.url)?,
        position: None,
    };
    dashboard.engine.manage(&viewer.caller, Command::CreateEnvironment(new)).await.map(|_| ())
}

#[derive(Template)]
#[template(path = "settings/environment.html")]
struct EnvironmentPage {
    page: Page,
    frame: Frame,
    environment: Environment,
    kinds: &'static [&'static str],
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
    let environment = require_environment(&catalog, &id.to_string())?.clone();
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let form = form.unwrap_or_else(|| Form::of(&environment, &catalog));
    let shown = EnvironmentPage {
        page,
        frame,
        environment,
        kinds: &KINDS,
        teams: team_codes(&catalog),
        form,
    };
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
    let id = require_environment(&catalog, &id.to_string())?.id;
    let edit = EnvironmentEdit {
        code: Some(required("code", &form.code)?),
        name: Some(required::<255>("name", &form.name)?.into_string()),
        kind: form.kind()?,
        team: Some(optional::<100>("team", &form.team)?),
        url: Some(url("url", &form.url)?),
        ..EnvironmentEdit::default()
    };
    dashboard.engine.manage(&viewer.caller, Command::EditEnvironment(id, edit)).await.map(|_| ())
}

#[derive(Deserialize)]
struct Move {
    /// `earlier`, or anything else for later.
    #[serde(default)]
    direction: String,
}

async fn shift(
    State(dashboard): State<Dashboard>,
    Path(id): Path<Uuid>,
    Sent { viewer, form }: Sent<Move>,
) -> Result<Response, Trouble> {
    let is_earlier = form.direction == "earlier";
    let direction = if is_earlier { Direction::Earlier } else { Direction::Later };
    dashboard.engine.move_environment(&viewer.caller, Id::from_uuid(id), direction).await?;
    Ok(done(PATH, "moved"))
}

#[derive(Deserialize)]
struct Archive {
    /// `true` puts it out of sight, anything else brings it back.
    #[serde(default)]
    archived: String,
}

async fn archive(
    State(dashboard): State<Dashboard>,
    Path(id): Path<Uuid>,
    Sent { viewer, form }: Sent<Archive>,
) -> Result<Response, Trouble> {
    let is_archived = form.archived == "true";
    let edit = EnvironmentEdit { archived: Some(is_archived), ..EnvironmentEdit::default() };
    let edit = Command::EditEnvironment(Id::from_uuid(id), edit);
    match dashboard.engine.manage(&viewer.caller, edit).await {
        Ok(_) => {
            let word = if is_archived { "archived" } else { "restored" };
            Ok(done(&format!("{PATH}/{id}"), word))
        }
        Err(why) => render(&dashboard, &viewer, id, None, told(why)?).await,
    }
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
    let environment = require_environment(&catalog, &id.to_string())?;
    typed.require(environment.code.as_str())?;
    dashboard
        .engine
        .manage(&viewer.caller, Command::DeleteEnvironment(environment.id))
        .await
        .map(|_| ())
}
