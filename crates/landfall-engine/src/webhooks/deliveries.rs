//! What became of deliveries: lists, details, why an event was sent or not, previews.

use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::id::WebhookId;
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::Private;
use landfall_domain::webhook::delivery::{Attempt, Delivery, DeliveryState, Trigger};
use landfall_domain::webhook::filter::Check;
use landfall_domain::webhook::format::Format;
use landfall_store::rows::delivery::{self, Delivered, DeliveredPage};
use landfall_store::rows::{event, organization};
use landfall_store::{Connection, StoreError, StoredEvent};

use super::{WebhookNow, invalid};
use crate::access::Caller;
use crate::dispatch::{Armed, Head, Key, render};
use crate::engine::Engine;
use crate::error::EngineError;

/// Pages of deliveries that one look brings.
const PAGES: i64 = 32;
/// More pages than can end within one page's span.
const PAGES_MAX: i64 = 10_000;

/// A delivery with the event that it is of.
#[derive(Clone, Debug)]
pub struct DeliveryItem {
    /// Where it stands.
    pub delivery: Delivery,
    /// Its event; `None` if that was forgotten.
    pub event: Option<StoredEvent>,
}

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug)]
pub struct DeliveryPage {
    /// In one state, or in any.
    pub state: Option<DeliveryState>,
    /// Of events before this number.
    pub before: u64,
    /// At most so many.
    pub limit: usize,
}

/// What is sent for an event with the present settings.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its headers, without those that the webhook adds of its own.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

/// A delivery with its attempts, oldest first.
#[derive(Clone, Debug)]
pub struct DeliveryDetail {
    /// Where it stands.
    pub item: DeliveryItem,
    /// The attempts that are kept.
    pub attempts: Vec<Attempt>,
    /// What is sent with the present settings; `None` if the event was forgotten.
    pub request: Option<Request>,
}

/// Why an event was sent to a webhook or not.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The filters, one by one.
    pub checks: Vec<Check>,
    /// Whether all of them hold.
    pub matches: bool,
    /// Where its delivery stands, if there is one.
    pub delivery: Option<Delivery>,
    /// In a sentence.
    pub verdict: String,
}

impl Engine {
    /// How a webhook is doing.
    pub async fn webhook_now(
        &self,
        caller: &Caller,
        id: WebhookId,
    ) -> Result<WebhookNow, EngineError> {
        let armed = self.find_webhook(caller, id)?;
        let key = (caller.organization, id);
        let standing = self.shared.dispatcher.standing(key).await.unwrap_or_default();
        let read = self.shared.store.reader.read(move |db| {
            let head = organization::find(db, key.0)?.map_or(0, |found| found.next_sequence - 1);
            let dead = delivery::count(db, key, DeliveryState::Dead)?;
            Ok((head, dead, delivery::count(db, key, DeliveryState::Retrying)?))
        });
        let (head, dead, retrying) = read.await?;
        Ok(WebhookNow { armed, standing, head, dead, retrying })
    }

    /// Deliveries of a webhook, newest first.
    pub async fn deliveries(
        &self,
        caller: &Caller,
        id: WebhookId,
        wanted: DeliveryPage,
    ) -> Result<Vec<DeliveryItem>, EngineError> {
        self.find_webhook(caller, id)?;
        let DeliveryPage { state, before, limit } = wanted;
        let key = (caller.organization, id);
        let read = move |db: &mut Connection| {
            let found = list(db, key, state, before, limit)?;
            found.into_iter().map(|delivery| with_event(db, key, delivery)).collect()
        };
        Ok(self.shared.store.reader.read(read).await?)
    }

    /// One delivery with its attempts.
    pub async fn delivery(
        &self,
        caller: &Caller,
        id: WebhookId,
        sequence: u64,
    ) -> Result<DeliveryDetail, EngineError> {
        let armed = self.find_webhook(caller, id)?;
        let key = (caller.organization, id);
        let read = self.shared.store.reader.read(move |db| detail(db, key, sequence));
        let found = read.await?.ok_or_else(|| Refusal::not_found("delivery", &sequence))?;
        let (item, attempts) = found;
        let last_at = attempts.last().map_or(item.delivery.last_at, |attempt| attempt.at);
        let request = item.event.as_ref().and_then(|event| request(&armed, event, last_at).ok());
        Ok(DeliveryDetail { item, attempts, request })
    }

    /// Why an event was sent to a webhook or not.
    pub async fn explain(
        &self,
        caller: &Caller,
        id: WebhookId,
        sequence: u64,
    ) -> Result<Explanation, EngineError> {
        let armed = self.find_webhook(caller, id)?;
        let event = self.require_event(caller, sequence).await?;
        let key = (caller.organization, id);
        let found = self.shared.store.reader.read(move |db| find(db, key, sequence)).await?;
        let delivery = found.map(|(delivery, _)| delivery);
        let checks = armed.interest().explain(&Head::of(&event).subject(&event.kind));
        let matches = checks.iter().all(|check| check.holds);
        let seen = self.shared.dispatcher.standing(key).await.unwrap_or_default().seen;
        let verdict = verdict(&armed, &event, delivery.as_ref(), matches, seen);
        Ok(Explanation { checks, matches, delivery, verdict })
    }

    /// What would be sent for an event, or for a sample of a type, in a format or the webhook's own.
    pub async fn preview_webhook(
        &self,
        caller: &Caller,
        id: WebhookId,
        format: Option<Format>,
        event: PreviewOf,
    ) -> Result<Request, EngineError> {
        let armed = self.find_webhook(caller, id)?;
        let mut webhook = armed.webhook.clone();
        webhook.config.format = format.unwrap_or(webhook.config.format);
        let organization = armed.organization.clone();
        let armed = self.armed(webhook, organization);
        let event = match event {
            PreviewOf::Event(sequence) => self.require_event(caller, sequence).await?,
            PreviewOf::Sample(kind) => self.sample_event(&armed, &kind)?,
        };
        caller.require(Scope::Read)?;
        request(&armed, &event, self.ambient().now()).map_err(|why| invalid("template", why))
    }
}

/// What a preview shows.
#[derive(Clone, Debug)]
pub enum PreviewOf {
    /// An event of the log.
    Event(u64),
    /// A sample of that type.
    Sample(String),
}

fn request(armed: &Armed, event: &StoredEvent, at: Timestamp) -> Result<Request, String> {
    let (id, rendered) = render(armed, event).map_err(|error| error.to_string())?;
    let headers = armed.headers(&id, at, &rendered);
    let Private { headers: own, vendor_secret, .. } = &armed.webhook.private;
    let is_own = |name: &str| own.keys().any(|other| other.eq_ignore_ascii_case(name));
    let shown = |value: &str| match vendor_secret {
        Some(secret) if secret == value => "…".to_owned(),
        _ => value.to_owned(),
    };
    let headers = headers
        .iter()
        .filter(|(name, _)| !is_own(name.as_str()))
        .map(|(name, value)| (name.to_string(), shown(value.to_str().unwrap_or_default())))
        .collect();
    Ok(Request { headers, body: String::from_utf8_lossy(&rendered.body).into_owned() })
}

fn verdict(
    armed: &Armed,
    event: &StoredEvent,
    delivery: Option<&Delivery>,
    matches: bool,
    seen: u64,
) -> String {
    if let Some(delivery) = delivery {
        return format!("the delivery is {}", delivery.state.as_str());
    }
    if !matches {
        return "not sent: a filter does not hold".to_owned();
    }
    let webhook = &armed.webhook;
    if event.sequence > seen {
        return match webhook.state.as_str() {
            "enabled" => "it is about to be sent, or waits for its turn".to_owned(),
            state => format!("it waits: the webhook is {state}"),
        };
    }
    if event.recorded_at < webhook.created_at {
        return "not sent: the webhook was made after it".to_owned();
    }
    if event.recorded_at < webhook.state_at {
        return "not sent while the webhook was disabled, or its record was forgotten; replay it"
            .to_owned();
    }
    "its attempt is under way, or its record was forgotten, or the filters were others then"
        .to_owned()
}

fn with_event(
    db: &mut Connection,
    (organization, _): Key,
    delivery: Delivery,
) -> Result<DeliveryItem, StoreError> {
    let sequence = delivery.sequence;
    let next = event::after(db, organization, sequence.saturating_sub(1), 1)?;
    let event = next.into_iter().find(|event| event.sequence == sequence);
    Ok(DeliveryItem { delivery, event })
}

/// A delivery with the page entry it comes from, if it has no row of its own.
type Found = (Delivery, Option<(DeliveredPage, Delivered)>);

fn find(db: &mut Connection, key: Key, sequence: u64) -> Result<Option<Found>, StoreError> {
    if let Some(row) = delivery::find(db, key, sequence)? {
        return Ok(Some((row, None)));
    }
    let range = (sequence, sequence.saturating_add(DeliveredPage::SPAN_MAX));
    let mut pages = delivery::pages(db, key, range, PAGES_MAX)?;
    pages.reverse();
    Ok(pages.into_iter().find_map(|page| {
        let entry = *page.entries.iter().find(|entry| entry.sequence == sequence)?;
        Some((delivery_of(&entry), Some((page, entry))))
    }))
}

fn delivery_of(entry: &Delivered) -> Delivery {
    Delivery {
        sequence: entry.sequence,
        state: DeliveryState::Delivered,
        attempts: 1,
        next_at: None,
        last_at: entry.at + Duration::from_micros(entry.duration_us),
    }
}

fn detail(
    db: &mut Connection,
    key: Key,
    sequence: u64,
) -> Result<Option<(DeliveryItem, Vec<Attempt>)>, StoreError> {
    let Some((delivery, entry)) = find(db, key, sequence)? else { return Ok(None) };
    let at_once = entry.map(|(page, entry)| Attempt {
        id: landfall_domain::id::IdSource::new([0; 16]).next(entry.at),
        sequence,
        number: 1,
        trigger: Trigger::Automatic,
        job: None,
        at: entry.at,
        exchange: page.exchange(&entry),
    });
    let mut attempts: Vec<Attempt> = at_once.into_iter().collect();
    attempts.extend(delivery::attempts(db, key, sequence)?);
    Ok(Some((with_event(db, key, delivery)?, attempts)))
}

/// Deliveries with rows of their own and those of pages, merged, newest first.
fn list(
    db: &mut Connection,
    key: Key,
    state: Option<DeliveryState>,
    before: u64,
    limit: usize,
) -> Result<Vec<Delivery>, StoreError> {
    let count = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = delivery::before(db, key, state, before, count)?;
    if state.is_none_or(|state| state == DeliveryState::Delivered) {
        found.extend(list_delivered(db, key, before, limit)?);
    }
    found.sort_by_key(|delivery| std::cmp::Reverse(delivery.sequence));
    found.dedup_by_key(|delivery| delivery.sequence);
    found.truncate(limit);
    Ok(found)
}

/// Pages come by their last number, so everything above the lowest of those is complete.
fn list_delivered(
    db: &mut Connection,
    key: Key,
    before: u64,
    limit: usize,
) -> Result<Vec<Delivery>, StoreError> {
    let mut last = before.saturating_add(DeliveredPage::SPAN_MAX);
    let mut found = Vec::<Delivery>::new();
    loop {
        let pages = delivery::pages(db, key, (0, last), PAGES)?;
        let Some(lowest) = pages.iter().filter_map(DeliveredPage::last_sequence).min() else {
            return Ok(found);
        };
        let entries = pages.iter().flat_map(|page| &page.entries);
        let wanted = entries.filter(|entry| entry.sequence < before);
        found.extend(wanted.map(delivery_of));
        let complete = found.iter().filter(|delivery| delivery.sequence > lowest).count();
        if complete >= limit || lowest == 0 {
            return Ok(found);
        }
        last = lowest - 1;
    }
}
