//! API keys: made here and shown once, listed, revoked.

use askama::Template;
use landfall_domain::access::{ApiKey, Scope};
use landfall_domain::catalog::Catalog;
use landfall_domain::refusal::Refusal;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::EngineError;
use landfall_engine::catalog::require_project;
use landfall_engine::keys::{MadeKey, NewKey};
use serde::Deserialize;

use super::choices::project_names;
use super::desk::{Answer, Desk};
use super::fields::{invalid, required};
use super::frame::{Frame, Place, Told};
use super::moment::{Moment, State};
use super::noun::{End, Noun, One, REVOKE};
use super::part::{Asked, Part};
use crate::page::Page;

static PLACE: Place = Place::admin("/settings/keys", "API keys", "key");

/// API keys, as a noun of the settings.
pub(super) struct Keys;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    name: String,
    report: Option<String>,
    read: Option<String>,
    manage: Option<String>,
    admin: Option<String>,
    project: String,
    /// The last day on which it opens anything, in UTC.
    expires: String,
}

impl Form {
    fn new_key(&self, catalog: &Catalog) -> Result<NewKey, Refusal> {
        let Self { name, report, read, manage, admin, project, expires } = self;
        let ticked = [report, read, manage, admin].into_iter().zip(Scope::ALL);
        let scopes = ticked.filter(|(ticked, _)| ticked.is_some()).map(|(_, scope)| scope);
        let project = Some(project).filter(|name| !name.is_empty());
        let project = project.map(|name| require_project(catalog, name)).transpose()?;
        Ok(NewKey {
            name: required::<255>("name", name).map(Text::into_string)?,
            scopes: scopes.collect(),
            default_project: project.map(|project| project.id),
            expires_at: end_of_day(expires)?,
        })
    }
}

/// The end of a day such as `2027-01-31`; none if nothing is given.
fn end_of_day(day: &str) -> Result<Option<Timestamp>, Refusal> {
    if day.trim().is_empty() {
        return Ok(None);
    }
    let end = Timestamp::parse(&format!("{}T23:59:59Z", day.trim()));
    end.map(Some).map_err(|_| invalid("expires", "must be a day such as 2027-01-31"))
}

/// A key, as it is shown.
struct Line {
    key_id: String,
    name: String,
    scopes: String,
    project: String,
    created: Moment,
    used: Option<Moment>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    state: State,
    is_live: bool,
    is_own: bool,
}

impl Line {
    fn of(key: ApiKey, catalog: &Catalog, desk: &Desk) -> Self {
        let now = desk.now();
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let project = key.default_project.and_then(|id| catalog.projects.get(id));
        Self {
            is_live: key.is_live(now),
            state: state(&key, now),
            is_own: key.key_id == desk.caller().key_id,
            scopes: scopes.join(", "),
            project: project.map(|project| project.name.to_string()).unwrap_or_default(),
            created: Moment::of(key.created_at, now),
            used: key.last_used_at.map(|at| Moment::of(at, now)),
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            key_id: key.key_id,
            name: key.name,
        }
    }
}

fn state(key: &ApiKey, now: Timestamp) -> State {
    match (key.is_live(now), key.revoked_at.is_some()) {
        (true, _) => State::WORKS,
        (false, true) => State::REVOKED,
        (false, false) => State::EXPIRED,
    }
}

#[derive(Template)]
#[template(path = "settings/keys.html")]
struct KeysPage {
    page: Page,
    frame: Frame,
    part: Part<Line>,
    projects: Vec<String>,
    form: Form,
}

#[derive(Template)]
#[template(path = "settings/key_made.html")]
struct MadePage {
    page: Page,
    frame: Frame,
    name: String,
    text: String,
    url: String,
}

#[derive(Template)]
#[template(path = "settings/key.html")]
struct KeyPage {
    page: Page,
    frame: Frame,
    one: One,
    key: Line,
}

impl Noun for Keys {
    const PLACE: &'static Place = &PLACE;
    const END: End = REVOKE;
    type Id = String;
    type Form = Form;

    /// What most keys are made for.
    fn blank() -> Form {
        Form { report: Some("on".to_owned()), ..Form::default() }
    }

    async fn list(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
        let catalog = desk.catalog().await?;
        let keys = desk.engine.list_keys(desk.caller()).await?.into_iter();
        let mut lines: Vec<Line> = keys.map(|key| Line::of(key, &catalog, desk)).collect();
        lines.retain(|line| asked.holds(&[&line.name, &line.key_id]));
        // What opens something comes first.
        lines.sort_by_key(|line| !line.is_live);
        let (part, projects) = (asked.part(PLACE.path, lines), project_names(&catalog));
        desk.show(&PLACE, told, |page, frame| KeysPage { page, frame, part, projects, form }).await
    }

    async fn show(desk: &Desk, id: &String, _: Option<Form>, told: Told) -> Answer {
        let key = find(desk, id).await?;
        let key = Line::of(key, &*desk.catalog().await?, desk);
        let mut one = One::of::<Self>(id, &key.name);
        one.verb = one.verb.filter(|_| key.revoked_at.is_none());
        desk.show(&PLACE, told, |page, frame| KeyPage { page, frame, one, key }).await
    }

    /// Makes a key. Its text is in the answer and nowhere else, so nothing leads on from here.
    async fn make(desk: &Desk, form: &Form) -> Answer {
        let new = form.new_key(&*desk.catalog().await?)?;
        let MadeKey { key, text } = desk.engine.create_key(desk.caller(), new).await?;
        let (name, url) = (key.name, desk.own_url.clone());
        let fill = |page, frame| MadePage { page, frame, name, text, url };
        desk.show(&PLACE, Told::NOTHING, fill).await
    }

    async fn name(desk: &Desk, id: &String) -> Result<String, EngineError> {
        Ok(find(desk, id).await?.name)
    }

    async fn end(desk: &Desk, id: &String) -> Result<(), EngineError> {
        desk.engine.revoke_key(desk.caller(), id).await
    }
}

async fn find(desk: &Desk, id: &str) -> Result<ApiKey, EngineError> {
    let keys = desk.engine.list_keys(desk.caller()).await?;
    let found = keys.into_iter().find(|key| key.key_id == id);
    found.ok_or_else(|| Refusal::not_found("API key", id).into())
}
