//! How a webhook is doing.

use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::Health;
use landfall_engine::webhooks::{Standing, WebhookNow};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::WebhookView;

/// A range of event numbers.
#[derive(Serialize, ToSchema)]
struct MissedView {
    /// The first of them.
    first: u64,
    /// The last of them.
    last: u64,
}

/// How a webhook is doing.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookHealthView {
    /// The number of the last event that it looked at.
    seen: u64,
    /// The number of the last event in the log.
    head: u64,
    /// Events that it has not looked at.
    behind: u64,
    /// Attempts that are under way.
    in_flight: usize,
    /// Deliveries that are to be tried again.
    retrying: u64,
    /// Deliveries that failed for good, and can be resent.
    dead: u64,
    /// Since when nothing was delivered; null while the last attempt went well.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// When the last delivery was made.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Timestamp>,
    /// When the last attempt failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_failure_at: Option<Timestamp>,
    /// `open` while its receiver is sick: then only probes go out.
    breaker: &'static str,
    /// Since when it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    breaker_open_since: Option<Timestamp>,
    /// When the next probe goes out.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_probe_at: Option<Timestamp>,
    /// No attempt starts before then, as its receiver asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    resting_until: Option<Timestamp>,
    /// The events that went by while it was disabled, or were forgotten before it came to them.
    /// They can be replayed as long as they are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    missed: Option<MissedView>,
}

/// A webhook and how it is doing.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookNowView {
    #[serde(flatten)]
    webhook: WebhookView,
    /// How it is doing.
    health: WebhookHealthView,
}

impl WebhookNowView {
    /// A webhook and how it is doing.
    pub(super) fn new(webhook: WebhookView, now: WebhookNow) -> Self {
        Self { webhook, health: now.into() }
    }
}

impl From<WebhookNow> for WebhookHealthView {
    fn from(now: WebhookNow) -> Self {
        let WebhookNow { armed: _, standing, head, dead, retrying } = now;
        // How many wait is counted in the store, where those are that were not loaded yet.
        let Standing { seen, in_flight, health, resting_until, retrying: _, is_caught_up: _ } =
            standing;
        let Health {
            breaker,
            failing_since,
            attempts_failed: _,
            last_success_at,
            last_failure_at,
            missed,
        } = health;
        let breaker_open_since = breaker.open_since();
        Self {
            seen,
            head,
            behind: head.saturating_sub(seen),
            in_flight,
            retrying,
            dead,
            failing_since,
            last_success_at,
            last_failure_at,
            breaker: if breaker_open_since.is_some() { "open" } else { "closed" },
            breaker_open_since,
            next_probe_at: breaker.next_probe_at(),
            resting_until,
            missed: missed.map(|(first, last)| MissedView { first, last }),
        }
    }
}
