//! The server's answers about webhooks, as far as a person is shown them. Lenient, as all shapes.

use std::collections::BTreeMap;

use landfall_domain::time::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::shapes::Named;

/// A webhook.
#[derive(Debug, Deserialize)]
pub(super) struct Webhook {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    pub url: String,
    #[serde(default)]
    pub events: Vec<String>,
    #[serde(default)]
    pub filters: Filters,
    pub format: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub project: Option<Named>,
    pub ordered: bool,
    pub concurrency: u32,
    #[serde(default)]
    pub rate_per_second: Option<u32>,
    pub timeout_ms: u64,
    #[serde(default)]
    pub retry_schedule: Vec<u64>,
    pub signature: String,
    #[serde(default)]
    pub public_key: Option<String>,
    pub state: String,
    #[serde(default)]
    pub disabled_reason: Option<String>,
    pub state_since: Timestamp,
    #[serde(default)]
    pub health: Option<Health>,
}

/// Which of its events a webhook wants.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filters {
    pub projects: Vec<String>,
    pub applications: Vec<String>,
    pub environments: Vec<String>,
    pub environment_types: Vec<String>,
    pub history: bool,
}

/// How a webhook is doing.
#[derive(Debug, Deserialize)]
pub(super) struct Health {
    pub behind: u64,
    pub in_flight: u64,
    pub retrying: u64,
    pub dead: u64,
    #[serde(default)]
    pub failing_since: Option<Timestamp>,
    #[serde(default)]
    pub last_success_at: Option<Timestamp>,
    #[serde(default)]
    pub last_failure_at: Option<Timestamp>,
    #[serde(default)]
    pub breaker_open_since: Option<Timestamp>,
    #[serde(default)]
    pub next_probe_at: Option<Timestamp>,
    #[serde(default)]
    pub resting_until: Option<Timestamp>,
    #[serde(default)]
    pub missed: Option<Missed>,
}

/// Numbers that went by.
#[derive(Debug, Deserialize)]
pub(super) struct Missed {
    pub first: u64,
    pub last: u64,
}

/// A secret that was just made.
#[derive(Deserialize)]
pub(super) struct Made {
    pub name: String,
    pub secret: String,
    #[serde(default)]
    pub public_key: Option<String>,
}

/// A delivery; alone, with all that is known of it.
#[derive(Debug, Deserialize)]
pub(super) struct Delivery<Attempts> {
    pub sequence: u64,
    #[serde(default)]
    pub event_type: Option<String>,
    pub state: String,
    /// How many, in a list; the attempts themselves where one delivery is shown.
    pub attempts: Attempts,
    #[serde(default)]
    pub next_attempt_at: Option<Timestamp>,
    #[serde(default)]
    pub last_attempt_at: Option<Timestamp>,
    #[serde(default)]
    pub request: Option<Request>,
}

/// What is sent.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// As it is sent, byte for byte.
    pub body: Box<RawValue>,
}

/// One request that was made, and what came of it.
#[derive(Debug, Deserialize)]
pub(super) struct Attempt {
    #[serde(default)]
    pub number: u64,
    pub trigger: String,
    pub at: Timestamp,
    pub duration_ms: f64,
    #[serde(default)]
    pub status: Option<u16>,
    #[serde(default)]
    pub error: Option<AttemptError>,
    #[serde(default)]
    pub response: Option<Response>,
}

/// Why there was no answer.
#[derive(Debug, Deserialize)]
pub(super) struct AttemptError {
    pub message: String,
}

/// What came back.
#[derive(Debug, Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    pub truncated: bool,
}

/// What came of an attempt that was asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Resent {
    pub delivered: bool,
    #[serde(flatten)]
    pub attempt: Attempt,
}

/// Why an event was sent or not.
#[derive(Debug, Deserialize)]
pub(super) struct Explanation {
    pub verdict: String,
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// One filter, held against the event.
#[derive(Debug, Deserialize)]
pub(super) struct Check {
    pub filter: String,
    pub wanted: String,
    pub found: String,
    pub holds: bool,
}

/// A resend or replay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Job {
    pub id: String,
    pub kind: String,
    pub state: String,
    pub first: u64,
    pub last: u64,
    pub position: u64,
    pub total: u64,
    pub delivered: u64,
    pub failed: u64,
    pub created_at: Timestamp,
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
}
