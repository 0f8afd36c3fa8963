//! Deliveries: an event owed to a webhook, and the attempts made for it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{AttemptId, JobId};
use crate::time::Timestamp;
use crate::webhook::breaker::Breaker;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The receiver has it.
    Delivered,
    /// It failed, and is tried again; or its first attempt takes long.
    Retrying,
    /// It failed for good, and can be resent by hand.
    Dead,
    /// An operator said not to send it.
    Skipped,
}

impl DeliveryState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retrying => "retrying",
            Self::Dead => "dead",
            Self::Skipped => "skipped",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Delivered, Self::Retrying, Self::Dead, Self::Skipped]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// A delivery that was not made by its first attempt within a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which event.
    pub sequence: u64,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts made so far; those by hand, and probes that found the receiver sick, left out.
    pub attempts: u32,
    /// When the next one is due; set while it is [`DeliveryState::Retrying`].
    pub next_at: Option<Timestamp>,
    /// When the last one ended.
    pub last_at: Timestamp,
}

/// Why an attempt was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The event happened, or its retry was due.
    Automatic,
    /// To see whether a sick receiver is well again.
    Probe,
    /// Somebody asked for it: a resend or a replay.
    Manual,
}

/// One HTTP request made for a delivery, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Its id, which sorts by time.
    pub id: AttemptId,
    /// Which event.
    pub sequence: u64,
    /// Which attempt of the delivery, from 1; 0 by hand.
    pub number: u32,
    /// Why it was made.
    pub trigger: Trigger,
    /// The resend or replay that it was made by.
    pub job: Option<JobId>,
    /// When it began.
    pub at: Timestamp,
    /// What was sent and what came back.
    pub exchange: Exchange,
}

/// What was sent and what came back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Exchange {
    /// The webhook's revision that it was sent with.
    pub revision: u64,
    /// The unix second that it was signed at.
    pub timestamp: i64,
    /// From begin to end, in microseconds.
    pub duration_us: u64,
    /// The status of the answer; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer: a word for programs, and a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<(String, String)>,
    /// Headers of the answer, as far as they are kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The first 16 KiB of the answer's body, as text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// The body went on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_body_cut: bool,
}

/// How far a webhook has come in its organization's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last event that was looked at: delivered, not wanted, kept as a [`Delivery`], or one of
    /// `outstanding`.
    pub seen: u64,
    /// Those up to `seen` whose first attempt is under way.
    pub outstanding: Vec<u64>,
    /// How it has been going.
    pub health: Health,
}

/// How a webhook has been doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Whether its receiver is left alone.
    pub breaker: Breaker,
    /// Since when nothing was delivered; `None` while the last attempt went well.
    pub failing_since: Option<Timestamp>,
    /// Attempts since then.
    pub attempts_failed: u32,
    /// When the last delivery was made.
    pub last_success_at: Option<Timestamp>,
    /// When the last attempt failed.
    pub last_failure_at: Option<Timestamp>,
    /// The numbers that went by while it was disabled, or were forgotten before it came to them.
    pub missed: Option<(u64, u64)>,
}

impl Health {
    /// A webhook that fails for so long is disabled, …
    pub const FAILING_FOR: std::time::Duration = std::time::Duration::from_hours(5 * 24);
    /// … but only after so many attempts.
    pub const ATTEMPTS_FAILED: u32 = 50;

    /// Takes note of an attempt.
    pub fn note(&mut self, is_success: bool, now: Timestamp) {
        if is_success {
            self.failing_since = None;
            self.attempts_failed = 0;
            self.last_success_at = Some(now);
        } else {
            self.failing_since.get_or_insert(now);
            self.attempts_failed = self.attempts_failed.saturating_add(1);
            self.last_failure_at = Some(now);
        }
    }

    /// Whether it failed for so long and so often that it should be disabled.
    pub fn is_hopeless(&self, now: Timestamp) -> bool {
        let is_long = self.failing_since.is_some_and(|since| now.since(since) >= Self::FAILING_FOR);
        is_long && self.attempts_failed >= Self::ATTEMPTS_FAILED
    }

    /// Adds numbers to those that were missed.
    pub fn note_missed(&mut self, first: u64, last: u64) {
        let (from, to) = self.missed.unwrap_or((first, last));
        self.missed = Some((from.min(first), to.max(last)));
    }
}
