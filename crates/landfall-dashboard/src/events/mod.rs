//! The log: what happened, in sentences, newest on top.

mod sentence;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::format::sample::KINDS;
use landfall_engine::events::StoredEvent;
use landfall_engine::log::Place;
use serde::{Deserialize, Serialize};

use self::sentence::{Sentence, shape_of};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

/// Events of a page.
const EVENTS: u16 = 50;

/// The routes of the log.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/events", get(log))
        .route("/events/rows", get(rows))
        .route("/events/{sequence}", get(event))
        .route("/events/{sequence}/json", get(json))
}

/// What of the log is shown; the URL holds it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Shown {
    /// A type of event.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
}

impl Shown {
    fn place(&self) -> Place {
        match (self.before, self.after) {
            (Some(number), _) => Place::Before(number),
            (None, Some(number)) => Place::After(number),
            (None, None) => Place::Newest,
        }
    }

    fn kind(&self) -> Option<String> {
        Some(self.kind.clone()).filter(|kind| !kind.is_empty())
    }

    fn is_kind(&self, kind: &str) -> bool {
        self.kind == kind
    }

    fn newest(&self) -> String {
        href(&Self { before: None, after: None, kind: self.kind.clone() })
    }
}

fn href(shown: &Shown) -> String {
    match serde_urlencoded::to_string(shown) {
        Ok(query) if !query.is_empty() => format!("/events?{query}"),
        _ => "/events".to_owned(),
    }
}

/// A line of the log.
struct Line {
    sequence: u64,
    kind: String,
    class: &'static str,
    shape: &'static str,
    at: Timestamp,
    age: String,
    sentence: Sentence,
}

impl Line {
    fn of(event: &StoredEvent, now: Timestamp) -> Self {
        let (class, shape) = shape_of(&event.kind);
        Self {
            sequence: event.sequence,
            kind: event.kind.to_string(),
            class,
            shape,
            at: event.at,
            age: age(event.at, now),
            sentence: Sentence::of(&event.kind, &event.data),
        }
    }
}

#[derive(Template)]
#[template(path = "events.html")]
struct LogPage {
    page: Page,
    kinds: &'static [&'static str],
    lines: Vec<Line>,
    is_live: bool,
    is_fresh: bool,
    older: Option<String>,
    newer: Option<String>,
    shown: Shown,
}

async fn log(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let found = engine.log_page(&viewer.caller, shown.place(), shown.kind(), EVENTS).await?;
    // Whoever comes up to the end sees a whole page there, and what comes next by itself.
    if shown.after.is_some() && found.newer.is_none() {
        return Ok(Redirect::to(&shown.newest()).into_response());
    }
    let now = engine.ambient().now();
    let kind = shown.kind.clone();
    let to = |before, after| href(&Shown { kind: kind.clone(), before, after });
    Ok(html(&LogPage {
        page: Page::new(&viewer, "/events", found.head),
        kinds: KINDS,
        lines: found.events.iter().map(|event| Line::of(event, now)).collect(),
        is_live: found.newer.is_none(),
        // The first event is the default project's.
        is_fresh: found.head <= 1,
        older: found.older.map(|number| to(Some(number), None)),
        newer: found.newer.map(|number| to(None, Some(number))),
        shown,
    }))
}

#[derive(Template)]
#[template(path = "events_rows.html")]
struct RowsPart {
    lines: Vec<Line>,
}

/// What came after the newest event that a page holds.
async fn rows(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let found = engine.log_page(&viewer.caller, shown.place(), shown.kind(), EVENTS).await?;
    let now = engine.ambient().now();
    let lines = found.events.iter().map(|event| Line::of(event, now)).collect();
    let seen = found.newer.unwrap_or(found.head);
    Ok(([("x-seen", seen.to_string())], html(&RowsPart { lines })).into_response())
}

#[derive(Template)]
#[template(path = "event.html")]
struct EventPage {
    page: Page,
    line: Line,
    recorded_at: Timestamp,
    json: String,
    older: Option<u64>,
    newer: Option<u64>,
}

async fn event(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(sequence): Path<u64>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let event = engine.event(&viewer.caller, sequence).await?;
    let head = engine.log_head(&viewer.caller).await?;
    let now = engine.ambient().now();
    Ok(html(&EventPage {
        page: Page::new(&viewer, "/events", head),
        line: Line::of(&event, now),
        recorded_at: event.recorded_at,
        json: pretty(&event.data),
        older: Some(sequence - 1).filter(|older| *older > 0),
        newer: Some(sequence + 1).filter(|newer| *newer <= head),
    }))
}

#[derive(Template)]
#[template(path = "event_json.html")]
struct JsonPart {
    sequence: u64,
    json: String,
}

async fn json(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(sequence): Path<u64>,
) -> Result<Response, Trouble> {
    let event = dashboard.engine.event(&viewer.caller, sequence).await?;
    Ok(html(&JsonPart { sequence, json: pretty(&event.data) }))
}

fn pretty(data: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(data);
    let text = value.and_then(|value| serde_json::to_string_pretty(&value));
    text.unwrap_or_else(|_| data.to_owned())
}
