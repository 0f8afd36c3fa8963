//! What was sent and what arrived: every event of a run, and each webhook's deliveries of it.

#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::order::Order;
use super::pace::first_event;
use crate::histogram::{Histogram, Latency};
use crate::load::LIFECYCLE;
use crate::plan::Plan;
use crate::tally::to_f64;

/// How much of a body that is not understood is shown.
const SHOWN_BYTES_MAX: usize = 300;

/// The book of one run. Events have numbers: `first_event` of their deployment and on.
pub(crate) struct Book {
    plan: Plan,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    /// By event.
    sent: Vec<Option<Sent>>,
    accepted: u64,
    /// By webhook.
    arrived: Vec<Arrived>,
    /// First deliveries of an event to a webhook.
    delivered: u64,
    duplicates: u64,
    latencies: Histogram,
    first_and_last_at: Option<(Instant, Instant)>,
    strange: u64,
    first_strange: Option<String>,
}

/// What one webhook got.
#[derive(Default)]
struct Arrived {
    /// By event.
    has: Vec<bool>,
    order: Order,
}

#[derive(Clone, Copy)]
struct Sent {
    at: Instant,
    is_accepted: bool,
}

/// What became of the deliveries of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Deliveries {
    /// Events that reached a webhook, each counted once per webhook.
    pub(crate) delivered: u64,
    /// From the first to the last.
    pub(crate) seconds: f64,
    pub(crate) delivered_per_s: f64,
    /// Deliveries of what the webhook had already.
    pub(crate) duplicates: u64,
    /// Accepted reports that a webhook did not get.
    pub(crate) missing: u64,
    /// What should not have come at all: of no webhook or event of this run, or not understood.
    pub(crate) strange: u64,
    pub(crate) first_strange: Option<String>,
    /// From sending the report to the receiver having the whole delivery.
    pub(crate) latency: Latency,
}

/// What the book reads of a body in the format `standard`.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    /// The event's number in the log, which the floor does not have.
    #[serde(default)]
    sequence: u64,
    #[serde(borrow)]
    deployment: DeploymentId<'a>,
}

/// An event of this run: its place in the book and its number in the log.
#[derive(Clone, Copy)]
struct Event {
    index: usize,
    sequence: u64,
}

#[derive(Deserialize)]
struct DeploymentId<'a> {
    invoke_id: &'a str,
}

impl Book {
    pub(crate) fn new(plan: Plan, webhooks: u32) -> Self {
        let arrived = (0..webhooks).map(|_| Arrived::default()).collect();
        Self { plan, entries: Mutex::new(Entries { arrived, ..Entries::default() }) }
    }

    /// How many webhooks it expects deliveries of.
    pub(crate) fn webhooks(&self) -> u32 {
        u32::try_from(self.entries().arrived.len()).unwrap_or(u32::MAX)
    }

    /// The event's report is on its way; to be called before the first byte is.
    pub(crate) fn sent(&self, event: u64, at: Instant) {
        let sent = Sent { at, is_accepted: false };
        *slot(&mut self.entries().sent, index_of(event)) = Some(sent);
    }

    /// The event's report was answered with 2xx.
    pub(crate) fn accepted(&self, event: u64) {
        let mut entries = self.entries();
        if let Some(sent) = slot(&mut entries.sent, index_of(event)) {
            sent.is_accepted = true;
            entries.accepted += 1;
        }
    }

    /// A whole delivery came to a path.
    pub(crate) fn arrived(&self, path: &str, body: &[u8], at: Instant) {
        let event = self.event_in(body);
        let is_known = self.entries().arrived(path, event, at).is_some();
        if !is_known {
            let shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES_MAX)]);
            self.note(&format!("{path} got {shown}"));
        }
    }

    /// Something happened that should not.
    pub(crate) fn note(&self, what: &str) {
        let mut entries = self.entries();
        entries.strange += 1;
        entries.first_strange.get_or_insert_with(|| what.to_owned());
    }

    /// Whether every webhook got every report that was accepted.
    pub(crate) fn is_complete(&self) -> bool {
        let entries = self.entries();
        // Counting the missing takes a look at everything, so it waits until it may be worth it.
        entries.delivered >= entries.accepted * entries.arrived.len() as u64
            && entries.missing() == 0
    }

    pub(crate) fn deliveries(&self) -> Deliveries {
        let entries = self.entries();
        let seconds = entries
            .first_and_last_at
            .map_or(0.0, |(first, last)| last.saturating_duration_since(first).as_secs_f64());
        Deliveries {
            delivered: entries.delivered,
            seconds,
            delivered_per_s: to_f64(entries.delivered) / seconds.max(f64::EPSILON),
            duplicates: entries.duplicates,
            missing: entries.missing(),
            strange: entries.strange,
            first_strange: entries.first_strange.clone(),
            latency: entries.latencies.summary(),
        }
    }

    /// The latencies behind the percentiles of [`Self::deliveries`], to be added to others.
    pub(crate) fn latencies(&self) -> Histogram {
        self.entries().latencies.clone()
    }

    /// When the first delivery arrived.
    pub(crate) fn first_at(&self) -> Option<Instant> {
        self.entries().first_and_last_at.map(|(first, _)| first)
    }

    /// When the last delivery arrived.
    pub(crate) fn last_at(&self) -> Option<Instant> {
        self.entries().first_and_last_at.map(|(_, last)| last)
    }

    /// The most places by which an event overtook another on its way to a webhook.
    pub(crate) fn places_overtaken_max(&self) -> usize {
        let places = |arrived: &Arrived| arrived.order.places_overtaken_max();
        self.entries().arrived.iter().map(places).max().unwrap_or_default()
    }

    fn event_in(&self, body: &[u8]) -> Option<Event> {
        let body: Body<'_> = serde_json::from_slice(body).ok()?;
        let status = body.kind.strip_prefix("deployment.")?;
        let place = LIFECYCLE.iter().position(|known| *known == status)?;
        let n = self.plan.number_of(body.data.deployment.invoke_id)?;
        let index = usize::try_from(first_event(n)).ok()?.checked_add(place)?;
        Some(Event { index, sequence: body.data.sequence })
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// None for a webhook or an event that the run does not have.
    fn arrived(&mut self, path: &str, event: Option<Event>, at: Instant) -> Option<()> {
        let Event { index, sequence } = event?;
        let sent = (*self.sent.get(index)?)?;
        let webhook: usize = path.strip_prefix("/hook/")?.parse().ok()?;
        let arrived = self.arrived.get_mut(webhook)?;
        let had = std::mem::replace(slot(&mut arrived.has, index), true);
        let first_at = self.first_and_last_at.map_or(at, |(first, _)| first);
        self.first_and_last_at = Some((first_at, at));
        if had {
            self.duplicates += 1;
        } else {
            arrived.order.note(sequence);
            self.delivered += 1;
            self.latencies.record(at.saturating_duration_since(sent.at));
        }
        Some(())
    }

    fn missing(&self) -> u64 {
        let accepted = self.sent.iter().enumerate();
        let accepted = accepted.filter(|(_, sent)| sent.is_some_and(|sent| sent.is_accepted));
        let missing_of = |(event, _): (usize, _)| {
            let has_not = |it: &&Arrived| !it.has.get(event).copied().unwrap_or_default();
            self.arrived.iter().filter(has_not).count() as u64
        };
        accepted.map(missing_of).sum()
    }
}

/// The place of an event, which is made if it is not there.
fn slot<T: Clone + Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if index >= list.len() {
        list.resize(index + 1, T::default());
    }
    &mut list[index]
}

fn index_of(event: u64) -> usize {
    usize::try_from(event).expect("fewer events than memory has bytes")
}
