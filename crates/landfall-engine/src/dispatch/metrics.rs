//! What the dispatcher counts and measures.

use std::collections::HashMap;

use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::Exchange;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::lane::Standing;
use crate::events::StoredEvent;

/// What an attempt came to, as a label.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    /// `2xx`, `4xx` …, or why there was no answer.
    outcome: String,
}

/// Counts and measures of deliveries.
#[derive(Clone, Debug)]
pub(crate) struct DispatchMetrics {
    attempts: Family<Outcome, Counter>,
    to_attempt: Histogram,
    to_success: Histogram,
    webhooks: Family<WebhookState, Gauge>,
    backlog: Family<BacklogState, Gauge>,
}

/// The state of a webhook, as a label.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct WebhookState {
    state: &'static str,
    breaker: &'static str,
}

/// Where owed events are, as a label.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct BacklogState {
    state: &'static str,
}

/// How all webhooks are doing at one moment.
#[derive(Default)]
pub(super) struct Now {
    webhooks: HashMap<(&'static str, &'static str), i64>,
    backlog: [i64; 3],
}

impl Now {
    /// Adds a webhook whose log ends at `head`.
    pub(super) fn add(&mut self, state: &'static str, standing: &Standing, head: u64) {
        let is_open = standing.health.breaker.open_since().is_some();
        let breaker = if is_open { "open" } else { "closed" };
        *self.webhooks.entry((state, breaker)).or_default() += 1;
        let has_none = state == "disabled" || standing.is_caught_up;
        let behind = if has_none { 0 } else { head.saturating_sub(standing.seen) };
        let counts = [behind, standing.in_flight as u64, standing.retrying as u64];
        for (sum, count) in self.backlog.iter_mut().zip(counts) {
            *sum += i64::try_from(count).unwrap_or(i64::MAX);
        }
    }

    /// Adds webhooks that can't be read here.
    pub(super) fn add_left_out(&mut self, count: usize) {
        if count > 0 {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.webhooks.insert(("unreadable", "closed"), count);
        }
    }
}

/// From half a millisecond to three days.
fn latency() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 2.0, 30))
}

impl Default for DispatchMetrics {
    fn default() -> Self {
        Self {
            attempts: Family::default(),
            to_attempt: latency(),
            to_success: latency(),
            webhooks: Family::default(),
            backlog: Family::default(),
        }
    }
}

impl DispatchMetrics {
    /// Shows the metrics in a registry.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let Self { attempts, to_attempt, to_success, webhooks, backlog } = self;
        registry.register(
            "webhooks",
            "Webhooks, by state and by whether their receiver is left alone",
            webhooks.clone(),
        );
        registry.register(
            "webhook_backlog",
            "Events that webhooks have yet to look at, attempts under way, deliveries to be retried",
            backlog.clone(),
        );
        registry.register(
            "webhook_attempts",
            "Attempts to deliver an event, by the kind of answer",
            attempts.clone(),
        );
        registry.register(
            "webhook_first_attempt_seconds",
            "From the event's commit to its first attempt",
            to_attempt.clone(),
        );
        registry.register(
            "webhook_delivery_seconds",
            "From the event's commit to its delivery",
            to_success.clone(),
        );
    }

    /// Shows how all webhooks are doing.
    pub(super) fn show(&self, now: &Now) {
        self.webhooks.clear();
        for ((state, breaker), count) in &now.webhooks {
            self.webhooks.get_or_create(&WebhookState { state, breaker }).set(*count);
        }
        for (state, count) in ["behind", "in_flight", "retrying"].into_iter().zip(now.backlog) {
            self.backlog.get_or_create(&BacklogState { state }).set(count);
        }
    }

    /// Takes note that an attempt begins.
    pub(super) fn note_start(&self, event: &StoredEvent, attempts_before: u32, now: Timestamp) {
        if attempts_before == 0 {
            self.to_attempt.observe(now.since(event.recorded_at).as_secs_f64());
        }
    }

    /// Takes note that an attempt ended.
    pub(super) fn note_end(
        &self,
        event: &StoredEvent,
        exchange: &Exchange,
        is_success: bool,
        now: Timestamp,
    ) {
        let outcome = match (exchange.status, &exchange.error) {
            (Some(status), _) => format!("{}xx", status / 100),
            (None, Some((code, _))) => code.clone(),
            (None, None) => "none".to_owned(),
        };
        self.attempts.get_or_create(&Outcome { outcome }).inc();
        if is_success {
            self.to_success.observe(now.since(event.recorded_at).as_secs_f64());
        }
    }
}
