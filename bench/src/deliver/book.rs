//! What was sent and what arrived: every event of a run, and each webhook's deliveries of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

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
    /// By webhook, then by event.
    arrived: Vec<Vec<bool>>,
    /// First deliveries of an event to a webhook.
    delivered: u64,
    duplicates: u64,
    latencies: Histogram,
    first_and_last_at: Option<(Instant, Instant)>,
    strange: u64,
    first_strange: Option<String>,
}

#[derive(Clone, Copy)]
struct Sent {
    at: Instant,
    is_accepted: bool,
}

/// What became of the deliveries of a run.
#[derive(Debug, Serialize)]
pub(super) struct Deliveries {
    /// Events that reached a webhook, each counted once per webhook.
    pub(super) delivered: u64,
    /// From the first to the last.
    pub(super) seconds: f64,
    pub(super) delivered_per_s: f64,
    /// Deliveries of what the webhook had already.
    pub(super) duplicates: u64,
    /// Accepted reports that a webhook did not get.
    pub(super) missing: u64,
    /// What should not have come at all: of no webhook or event of this run, or not understood.
    pub(super) strange: u64,
    pub(super) first_strange: Option<String>,
    /// From sending the report to the receiver having the whole delivery.
    pub(super) latency: Latency,
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
    #[serde(borrow)]
    deployment: DeploymentId<'a>,
}

#[derive(Deserialize)]
struct DeploymentId<'a> {
    invoke_id: &'a str,
}

impl Book {
    pub(crate) fn new(plan: Plan, webhooks: u32) -> Self {
        let arrived = (0..webhooks).map(|_| Vec::new()).collect();
        Self { plan, entries: Mutex::new(Entries { arrived, ..Entries::default() }) }
    }

    /// The event's report is on its way; to be called before the first byte is.
    pub(super) fn sent(&self, event: u64, at: Instant) {
        let sent = Sent { at, is_accepted: false };
        *slot(&mut self.entries().sent, index_of(event)) = Some(sent);
    }

    /// The event's report was answered with 2xx.
    pub(super) fn accepted(&self, event: u64) {
        let mut entries = self.entries();
        if let Some(sent) = slot(&mut entries.sent, index_of(event)) {
            sent.is_accepted = true;
            entries.accepted += 1;
        }
    }

    /// A whole delivery came to a path.
    pub(crate) fn arrived(&self, path: &str, body: &[u8], at: Instant) {
        let event = self.event_of(body);
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
    pub(super) fn is_complete(&self) -> bool {
        let entries = self.entries();
        // Counting the missing takes a look at everything, so it waits until it may be worth it.
        entries.delivered >= entries.accepted * entries.arrived.len() as u64
            && entries.missing() == 0
    }

    pub(super) fn deliveries(&self) -> Deliveries {
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

    fn event_of(&self, body: &[u8]) -> Option<usize> {
        let body: Body<'_> = serde_json::from_slice(body).ok()?;
        let status = body.kind.strip_prefix("deployment.")?;
        let place = LIFECYCLE.iter().position(|known| *known == status)?;
        let n = self.plan.number_of(body.data.deployment.invoke_id)?;
        usize::try_from(first_event(n)).ok()?.checked_add(place)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// None for a webhook or an event that the run does not have.
    fn arrived(&mut self, path: &str, event: Option<usize>, at: Instant) -> Option<()> {
        let event = event?;
        let sent = (*self.sent.get(event)?)?;
        let webhook: usize = path.strip_prefix("/hook/")?.parse().ok()?;
        let had = std::mem::replace(slot(self.arrived.get_mut(webhook)?, event), true);
        let first_at = self.first_and_last_at.map_or(at, |(first, _)| first);
        self.first_and_last_at = Some((first_at, at));
        if had {
            self.duplicates += 1;
        } else {
            self.delivered += 1;
            self.latencies.record(at.saturating_duration_since(sent.at));
        }
        Some(())
    }

    fn missing(&self) -> u64 {
        let accepted = self.sent.iter().enumerate();
        let accepted = accepted.filter(|(_, sent)| sent.is_some_and(|sent| sent.is_accepted));
        let missing_of = |(event, _): (usize, _)| {
            let has = |arrived: &&Vec<bool>| !arrived.get(event).copied().unwrap_or_default();
            self.arrived.iter().filter(has).count() as u64
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::tests::plan;

    fn body(plan: &Plan, n: u64, status: &str) -> Vec<u8> {
        let invoke_id = plan.deployment(n).invoke_id;
        let deployment = serde_json::json!({"id": 1, "invoke_id": invoke_id});
        let data = serde_json::json!({"deployment": deployment, "actor": null});
        serde_json::json!({"type": format!("deployment.{status}"), "data": data})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn every_event_is_looked_for_at_every_webhook() {
        let book = Book::new(plan(), 2);
        let sent_at = Instant::now();
        let at = |ms| sent_at + Duration::from_millis(ms);
        for event in 0..3 {
            book.sent(event, sent_at);
        }
        // The third was refused, so nobody waits for it.
        book.accepted(0);
        book.accepted(1);

        book.arrived("/hook/0", &body(&plan(), 0, "started"), at(1));
        book.arrived("/hook/0", &body(&plan(), 0, "completed"), at(2));
        book.arrived("/hook/1", &body(&plan(), 0, "started"), at(3));
        book.arrived("/hook/1", &body(&plan(), 0, "started"), at(5));

        assert!(!book.is_complete());
        let told = book.deliveries();
        assert_eq!((told.delivered, told.duplicates, told.missing, told.strange), (3, 1, 1, 0));
        assert!((told.seconds - 0.004).abs() < 1e-9);
        assert!((told.latency.max_ms - 3.0).abs() < 1e-9);

        book.arrived("/hook/1", &body(&plan(), 0, "completed"), at(6));
        assert!(book.is_complete());
    }

    #[test]
    fn what_is_not_of_this_run_is_strange_and_shown() {
        let book = Book::new(plan(), 1);
        let now = Instant::now();
        book.sent(0, now);

        book.arrived("/none/0", &body(&plan(), 0, "started"), now);
        book.arrived("/hook/1", &body(&plan(), 0, "started"), now);
        book.arrived("/hook/0", &body(&plan(), 7, "started"), now);
        book.arrived("/hook/0", &body(&plan(), 0, "exploded"), now);
        book.arrived("/hook/0", &body(&plan().round(2).unwrap(), 0, "started"), now);
        book.arrived("/hook/0", b"{}", now);

        let told = book.deliveries();
        assert_eq!((told.delivered, told.strange), (0, 6));
        assert!(told.first_strange.unwrap().starts_with("/none/0 got {"));
    }
}
