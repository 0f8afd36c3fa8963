//! The list of webhooks, with their health at a glance.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use landfall_domain::id::WebhookId;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::vendor::Vendor;
use landfall_engine::webhooks::{Glance, WebhookNow, seen};
use serde::Deserialize;
use uuid::Uuid;

use super::bar::Bar;
use super::form::formats::{FORMATS, FormatOption};
use super::state::ShownState;
use super::told::Told;
use super::{Moment, TAB, duration, webhook_id};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// Webhooks of a page.
const PAGE: usize = 50;

/// A webhook as its row shows it.
pub(super) struct Row {
    id: Uuid,
    state: ShownState,
    name: String,
    host: String,
    events: String,
    events_all: String,
    format: &'static str,
    vendor: Option<&'static str>,
    bar: Bar,
    p50: Option<String>,
    waiting: u64,
    dead: u64,
    failing_since: Option<Moment>,
    last_success: Option<Moment>,
}

impl Row {
    fn of(glance: &Glance, now: Timestamp) -> Self {
        let Glance { now: WebhookNow { armed, standing, dead, retrying, .. }, day } = glance;
        let config = &armed.webhook.config;
        let health = &standing.health;
        let moment = |at: Option<Timestamp>| at.map(|at| Moment::of(at, now));
        let words = events_in_words(&config.filters.events);
        Self {
            id: armed.webhook.id.uuid(),
            state: ShownState::of(&glance.now),
            name: config.name.clone(),
            host: host(&armed.webhook.private.url_redacted()),
            events: words.0,
            events_all: words.1,
            format: config.format.as_str(),
            vendor: config.vendor.as_ref().map(Vendor::as_str),
            bar: Bar::of(day),
            p50: day.p50_us.map(duration),
            waiting: behind(&glance.now) + retrying,
            dead: *dead,
            failing_since: moment(health.failing_since),
            last_success: moment(health.last_success_at),
        }
    }
}

/// Events that a webhook has not looked at.
pub(super) fn behind(now: &WebhookNow) -> u64 {
    if now.standing.is_caught_up { 0 } else { now.head.saturating_sub(now.standing.seen) }
}

fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

/// The first pattern and how many more, and all of them.
fn events_in_words(patterns: &[Glob]) -> (String, String) {
    let all: Vec<&str> = patterns.iter().map(Glob::as_str).collect();
    let short = match all.as_slice() {
        [] => "all events".to_owned(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    };
    (short, all.join(", "))
}

#[derive(Deserialize)]
pub(super) struct After {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct ListPage {
    page: Page,
    told: Option<(bool, &'static str)>,
    may_manage: bool,
    formats: &'static [FormatOption],
    rows: Vec<Row>,
    /// The address of this page.
    here: String,
    is_first: bool,
    next: Option<Uuid>,
}

pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(After { after }): Query<After>,
    Query(told): Query<Told>,
) -> Result<Response, Trouble> {
    let after: Option<WebhookId> = after.as_deref().map(webhook_id).transpose()?;
    let mut found = dashboard.engine.glance_webhooks(&viewer.caller, after, PAGE + 1).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let head = match found.first() {
        Some(glance) => glance.now.head,
        None => dashboard.engine.log_head(&viewer.caller).await?,
    };
    let now = dashboard.engine.ambient().now();
    let rows: Vec<Row> = found.iter().map(|glance| Row::of(glance, now)).collect();
    Ok(html(&ListPage {
        page: Page::new(&viewer, TAB, head),
        told: told.sentence(),
        may_manage: seen::may_see_all(&viewer.caller),
        formats: FORMATS,
        here: after.map_or(TAB.to_owned(), |after| format!("{TAB}?after={after}")),
        is_first: after.is_none(),
        next: rows.last().filter(|_| has_more).map(|row| row.id),
        rows,
    }))
}
