//! Teams: who owns things.

use askama::Template;
use landfall_domain::catalog::Team;
use landfall_domain::command::{Command, NewTeam, TeamEdit};
use landfall_domain::id::Id;
use landfall_domain::text::Text;
use landfall_engine::EngineError;
use landfall_engine::catalog::require_team;
use serde::Deserialize;
use uuid::Uuid;

use super::desk::{Answer, Desk, done};
use super::fields::{optional, required};
use super::frame::{Frame, Place, Told};
use super::noun::{DELETE, Edited, End, Noun, One};
use super::part::{Asked, Part};
use crate::page::Page;

static PLACE: Place = Place::catalog("/settings/teams", "Teams", "team");

/// Teams, as a noun of the settings.
pub(super) struct Teams;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
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

#[derive(Template)]
#[template(path = "settings/team.html")]
struct TeamPage {
    page: Page,
    frame: Frame,
    one: One,
    team: Team,
    form: Form,
}

impl Noun for Teams {
    const PLACE: &'static Place = &PLACE;
    const END: End = DELETE;
    type Id = Uuid;
    type Form = Form;

    async fn list(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
        let catalog = desk.catalog().await?;
        let live = catalog.teams.values().filter(|team| team.deleted_at.is_none());
        let named = live.filter(|team| asked.holds(&[&team.code, &team.name]));
        let mut teams: Vec<Team> = named.cloned().collect();
        teams.sort_by(|a, b| a.code.cmp(&b.code));
        let part = asked.part(PLACE.path, teams);
        desk.show(&PLACE, told, |page, frame| TeamsPage { page, frame, part, form }).await
    }

    async fn show(desk: &Desk, id: &Uuid, form: Option<Form>, told: Told) -> Answer {
        let team = find(desk, id).await?;
        let one = One::of::<Self>(id, &team.code);
        let form = form.unwrap_or_else(|| Form::of(&team));
        desk.show(&PLACE, told, |page, frame| TeamPage { page, frame, one, team, form }).await
    }

    async fn make(desk: &Desk, form: &Form) -> Answer {
        let code = required::<100>("code", &form.code).map(Text::into_string)?;
        let new = NewTeam { code, name: optional::<255>("name", &form.name)? };
        desk.manage(Command::CreateTeam(new)).await?;
        Ok(done(PLACE.path, "made"))
    }

    async fn name(desk: &Desk, id: &Uuid) -> Result<String, EngineError> {
        Ok(find(desk, id).await?.code)
    }

    async fn end(desk: &Desk, id: &Uuid) -> Result<(), EngineError> {
        desk.manage(Command::DeleteTeam(Id::from_uuid(*id))).await
    }
}

impl Edited for Teams {
    async fn edit(desk: &Desk, id: &Uuid, form: &Form) -> Result<(), EngineError> {
        let edit = TeamEdit {
            code: Some(required::<100>("code", &form.code)?.into_string()),
            name: Some(required::<255>("name", &form.name)?.into_string()),
        };
        desk.manage(Command::EditTeam(Id::from_uuid(*id), edit)).await
    }
}

async fn find(desk: &Desk, id: &Uuid) -> Result<Team, EngineError> {
    Ok(require_team(&*desk.catalog().await?, &id.to_string())?.clone())
}
