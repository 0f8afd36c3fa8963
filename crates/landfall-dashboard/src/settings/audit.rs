//! The audit log: who changed what.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use landfall_domain::time::Timestamp;
use landfall_engine::audit::StoredAudit;
use landfall_engine::history::HistoryPage;
use serde::Deserialize;
use uuid::Uuid;

use super::desk::{Answer, Desk};
use super::frame::{Frame, Place, Told};
use super::moment::Moment;
use crate::Dashboard;
use crate::page::Page;

pub(super) static PLACE: Place = Place::admin("/settings/audit", "Audit log", "entry");
/// Entries of a page.
const ENTRIES: usize = 100;

/// The route of the audit log.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route(PLACE.path, get(list))
}

#[derive(Deserialize)]
struct Shown {
    before: Option<Uuid>,
}

struct Line {
    when: Moment,
    by: String,
    action: String,
    subject: String,
}

impl Line {
    fn of(entry: StoredAudit, now: Timestamp) -> Self {
        let StoredAudit { id: _, at, key_id, action, subject } = entry;
        Self { when: Moment::of(at, now), by: key_id, action, subject }
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

async fn list(desk: Desk, Query(Shown { before }): Query<Shown>) -> Answer {
    // One more than is shown tells whether there are more.
    let limit = i64::try_from(ENTRIES + 1).unwrap_or(i64::MAX);
    let asked = HistoryPage { before: before.unwrap_or_else(Uuid::max), limit };
    let mut found = desk.engine.list_audit(desk.caller(), asked).await?;
    let has_more = found.len() > ENTRIES;
    found.truncate(ENTRIES);
    let older = found.last().filter(|_| has_more).map(|last| last.id.uuid());
    let lines = found.into_iter().map(|entry| Line::of(entry, desk.now())).collect();
    let is_first = before.is_none();
    let fill = |page, frame| AuditPage { page, frame, lines, is_first, older };
    desk.show(&PLACE, Told::NOTHING, fill).await
}
