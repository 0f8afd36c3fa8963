//! Reports that were refused: why, whose, and what would have worked.

mod body;
mod closest;
mod command;
mod field;
mod fix;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use landfall_domain::report::RefusedReport;
use landfall_domain::time::Timestamp;
use landfall_engine::history::HistoryPage;
use landfall_engine::refused::StoredRefused;
use serde::Deserialize;
use uuid::Uuid;

use self::fix::Fix;
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

/// Reports of a page; each takes some lines.
const REPORTS: usize = 20;
/// A longer reason is cut off: it may quote what was sent.
const REASON_CHARS_MAX: usize = 600;
/// A longer body is cut off; the API has as much of it as was kept.
const BODY_CHARS_MAX: usize = 4_000;

/// The route of refused reports.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new().route("/refused", get(refused))
}

#[derive(Deserialize)]
struct Shown {
    before: Option<Uuid>,
}

/// A refused report, as it is shown.
struct Entry {
    id: Uuid,
    reason: String,
    code: String,
    dialect: String,
    request: String,
    key_id: String,
    at: Timestamp,
    age: String,
    fix: Fix,
    body: String,
    is_cut: bool,
}

impl Entry {
    fn of(refused: StoredRefused, url: &str, now: Timestamp) -> Self {
        let fix = Fix::of(&refused, url);
        let StoredRefused { id, at, code, detail, dialect, request, key_id, body } = refused;
        let was_cut = body.len() >= RefusedReport::BODY_BYTES_MAX;
        let (body, is_cut) = cut(&body::pretty(&body), BODY_CHARS_MAX);
        Self {
            id: id.uuid(),
            reason: cut(&detail, REASON_CHARS_MAX).0,
            code,
            dialect,
            request,
            key_id,
            at,
            age: age(at, now),
            fix,
            body,
            is_cut: is_cut || was_cut,
        }
    }
}

/// The beginning of a text, and whether something is missing.
fn cut(text: &str, chars_max: usize) -> (String, bool) {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => (format!("{}…", &text[..end]), true),
        None => (text.to_owned(), false),
    }
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    page: Page,
    entries: Vec<Entry>,
    is_first: bool,
    older: Option<Uuid>,
}

async fn refused(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(Shown { before }): Query<Shown>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    // One more than is shown tells whether there are more.
    let limit = i64::try_from(REPORTS + 1).unwrap_or(i64::MAX);
    let asked = HistoryPage { before: before.unwrap_or_else(Uuid::max), limit };
    let mut found = engine.list_refused(&viewer.caller, asked).await?;
    let has_more = found.len() > REPORTS;
    found.truncate(REPORTS);
    let older = found.last().filter(|_| has_more).map(|last| last.id.uuid());
    let now = engine.ambient().now();
    Ok(html(&RefusedPage {
        page: Page::new(&viewer, "/refused", engine.log_head(&viewer.caller).await?),
        entries: found.into_iter().map(|refused| Entry::of(refused, &viewer.url, now)).collect(),
        is_first: before.is_none(),
        older,
    }))
}
