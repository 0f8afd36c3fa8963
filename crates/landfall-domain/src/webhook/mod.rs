//! Webhooks: who wants to hear of what, where to send it, in which form, and what becomes of it.
//!
//! Everything here is pure. The engine asks, sends, and tells what came of it.

pub mod breaker;
pub mod delivery;
pub mod filter;
pub mod format;
pub mod glob;
pub mod retry;
pub mod signature;
pub mod vendor;
pub mod verdict;
pub mod vocabulary;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{OrganizationId, ProjectId, WebhookId};
use crate::time::Timestamp;
use crate::webhook::filter::{Filters, Interest};
use crate::webhook::format::Format;
use crate::webhook::retry::Schedule;
use crate::webhook::vendor::Vendor;

/// A subscription: which events, where to, in which form, how signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Whose.
    pub organization: OrganizationId,
    /// Its id.
    pub id: WebhookId,
    /// Grows by one with every edit.
    pub revision: u64,
    /// What an edit may change and everyone who reads may see.
    pub config: Config,
    /// What an edit may change and only those who manage may see; sealed at rest.
    pub private: Private,
    /// Whether it sends.
    pub state: State,
    /// Since when it is in that state.
    pub state_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

/// What a webhook is set to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which events it wants.
    pub filters: Filters,
    /// What it sends.
    pub format: Format,
    /// The project that it was made in.
    pub project: Option<ProjectId>,
    /// One by one in the log's order, each waiting for the one before.
    pub ordered: bool,
    /// Attempts at one time, 1 to [`Config::CONCURRENCY_MAX`].
    pub concurrency: u32,
    /// Attempts per second; `None` is without limit.
    pub rate_per_second: Option<u32>,
    /// Bound of one attempt, in milliseconds, up to [`Config::TIMEOUT_MS_MAX`].
    pub timeout_ms: u32,
    /// When a failed delivery is tried again.
    pub retries: Schedule,
    /// Whether deliveries carry an ed25519 signature (`v1a`) instead of an HMAC (`v1`).
    pub is_asymmetric: bool,
    /// The vendor's API that it was made through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Vendor>,
}

impl Config {
    /// Attempts at one time unless said otherwise.
    pub const CONCURRENCY: u32 = 8;
    /// Attempts at one time at most.
    pub const CONCURRENCY_MAX: u32 = 64;
    /// Attempts per second at most, where a rate is set.
    pub const RATE_PER_SECOND_MAX: u32 = 10_000;
    /// Bound of one attempt unless said otherwise.
    pub const TIMEOUT_MS: u32 = 15_000;
    /// Bound of one attempt at least.
    pub const TIMEOUT_MS_MIN: u32 = 100;
    /// Bound of one attempt at most.
    pub const TIMEOUT_MS_MAX: u32 = 30_000;

    /// A webhook as it is unless said otherwise.
    pub fn named(name: String) -> Self {
        Self {
            name,
            description: None,
            filters: Filters::default(),
            format: Format::Standard,
            project: None,
            ordered: false,
            concurrency: Self::CONCURRENCY,
            rate_per_second: None,
            timeout_ms: Self::TIMEOUT_MS,
            retries: Schedule::default(),
            is_asymmetric: false,
            vendor: None,
        }
    }

    /// How many attempts may be under way.
    pub fn slots(&self) -> usize {
        if self.ordered { 1 } else { self.concurrency as usize }
    }

    /// Which events it is sent.
    pub fn interest(&self) -> Interest {
        Interest { filters: self.filters.clone(), vocabulary: self.format.vocabulary() }
    }

    /// Bound of one attempt.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.timeout_ms))
    }
}

/// What of a webhook is a credential, or may hold one.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Private {
    /// Where to.
    pub url: String,
    /// Headers that every delivery carries.
    pub headers: BTreeMap<String, String>,
    /// The secret that deliveries are signed with: `whsec_…` or `whsk_…`.
    pub secret: String,
    /// The secret before, and until when deliveries are signed with it as well.
    pub previous_secret: Option<(String, Timestamp)>,
    /// The secret that a vendor's format sends or signs with, beside the signature of all webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_secret: Option<String>,
}

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Private(…)")
    }
}

impl Private {
    /// The secrets to sign with at a time, the present one first.
    pub fn secrets_at(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous_secret.iter().filter(move |(_, until)| now < *until);
        std::iter::once(self.secret.as_str()).chain(previous.map(|(secret, _)| secret.as_str()))
    }

    /// Scheme and host of the URL, and its path unless that may be a credential: for those who may
    /// not see all of it.
    pub fn url_redacted(&self) -> String {
        let Some((scheme, rest)) = self.url.split_once("://") else { return "…".to_owned() };
        let host_and_port = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host_and_port = host_and_port.rsplit('@').next().unwrap_or_default();
        let is_bare = host_and_port.len() == rest.len();
        format!("{scheme}://{host_and_port}{}", if is_bare { "" } else { "/…" })
    }
}

/// Whether a webhook sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// It sends.
    Enabled,
    /// It waits: what happens meanwhile is sent when it goes on.
    Paused,
    /// It skips: what happens meanwhile is not sent, unless it is replayed.
    Disabled {
        /// Who or what disabled it.
        reason: Disabled,
    },
}

impl State {
    /// Whether it takes new events.
    pub const fn is_enabled(&self) -> bool {
        matches!(self, Self::Enabled)
    }

    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Paused => "paused",
            Self::Disabled { .. } => "disabled",
        }
    }
}

/// Why a webhook was disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disabled {
    /// Somebody said so.
    ByHand,
    /// Its receiver answered 410.
    Gone,
    /// Its receiver asked for it with `webhook-delivery: disable`.
    AskedByReceiver,
    /// It failed for days, and often.
    Failing,
}

impl Disabled {
    /// In words, for `webhook.disabled` and the log.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::ByHand => "disabled by hand",
            Self::Gone => "its receiver answered 410 Gone",
            Self::AskedByReceiver => "its receiver asked for it with `webhook-delivery: disable`",
            Self::Failing => "it failed for five days and at least fifty attempts",
        }
    }
}

/// The `webhook-id` of an event: the same in every attempt, to every webhook. It holds no dot.
pub fn message_id(organization: OrganizationId, sequence: u64) -> String {
    format!("evt_{}_{sequence}", organization.uuid().simple())
}
