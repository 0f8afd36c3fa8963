//! API keys: made here and shown once, listed, revoked.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use landfall_domain::access::{ApiKey, Scope};
use landfall_domain::catalog::Catalog;
use landfall_domain::refusal::Refusal;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::EngineError;
use landfall_engine::catalog::require_project;
use landfall_engine::keys::{MadeKey, NewKey};
use serde::Deserialize;

use super::delete::Typed;
use super::fields::{invalid, required};
use super::part::{Asked, Part};
use super::{Frame, Happened, Told, done, project_names, told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::board::own_url;
use crate::filters::age;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings/keys";

/// The routes of API keys.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route(PATH, get(list).post(make))
        .route("/settings/keys/{id}", get(show))
        .route("/settings/keys/{id}/revoke", post(revoke))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
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
    /// What most keys are made for.
    fn usual() -> Self {
        Self { report: Some("on".to_owned()), ..Self::default() }
    }

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
    created_at: Timestamp,
    created: String,
    used: Option<(Timestamp, String)>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    is_live: bool,
    is_own: bool,
}

impl Line {
    fn of(key: ApiKey, catalog: &Catalog, own: &str, now: Timestamp) -> Self {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let project = key.default_project.and_then(|id| catalog.projects.get(id));
        Self {
            is_live: key.is_live(now),
            is_own: key.key_id == own,
            scopes: scopes.join(", "),
            project: project.map(|project| project.name.to_string()).unwrap_or_default(),
            created_at: key.created_at,
            created: age(key.created_at, now),
            used: key.last_used_at.map(|at| (at, age(at, now))),
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            key_id: key.key_id,
            name: key.name,
        }
    }

    /// The class, the shape and the word of its state.
    fn state(&self) -> (&'static str, &'static str, &'static str) {
        match (self.is_live, self.revoked_at.is_some()) {
            (true, _) => ("completed", "●", "works"),
            (false, true) => ("aborted", "–", "revoked"),
            (false, false) => ("stale", "◌", "expired"),
        }
    }
}

async fn lines(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    catalog: &Catalog,
) -> Result<Vec<Line>, Trouble> {
    let now = dashboard.engine.ambient().now();
    let keys = dashboard.engine.list_keys(&viewer.caller).await?;
    let own = viewer.caller.key_id.as_str();
    Ok(keys.into_iter().map(|key| Line::of(key, catalog, own, now)).collect())
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

async fn list(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(asked): Query<Asked>,
    Query(happened): Query<Happened>,
) -> Result<Response, Trouble> {
    render_list(&dashboard, &viewer, &asked, Form::usual(), happened.into()).await
}

async fn render_list(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    asked: &Asked,
    form: Form,
    told: Told,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Admin)?;
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    let mut lines = lines(dashboard, viewer, &catalog).await?;
    lines.retain(|line| asked.holds(&[&line.name, &line.key_id]));
    // What opens something comes first.
    lines.sort_by_key(|line| !line.is_live);
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let (part, projects) = (asked.part(PATH, lines), project_names(&catalog));
    let shown = KeysPage { page, frame, part, projects, form };
    Ok(shown.frame.html(&shown))
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

/// Makes a key. Its text is in the answer and nowhere else, so nothing leads on from here.
async fn make(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Sent { viewer, form }: Sent<Form>,
) -> Result<Response, Trouble> {
    match create(&dashboard, &viewer, &form).await {
        Ok(MadeKey { key, text }) => {
            let (page, frame) = Frame::of(&dashboard, &viewer, PATH, Told::Done(None)).await?;
            let url = own_url(&headers);
            let shown = MadePage { page, frame, name: key.name, text, url };
            Ok(shown.frame.html(&shown))
        }
        Err(why) => render_list(&dashboard, &viewer, &Asked::default(), form, told(why)?).await,
    }
}

async fn create(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    form: &Form,
) -> Result<MadeKey, EngineError> {
    viewer.caller.require(Scope::Admin)?;
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    dashboard.engine.create_key(&viewer.caller, form.new_key(&catalog)?).await
}

#[derive(Template)]
#[template(path = "settings/key.html")]
struct KeyPage {
    page: Page,
    frame: Frame,
    key: Line,
}

async fn show(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    render(&dashboard, &viewer, &id, Told::Done(None)).await
}

async fn render(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    id: &str,
    told: Told,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Admin)?;
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    let all = lines(dashboard, viewer, &catalog).await?;
    let found = all.into_iter().find(|line| line.key_id == id);
    let key = found.ok_or_else(|| Refusal::not_found("API key", id))?;
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let shown = KeyPage { page, frame, key };
    Ok(shown.frame.html(&shown))
}

async fn revoke(
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    Sent { viewer, form }: Sent<Typed>,
) -> Result<Response, Trouble> {
    match end(&dashboard, &viewer, &id, &form).await {
        Ok(()) => Ok(done(PATH, "revoked")),
        Err(why) => render(&dashboard, &viewer, &id, told(why)?).await,
    }
}

async fn end(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    id: &str,
    typed: &Typed,
) -> Result<(), EngineError> {
    let keys = dashboard.engine.list_keys(&viewer.caller).await?;
    let key = keys.into_iter().find(|key| key.key_id == id);
    typed.require(&key.ok_or_else(|| Refusal::not_found("API key", id))?.name)?;
    dashboard.engine.revoke_key(&viewer.caller, id).await
}
