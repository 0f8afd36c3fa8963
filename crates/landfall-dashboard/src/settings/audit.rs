//! The audit log: who changed what.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use landfall_domain::time::Timestamp;
use landfall_engine::audit::StoredAudit;
use landfall_engine::history::HistoryPage;
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, Told};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

const PATH: &str = "/settings/audit";
/// Entries of a page.
const ENTRIES: usize = 100;

/// The route of the audit log.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route(PATH, get(list))
}

#[derive(Deserialize)]
struct Shown {
    before: Option<Uuid>,
}

struct Line {
    at: Timestamp,
    age: String,
    by: String,
    action: String,
    subject: String,
}

impl Line {
    fn of(entry: StoredAudit, now: Timestamp) -> Self {
        let StoredAudit { id: _, at, key_id, action, subject } = entry;
        Self { at, age: age(at, now), by: key_id, action, subject }
    }
}

#[derive(Template)]
#[template(path = "settings/audit.html")]
struct AuditPage {
    page: Page,
    frame: Frame,
    lines: Vec<Line>,
    is_first: bool,
    older: Option<Uuid>,
}

async fn list(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(Shown { before }): Query<Shown>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    // One more than is shown tells whether there are more.
    let limit = i64::try_from(ENTRIES + 1).unwrap_or(i64::MAX);
    let asked = HistoryPage { before: before.unwrap_or_else(Uuid::max), limit };
    let mut found = engine.list_audit(&viewer.caller, asked).await?;
    let has_more = found.len() > ENTRIES;
    found.truncate(ENTRIES);
    let older = found.last().filter(|_| has_more).map(|last| last.id.uuid());
    let now = engine.ambient().now();
    let lines = found.into_iter().map(|entry| Line::of(entry, now)).collect();
    let (page, frame) = Frame::of(&dashboard, &viewer, PATH, Told::Done(None)).await?;
    let shown = AuditPage { page, frame, lines, is_first: before.is_none(), older };
    Ok(shown.frame.html(&shown))
}
