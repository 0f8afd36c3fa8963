//! Formats: what a delivery says. One small file each, behind [`Format`].
//!
//! A format is given the event as the log holds it and what its webhook says for itself, and looks
//! at nothing else.

pub mod akinon;
pub mod humanitec;
mod placeholder;
pub mod qovery;
pub mod sample;
pub mod slack;
pub mod standard;
pub mod template;
pub mod versioner;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::view::Named;
use crate::webhook::format::humanitec::Payload;
use crate::webhook::format::template::Template;
use crate::webhook::vocabulary::Vocabulary;

/// An event on its way to a webhook.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The `webhook-id`.
    pub id: &'a str,
    /// Its number in the organization's log.
    pub sequence: u64,
    /// Its type, such as `deployment.completed`.
    pub kind: &'a str,
    /// When it happened.
    pub at: Timestamp,
    /// Whose it is.
    pub organization: &'a Named,
    /// The JSON text of its [`EventData`](crate::event::EventData).
    pub data: &'a str,
    /// Where people find this Landfall, for links; without a slash at the end.
    pub base_url: Option<&'a str>,
    /// The webhook's [`vendor_secret`](super::Private::vendor_secret).
    pub vendor_secret: Option<&'a str>,
    /// The webhook's own project, as its maker calls it.
    pub app_id: Option<&'a str>,
}

/// What a webhook sends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Format {
    /// `{"type", "timestamp", "data"}`, as Standard Webhooks recommends.
    #[default]
    Standard,
    /// The user's own JSON with placeholders.
    Template {
        /// The JSON.
        template: Template,
    },
    /// A message for a Slack incoming webhook.
    Slack,
    /// Qovery's envelope, with the secret in a header.
    Qovery,
    /// Humanitec's variables, in the payload that the webhook was given.
    Humanitec {
        /// The payload; the default one if none was given.
        #[serde(default)]
        payload: Option<Payload>,
    },
    /// Akinon's events.
    Akinon,
    /// Versioner's notification, signed in a header.
    Versioner,
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The exact bytes, which are also what is signed.
    pub body: Vec<u8>,
    /// Their media type.
    pub content_type: &'static str,
    /// Headers that the vendor's receivers look at, lower-case names first.
    pub headers: Vec<(&'static str, String)>,
}

impl Rendered {
    /// A JSON body.
    pub const fn json(body: Vec<u8>) -> Self {
        Self { body, content_type: "application/json", headers: Vec::new() }
    }
}

/// Why an event can't be put into a format. Trying again does not help.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The log holds something that is not an event.
    #[error("event data can't be read")]
    Data(#[from] serde_json::Error),
    /// The log holds something that is not an event.
    #[error("event data is not a JSON object")]
    NotAnObject,
    /// The vendor has no such event.
    #[error("the format `{}` has no name for this event", .0.as_str())]
    NoName(Vocabulary),
    /// Substitution made it too long.
    #[error("the body would be longer than {bytes_max} bytes")]
    TooLong {
        /// How long it may be.
        bytes_max: usize,
    },
}

impl Message<'_> {
    /// What a vendor calls the event.
    fn name_in(&self, vendor: Vocabulary) -> Result<&'static str, RenderError> {
        vendor.name_of(self.kind).ok_or(RenderError::NoName(vendor))
    }
}

impl Format {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Template { .. } => "template",
            Self::Slack => "slack",
            Self::Qovery => "qovery",
            Self::Humanitec { .. } => "humanitec",
            Self::Akinon => "akinon",
            Self::Versioner => "versioner",
        }
    }

    /// The vendor whose names it uses; it tells of nothing else.
    pub const fn vocabulary(&self) -> Option<Vocabulary> {
        match self {
            Self::Standard | Self::Template { .. } | Self::Slack => None,
            Self::Qovery => Some(Vocabulary::Qovery),
            Self::Humanitec { .. } => Some(Vocabulary::Humanitec),
            Self::Akinon => Some(Vocabulary::Akinon),
            Self::Versioner => Some(Vocabulary::Versioner),
        }
    }

    /// Attempts per second unless said otherwise; a Slack webhook takes about one message per second.
    pub const fn rate_per_second(&self) -> Option<u32> {
        match self {
            Self::Slack => Some(1),
            _ => None,
        }
    }

    /// Whether a vendor's secret can be sent as this format sends it, if it does.
    pub fn can_send_secret(&self, secret: &str) -> bool {
        !matches!(self, Self::Qovery) || qovery::can_send(secret)
    }

    /// Puts an event into this format.
    pub fn render(&self, message: &Message<'_>) -> Result<Rendered, RenderError> {
        match self {
            Self::Standard => standard::render(message).map(Rendered::json),
            Self::Template { template } => template.render(message).map(Rendered::json),
            Self::Slack => slack::render(message).map(Rendered::json),
            Self::Qovery => qovery::render(message),
            Self::Humanitec { payload } => humanitec::render(message, payload.as_ref()),
            Self::Akinon => akinon::render(message),
            Self::Versioner => versioner::render(message),
        }
    }
}
