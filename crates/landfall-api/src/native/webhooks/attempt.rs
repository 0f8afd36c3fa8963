//! Attempts as they are shown: what was sent by whom, and what came back.

use landfall_domain::id::Id;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Attempt, Exchange, Trigger};
use landfall_engine::webhooks::Resent;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Why there was no answer.
#[derive(Serialize, ToSchema)]
struct AttemptErrorView {
    /// A word for programs.
    code: String,
    /// A sentence for people.
    message: String,
}

/// What the receiver answered, as far as it is kept.
#[derive(Serialize, ToSchema)]
struct AttemptResponseView {
    /// Its headers, each a name and a value.
    headers: Vec<(String, String)>,
    /// The first 16 KiB of its body, as text.
    body: String,
    /// The body went on.
    truncated: bool,
}

/// One HTTP request that was made for a delivery.
#[derive(Serialize, ToSchema)]
pub(super) struct AttemptView {
    /// Its id.
    id: Uuid,
    /// Which attempt of the delivery, from 1; 0 by hand.
    number: u32,
    /// `automatic`, `probe` (is a sick receiver well again?) or `manual` (a resend or replay).
    trigger: Trigger,
    /// The job that made it.
    job: Option<Uuid>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How long it took.
    duration_ms: f64,
    /// The status of the answer; null if there was none.
    status: Option<u16>,
    /// Why there was no answer.
    error: Option<AttemptErrorView>,
    /// The answer; null if there was none.
    response: Option<AttemptResponseView>,
    /// The webhook's revision that it was sent with.
    webhook_revision: u64,
}

/// An attempt that was made by hand, and whether it was a success.
#[derive(Serialize, ToSchema)]
pub(super) struct TriedView {
    #[serde(flatten)]
    attempt: AttemptView,
    /// Whether the receiver has it.
    delivered: bool,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let Attempt { id, sequence: _, number, trigger, job, at, exchange } = attempt;
        let Exchange {
            revision,
            timestamp: _,
            duration_us,
            status,
            error,
            headers,
            body,
            is_body_cut,
        } = exchange;
        let response = AttemptResponseView { headers, body, truncated: is_body_cut };
        Self {
            id: id.uuid(),
            number,
            trigger,
            job: job.map(Id::uuid),
            at,
            duration_ms: in_milliseconds(duration_us),
            status,
            error: error.map(|(code, message)| AttemptErrorView { code, message }),
            response: status.map(|_| response),
            webhook_revision: revision,
        }
    }
}

impl From<Resent> for TriedView {
    fn from(resent: Resent) -> Self {
        let Resent { attempt, is_delivered } = resent;
        Self { attempt: attempt.into(), delivered: is_delivered }
    }
}

/// Exact up to an hour, and no attempt is that long.
fn in_milliseconds(micros: u64) -> f64 {
    f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1_000.0
}
