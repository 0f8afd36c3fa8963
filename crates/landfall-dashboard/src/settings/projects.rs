//! Projects: groups of applications.

use askama::Template;
use landfall_domain::catalog::{Catalog, Project};
use landfall_domain::command::{Command, NewProject, ProjectEdit};
use landfall_domain::id::Id;
use landfall_engine::EngineError;
use landfall_engine::catalog::require_project;
use serde::Deserialize;
use uuid::Uuid;

use super::choices::{code_of, team_codes};
use super::desk::{Answer, Desk, done};
use super::fields::{optional, prose, required};
use super::frame::{Frame, Place, Told};
use super::noun::{DELETE, Edited, End, Noun, One};
use super::part::{Asked, Part};
use crate::page::Page;

static PLACE: Place = Place::catalog("/settings/projects", "Projects", "project");

/// Projects, as a noun of the settings.
pub(super) struct Projects;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
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

#[derive(Template)]
#[template(path = "settings/project.html")]
struct ProjectPage {
    page: Page,
    frame: Frame,
    one: One,
    aliases: Vec<String>,
    teams: Vec<String>,
    form: Form,
}

impl Noun for Projects {
    const PLACE: &'static Place = &PLACE;
    const END: End = DELETE;
    type Id = Uuid;
    type Form = Form;

    async fn list(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
        let catalog = desk.catalog().await?;
        let live = catalog.projects.values().filter(|project| project.deleted_at.is_none());
        let named = live.filter(|project| asked.holds(&[project.name.as_str()]));
        let mut lines: Vec<Line> = named.map(|project| Line::of(project, &catalog)).collect();
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        let (part, teams) = (asked.part(PLACE.path, lines), team_codes(&catalog));
        desk.show(&PLACE, told, |page, frame| ProjectsPage { page, frame, part, teams, form }).await
    }

    async fn show(desk: &Desk, id: &Uuid, form: Option<Form>, told: Told) -> Answer {
        let catalog = desk.catalog().await?;
        let project = require_project(&catalog, &id.to_string())?;
        let one = One::of::<Self>(id, project.name.as_str());
        let form = form.unwrap_or_else(|| Form::of(project, &catalog));
        let aliases = project.aliases.iter().map(ToString::to_string).collect();
        let teams = team_codes(&catalog);
        let fill = |page, frame| ProjectPage { page, frame, one, aliases, teams, form };
        desk.show(&PLACE, told, fill).await
    }

    async fn make(desk: &Desk, form: &Form) -> Answer {
        let new = NewProject {
            name: required("name", &form.name)?,
            description: prose(&form.description),
            team: optional::<100>("team", &form.team)?,
        };
        desk.manage(Command::CreateProject(new)).await?;
        Ok(done(PLACE.path, "made"))
    }

    async fn name(desk: &Desk, id: &Uuid) -> Result<String, EngineError> {
        Ok(require_project(&*desk.catalog().await?, &id.to_string())?.name.to_string())
    }

    async fn end(desk: &Desk, id: &Uuid) -> Result<(), EngineError> {
        desk.manage(Command::DeleteProject(Id::from_uuid(*id))).await
    }
}

impl Edited for Projects {
    async fn edit(desk: &Desk, id: &Uuid, form: &Form) -> Result<(), EngineError> {
        let edit = ProjectEdit {
            name: Some(required("name", &form.name)?),
            description: Some(prose(&form.description)),
            team: Some(optional::<100>("team", &form.team)?),
        };
        desk.manage(Command::EditProject(Id::from_uuid(*id), edit)).await
    }
}
