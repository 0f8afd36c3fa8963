//! Environments: where things run, in the order of promotion.

mod list;
mod verbs;

use askama::Template;
use axum::Router;
use landfall_domain::catalog::{Catalog, Environment};
use landfall_domain::command::{Command, EnvironmentEdit, NewEnvironment};
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::Id;
use landfall_domain::refusal::Refusal;
use landfall_engine::EngineError;
use landfall_engine::catalog::require_environment;
use serde::Deserialize;
use uuid::Uuid;

use super::choices::{code_of, team_codes};
use super::desk::{Answer, Desk, done};
use super::fields::{invalid, optional, required, url};
use super::frame::{Frame, Place, Told};
use super::noun::{self, DELETE, Edited, End, Noun, One};
use super::part::Asked;
use crate::Dashboard;
use crate::page::Page;

static PLACE: Place = Place::catalog("/settings/environments", "Environments", "environment");
/// The types, in the order of promotion.
const KINDS: [&str; 5] = ["development", "testing", "staging", "preview", "production"];

/// Environments, as a noun of the settings.
pub(super) struct Environments;

/// The routes of environments.
pub(super) fn routes() -> Router<Dashboard> {
    noun::edited_routes::<Environments>().merge(verbs::routes())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
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

#[derive(Template)]
#[template(path = "settings/environment.html")]
struct EnvironmentPage {
    page: Page,
    frame: Frame,
    one: One,
    environment: Environment,
    kinds: &'static [&'static str],
    teams: Vec<String>,
    form: Form,
}

impl Noun for Environments {
    const PLACE: &'static Place = &PLACE;
    const END: End = DELETE;
    type Id = Uuid;
    type Form = Form;

    async fn list(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
        list::show(desk, asked, form, told).await
    }

    async fn show(desk: &Desk, id: &Uuid, form: Option<Form>, told: Told) -> Answer {
        let catalog = desk.catalog().await?;
        let environment = require_environment(&catalog, &id.to_string())?.clone();
        let one = One::of::<Self>(id, environment.code.as_str());
        let form = form.unwrap_or_else(|| Form::of(&environment, &catalog));
        let (kinds, teams) = (&KINDS, team_codes(&catalog));
        let fill =
            |page, frame| EnvironmentPage { page, frame, one, environment, kinds, teams, form };
        desk.show(&PLACE, told, fill).await
    }

    async fn make(desk: &Desk, form: &Form) -> Answer {
        let new = NewEnvironment {
            code: required("code", &form.code)?,
            name: optional::<255>("name", &form.name)?,
            kind: form.kind()?,
            team: optional::<100>("team", &form.team)?,
            url: url("url", &form.url)?,
            position: None,
        };
        desk.manage(Command::CreateEnvironment(new)).await?;
        Ok(done(PLACE.path, "made"))
    }

    async fn name(desk: &Desk, id: &Uuid) -> Result<String, EngineError> {
        Ok(require_environment(&*desk.catalog().await?, &id.to_string())?.code.to_string())
    }

    async fn end(desk: &Desk, id: &Uuid) -> Result<(), EngineError> {
        desk.manage(Command::DeleteEnvironment(Id::from_uuid(*id))).await
    }
}

impl Edited for Environments {
    async fn edit(desk: &Desk, id: &Uuid, form: &Form) -> Result<(), EngineError> {
        let edit = EnvironmentEdit {
            code: Some(required("code", &form.code)?),
            name: Some(required::<255>("name", &form.name)?.into_string()),
            kind: form.kind()?,
            team: Some(optional::<100>("team", &form.team)?),
            url: Some(url("url", &form.url)?),
            ..EnvironmentEdit::default()
        };
        desk.manage(Command::EditEnvironment(Id::from_uuid(*id), edit)).await
    }
}
