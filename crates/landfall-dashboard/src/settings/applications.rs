//! Applications: what is built and deployed.

use askama::Template;
use landfall_domain::catalog::{Application, Catalog};
use landfall_domain::command::{ApplicationEdit, Command, NewApplication};
use landfall_domain::id::Id;
use landfall_engine::EngineError;
use landfall_engine::catalog::{applications_in_order, require_application};
use serde::Deserialize;
use uuid::Uuid;

use super::choices::{code_of, project_names, team_codes};
use super::desk::{Answer, Desk, done};
use super::fields::{optional, prose, required};
use super::frame::{Frame, Place, Told};
use super::noun::{DELETE, Edited, End, Noun, One};
use super::part::{Asked, Part};
use crate::page::Page;

static PLACE: Place = Place::catalog("/settings/applications", "Applications", "application");

/// Applications, as a noun of the settings.
pub(super) struct Applications;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
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

#[derive(Template)]
#[template(path = "settings/application.html")]
struct ApplicationPage {
    page: Page,
    frame: Frame,
    one: One,
    id: Uuid,
    aliases: Vec<String>,
    teams: Vec<String>,
    form: Form,
}

impl Noun for Applications {
    const PLACE: &'static Place = &PLACE;
    const END: End = DELETE;
    type Id = Uuid;
    type Form = Form;

    async fn list(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
        let catalog = desk.catalog().await?;
        let all = applications_in_order(&catalog).into_iter();
        let named = all
            .filter(|(project, found)| asked.holds(&[found.name.as_str(), project.name.as_str()]));
        let lines = named.map(|(_, found)| Line::of(found, &catalog)).collect();
        let part = asked.part(PLACE.path, lines);
        let (projects, teams) = (project_names(&catalog), team_codes(&catalog));
        let fill = |page, frame| ApplicationsPage { page, frame, part, projects, teams, form };
        desk.show(&PLACE, told, fill).await
    }

    async fn show(desk: &Desk, id: &Uuid, form: Option<Form>, told: Told) -> Answer {
        let catalog = desk.catalog().await?;
        let application = require_application(&catalog, &id.to_string())?;
        let (one, id) = (One::of::<Self>(id, application.name.as_str()), *id);
        let form = form.unwrap_or_else(|| Form::of(application, &catalog));
        let aliases = application.aliases.iter().map(ToString::to_string).collect();
        let teams = team_codes(&catalog);
        let fill = |page, frame| ApplicationPage { page, frame, one, id, aliases, teams, form };
        desk.show(&PLACE, told, fill).await
    }

    async fn make(desk: &Desk, form: &Form) -> Answer {
        let new = NewApplication {
            project: Some(required("project", &form.project)?),
            name: required("name", &form.name)?,
            description: prose(&form.description),
            repository: optional::<500>("repository", &form.repository)?,
            team: optional::<100>("team", &form.team)?,
        };
        desk.manage(Command::CreateApplication(new)).await?;
        Ok(done(PLACE.path, "made"))
    }

    async fn name(desk: &Desk, id: &Uuid) -> Result<String, EngineError> {
        Ok(require_application(&*desk.catalog().await?, &id.to_string())?.name.to_string())
    }

    async fn end(desk: &Desk, id: &Uuid) -> Result<(), EngineError> {
        desk.manage(Command::DeleteApplication(Id::from_uuid(*id))).await
    }
}

impl Edited for Applications {
    async fn edit(desk: &Desk, id: &Uuid, form: &Form) -> Result<(), EngineError> {
        let edit = ApplicationEdit {
            name: Some(required("name", &form.name)?),
            description: Some(prose(&form.description)),
            repository: Some(optional::<500>("repository", &form.repository)?),
            team: Some(optional::<100>("team", &form.team)?),
            environments: None,
        };
        desk.manage(Command::EditApplication(Id::from_uuid(*id), edit)).await
    }
}
