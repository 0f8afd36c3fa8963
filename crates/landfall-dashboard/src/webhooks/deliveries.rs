//! The deliveries of a webhook: a list, and beside it the one that was chosen, attempt by attempt.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use landfall_domain::access::Scope;
use landfall_domain::event::EventData;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Attempt, DeliveryState, Trigger};
use landfall_engine::events::StoredEvent;
use landfall_engine::webhooks::{DeliveryDetail, DeliveryItem, DeliveryPage, Request, seen};
use serde::Deserialize;

use super::head::Head;
use super::pretty::pretty;
use super::state::ShownState;
use super::told::Told;
use super::{Moment, clock, duration, exact, sequence_of, webhook_id};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// Deliveries of a page.
const PAGE: usize = 40;

const STATES: [DeliveryState; 4] = [
    DeliveryState::Delivered,
    DeliveryState::Retrying,
    DeliveryState::Dead,
    DeliveryState::Skipped,
];

/// Which deliveries are shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    state: String,
    before: Option<u64>,
}

impl Filter {
    fn state(&self) -> Option<DeliveryState> {
        DeliveryState::parse(&self.state)
    }

    /// Whether nothing is left out.
    fn is_plain(&self) -> bool {
        self.state().is_none() && self.before.is_none()
    }

    /// The query of a page with this filter.
    fn query(&self, before: Option<u64>) -> String {
        let state = self.state().map(|state| format!("state={}", state.as_str()));
        let before = before.map(|before| format!("before={before}"));
        let parts: Vec<String> = state.into_iter().chain(before).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The filters that can be chosen: query, name, and whether it is this one.
    fn choices(&self) -> Vec<(String, &'static str, bool)> {
        let chosen = self.state();
        let states = STATES.map(|state| {
            let query = format!("?state={}", state.as_str());
            (query, state.as_str(), chosen == Some(state))
        });
        std::iter::once((String::new(), "all", chosen.is_none())).chain(states).collect()
    }
}

/// A delivery as its row shows it.
struct Row {
    sequence: u64,
    state: ShownState,
    kind: String,
    subject: String,
    attempts: u32,
    last: Moment,
    is_chosen: bool,
}

impl Row {
    fn of(item: &DeliveryItem, now: Timestamp, chosen: Option<u64>) -> Self {
        let DeliveryItem { delivery, event } = item;
        Self {
            sequence: delivery.sequence,
            state: ShownState::of_delivery(delivery.state),
            kind: event.as_ref().map_or("forgotten".to_owned(), |event| event.kind.to_string()),
            subject: event.as_ref().map(subject).unwrap_or_default(),
            attempts: delivery.attempts,
            last: Moment::of(delivery.last_at, now),
            is_chosen: chosen == Some(delivery.sequence),
        }
    }
}

/// What an event is about: application, version and environment as far as it has them.
fn subject(event: &StoredEvent) -> String {
    let data: EventData = serde_json::from_str(&event.data).unwrap_or_default();
    let noun = data.application.or(data.project).or(data.webhook).map(|named| named.name);
    let version = data.version.map(|version| version.name);
    let place = data.environment.map(|environment| match (&noun, environment.code) {
        (Some(_), code) => format!("→ {code}"),
        (None, code) => code,
    });
    let parts: Vec<String> = noun.into_iter().chain(version).chain(place).collect();
    parts.join(" ")
}

/// The delivery that was chosen.
struct Chosen {
    row: Row,
    event_at: Option<(Timestamp, String)>,
    next: Option<(Timestamp, String)>,
    /// The newest first.
    attempts: Vec<ShownAttempt>,
    request: Option<ShownRequest>,
    revision: u64,
    is_edited_since: bool,
    may_be_skipped: bool,
    is_forgotten: bool,
}

struct ShownAttempt {
    state: ShownState,
    name: String,
    at: Moment,
    took: String,
    status: Option<u16>,
    error: Option<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
    is_body_cut: bool,
    revision: u64,
}

/// What is sent, as it may be shown.
pub(super) struct ShownRequest {
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl ShownRequest {
    pub(super) fn of(request: Request, sees_all: bool) -> Self {
        let Request { mut headers, body } = request;
        for (name, value) in &mut headers {
            if seen::is_signature(name) && !sees_all {
                seen::HIDDEN.clone_into(value);
            }
        }
        Self { headers, body: pretty(&body) }
    }
}

impl ShownAttempt {
    pub(super) fn of(attempt: Attempt, now: Timestamp) -> Self {
        let Attempt { number, trigger, at, exchange, .. } = attempt;
        let is_delivered = exchange.status.is_some_and(|status| (200..300).contains(&status));
        Self {
            state: ShownState::of_attempt(is_delivered),
            name: match trigger {
                Trigger::Automatic => format!("Attempt {number}"),
                Trigger::Probe => format!("Attempt {number}, a probe"),
                Trigger::Manual => "By hand".to_owned(),
            },
            at: Moment::of(at, now),
            took: duration(exchange.duration_us),
            status: exchange.status,
            error: exchange.error,
            headers: exchange.headers,
            body: pretty(&exchange.body),
            is_body_cut: exchange.is_body_cut,
            revision: exchange.revision,
        }
    }
}

impl Chosen {
    fn of(detail: DeliveryDetail, (now, revision): (Timestamp, u64), sees_all: bool) -> Self {
        let DeliveryDetail { item, attempts, request } = detail;
        let attempts = attempts.into_iter().rev().map(|attempt| ShownAttempt::of(attempt, now));
        let attempts: Vec<ShownAttempt> = attempts.collect();
        Self {
            row: Row::of(&item, now, None),
            event_at: item.event.as_ref().map(|event| (event.at, exact(event.at))),
            next: item.delivery.next_at.map(|at| (at, clock(at))),
            is_edited_since: attempts.iter().any(|attempt| attempt.revision != revision),
            attempts,
            request: request.map(|request| ShownRequest::of(request, sees_all)),
            revision,
            may_be_skipped: item.delivery.state == DeliveryState::Retrying,
            is_forgotten: item.event.is_none(),
        }
    }
}

#[derive(Template)]
#[template(path = "webhook_deliveries.html")]
struct DeliveriesPage {
    page: Page,
    head: Head,
    choices: Vec<(String, &'static str, bool)>,
    /// Every delivery of every page is shown.
    is_plain: bool,
    rows: Vec<Row>,
    /// The query of this page, and those of the first and the next one.
    here: String,
    newest: Option<String>,
    older: Option<String>,
    chosen: Option<Chosen>,
    /// The page itself, for asking again; nothing while somebody reads further down.
    live: Option<String>,
    url: String,
}

pub(super) async fn list(
    state: State<Dashboard>,
    viewer: SignedIn,
    Path(word): Path<String>,
    Query(filter): Query<Filter>,
    Query(told): Query<Told>,
) -> Result<Response, Trouble> {
    page(state, viewer, (word, None), (filter, told)).await
}

pub(super) async fn show(
    state: State<Dashboard>,
    viewer: SignedIn,
    Path((word, sequence)): Path<(String, String)>,
    Query(filter): Query<Filter>,
    Query(told): Query<Told>,
) -> Result<Response, Trouble> {
    let sequence = sequence_of(&sequence)?;
    page(state, viewer, (word, Some(sequence)), (filter, told)).await
}

async fn page(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    (word, chosen): (String, Option<u64>),
    (filter, told): (Filter, Told),
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Read)?;
    let (engine, id) = (&dashboard.engine, webhook_id(&word)?);
    let before = filter.before.unwrap_or(u64::MAX);
    let wanted = DeliveryPage { state: filter.state(), before, limit: PAGE + 1 };
    let mut found = engine.deliveries(&viewer.caller, id, wanted).await?;
    let detail = match chosen {
        Some(sequence) => Some(engine.delivery(&viewer.caller, id, sequence).await?),
        None => None,
    };
    let (page, head, webhook) = Head::of(engine, &viewer, id, ("", &told)).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let now = engine.ambient().now();
    let rows: Vec<Row> = found.iter().map(|item| Row::of(item, now, chosen)).collect();
    let sees_all = head.may_manage;
    let revision = webhook.armed.webhook.revision;
    let is_live = chosen.is_none() && filter.before.is_none();
    Ok(html(&DeliveriesPage {
        chosen: detail.map(|detail| Chosen::of(detail, (now, revision), sees_all)),
        older: rows.last().filter(|_| has_more).map(|row| filter.query(Some(row.sequence))),
        newest: filter.before.map(|_| filter.query(None)),
        here: filter.query(filter.before),
        choices: filter.choices(),
        is_plain: filter.is_plain(),
        live: is_live.then(|| format!("/webhooks/{id}{}", filter.query(None))),
        url: format!("/webhooks/{id}"),
        rows,
        page,
        head,
    }))
}
