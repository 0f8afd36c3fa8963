//! What became of deliveries: lists, details, why an event was sent or not, previews.

use landfall_domain::access::Scope;
use landfall_domain::id::WebhookId;
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::Private;
use landfall_domain::webhook::delivery::{Attempt, Delivery, DeliveryState};
use landfall_domain::webhook::filter::Check;
use landfall_domain::webhook::format::Format;
use landfall_store::rows::{delivery, organization};
use landfall_store::{Connection, StoredEvent};

use super::kept::{self, Detail};
use super::{WebhookNow, invalid};
use crate::access::Caller;
use crate::dispatch::{Armed, Head, render};
use crate::engine::Engine;
use crate::error::EngineError;

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
        let key = (caller.organization, id);
        let read = move |db: &mut Connection| {
            let found = kept::list(db, key, wanted)?;
            found.into_iter().map(|delivery| kept::with_event(db, key, delivery)).collect()
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
        let read = self.shared.store.reader.read(move |db| kept::detail(db, key, sequence));
        let found = read.await?.ok_or_else(|| Refusal::not_found("delivery", &sequence))?;
        Ok(with_request(&armed, found))
    }

    /// Deliveries of a webhook with their attempts, newest first.
    pub async fn delivery_details(
        &self,
        caller: &Caller,
        id: WebhookId,
        wanted: DeliveryPage,
    ) -> Result<Vec<DeliveryDetail>, EngineError> {
        let armed = self.find_webhook(caller, id)?;
        let key = (caller.organization, id);
        let found = self.shared.store.reader.read(move |db| kept::details(db, key, wanted)).await?;
        Ok(found.into_iter().map(|found| with_request(&armed, found)).collect())
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
        let found = self.shared.store.reader.read(move |db| kept::find(db, key, sequence)).await?;
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

fn with_request(armed: &Armed, (item, attempts): Detail) -> DeliveryDetail {
    let last_at = attempts.last().map_or(item.delivery.last_at, |attempt| attempt.at);
    let request = item.event.as_ref().and_then(|event| request(armed, event, last_at).ok());
    DeliveryDetail { item, attempts, request }
}

pub(super) fn request(
    armed: &Armed,
    event: &StoredEvent,
    at: Timestamp,
) -> Result<Request, String> {
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
