//! Formats: what a delivery says. One small file each, behind [`Format`].
//!
//! A format is given the event as the log holds it, and looks at nothing else.

mod placeholder;
pub mod sample;
pub mod slack;
pub mod standard;
pub mod template;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::view::Named;
use crate::webhook::format::template::Template;

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
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The exact bytes, which are also what is signed.
    pub body: Vec<u8>,
    /// Their media type.
    pub content_type: &'static str,
}

impl Rendered {
    /// A JSON body.
    pub const fn json(body: Vec<u8>) -> Self {
        Self { body, content_type: "application/json" }
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
    /// Substitution made it too long.
    #[error("the body would be longer than {bytes_max} bytes")]
    TooLong {
        /// How long it may be.
        bytes_max: usize,
    },
}

impl Format {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Template { .. } => "template",
            Self::Slack => "slack",
        }
    }

    /// Puts an event into this format.
    pub fn render(&self, message: &Message<'_>) -> Result<Rendered, RenderError> {
        match self {
            Self::Standard => standard::render(message),
            Self::Template { template } => template.render(message),
            Self::Slack => slack::render(message),
        }
        .map(Rendered::json)
    }
}
