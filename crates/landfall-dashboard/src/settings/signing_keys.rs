//! Signing keys: for callers that sign each request.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use landfall_domain::access::Scope;
use landfall_domain::refusal::Refusal;
use landfall_domain::signing::SigningKey;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::EngineError;
use landfall_engine::signing_keys::MadeSigningKey;
use serde::Deserialize;

use super::delete::Typed;
use super::fields::required;
use super::part::{Asked, Part};
use super::{Frame, Happened, Told, done, told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::filters::age;
use crate::form::Sent;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings/signing-keys";

/// The routes of signing keys.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new()
        .route(PATH, get(list).post(make))
        .route("/settings/signing-keys/{id}", get(show).post(allow))
        .route("/settings/signing-keys/{id}/revoke", post(revoke))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    name: String,
    allows_legacy: Option<String>,
}

/// A signing key, as it is shown.
struct Line {
    key_id: String,
    name: String,
    allows_legacy: bool,
    created_at: Timestamp,
    created: String,
    used: Option<(Timestamp, String)>,
    revoked_at: Option<Timestamp>,
}

impl Line {
    fn of(key: SigningKey, now: Timestamp) -> Self {
        Self {
            created_at: key.created_at,
            created: age(key.created_at, now),
            used: key.last_used_at.map(|at| (at, age(at, now))),
            revoked_at: key.revoked_at,
            allows_legacy: key.allows_legacy,
            key_id: key.key_id,
            name: key.name,
        }
    }

    /// The class, the shape and the word of its state.
    fn state(&self) -> (&'static str, &'static str, &'static str) {
        match self.revoked_at {
            None => ("completed", "●", "works"),
            Some(_) => ("aborted", "–", "revoked"),
        }
    }
}

#[derive(Template)]
#[template(path = "settings/signing_keys.html")]
struct KeysPage {
    page: Page,
    frame: Frame,
    part: Part<Line>,
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
    let keys = dashboard.engine.list_signing_keys(&viewer.caller).await?;
    let now = dashboard.engine.ambient().now();
    let mut lines: Vec<Line> = keys.into_iter().map(|key| Line::of(key, now)).collect();
    lines.retain(|line| asked.holds(&[&line.name, &line.key_id]));
    lines.sort_by_key(|line| line.revoked_at.is_some());
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let shown = KeysPage { page, frame, part: asked.part(PATH, lines), form };
    Ok(shown.frame.html(&shown))
}

#[derive(Template)]
#[template(path = "settings/signing_key_made.html")]
struct MadePage {
    page: Page,
    frame: Frame,
    name: String,
    key_id: String,
    secret: String,
}

/// Makes a key. Its secret is in the answer and nowhere else, so nothing leads on from here.
async fn make(
    State(dashboard): State<Dashboard>,
    Sent { viewer, form }: Sent<Form>,
) -> Result<Response, Trouble> {
    match create(&dashboard, &viewer, &form).await {
        Ok(MadeSigningKey { key, secret }) => {
            let (page, frame) = Frame::of(&dashboard, &viewer, PATH, Told::Done(None)).await?;
            let shown = MadePage { page, frame, name: key.name, key_id: key.key_id, secret };
            Ok(shown.frame.html(&shown))
        }
        Err(why) => render_list(&dashboard, &viewer, &Asked::default(), form, told(why)?).await,
    }
}

async fn create(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    form: &Form,
) -> Result<MadeSigningKey, EngineError> {
    viewer.caller.require(Scope::Admin)?;
    let name = required::<255>("name", &form.name).map(Text::into_string)?;
    dashboard.engine.create_signing_key(&viewer.caller, name, form.allows_legacy.is_some()).await
}

#[derive(Template)]
#[template(path = "settings/signing_key.html")]
struct KeyPage {
    page: Page,
    frame: Frame,
    key: Line,
}

async fn show(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<String>,
    Query(happened): Query<Happened>,
) -> Result<Response, Trouble> {
    render(&dashboard, &viewer, &id, happened.into()).await
}

async fn render(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    id: &str,
    told: Told,
) -> Result<Response, Trouble> {
    let key = find(dashboard, viewer, id).await?;
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let key = Line::of(key, dashboard.engine.ambient().now());
    let shown = KeyPage { page, frame, key };
    Ok(shown.frame.html(&shown))
}

async fn find(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    id: &str,
) -> Result<SigningKey, EngineError> {
    let keys = dashboard.engine.list_signing_keys(&viewer.caller).await?;
    let found = keys.into_iter().find(|key| key.key_id == id);
    found.ok_or_else(|| Refusal::not_found("signing key", id).into())
}

#[derive(Deserialize)]
struct Allow {
    allows_legacy: Option<String>,
}

async fn allow(
    State(dashboard): State<Dashboard>,
    Path(id): Path<String>,
    Sent { viewer, form }: Sent<Allow>,
) -> Result<Response, Trouble> {
    let is_allowed = form.allows_legacy.is_some();
    match dashboard.engine.allow_legacy(&viewer.caller, &id, is_allowed).await {
        Ok(_) => Ok(done(&format!("{PATH}/{id}"), "saved")),
        Err(why) => render(&dashboard, &viewer, &id, told(why)?).await,
    }
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
    typed.require(&find(dashboard, viewer, id).await?.name)?;
    dashboard.engine.revoke_signing_key(&viewer.caller, id).await
}
