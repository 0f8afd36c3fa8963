//! The two words of paths such as `/webhooks/{webhook}/deliveries/{sequence}`.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use landfall_domain::id::{JobId, WebhookId};
use landfall_domain::refusal::Refusal;
use uuid::Uuid;

use super::super::problem::Problem;
use super::super::request::Word;
use crate::shared::rejection::Rejection;

/// The webhook that a path names. A word that is no id names nothing.
pub(super) fn webhook_id(word: &Word) -> Result<WebhookId, Refusal> {
    word.id("webhook").map(WebhookId::from_uuid)
}

/// The webhook that a path names, and the word for something of it.
pub(super) struct Within {
    /// Which webhook.
    pub webhook: WebhookId,
    word: String,
}

impl Within {
    /// The word as the number of an event.
    pub(super) fn sequence(&self, noun: &str) -> Result<u64, Refusal> {
        self.word.parse().map_err(|_| Refusal::not_found(noun, &self.word))
    }

    /// The word as the id of a job.
    pub(super) fn job(&self) -> Result<JobId, Refusal> {
        let id = Uuid::parse_str(&self.word);
        id.map(JobId::from_uuid).map_err(|_| Refusal::not_found("job", &self.word))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Within {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((webhook, word)) = path.map_err(|_| Rejection::field("path", "must be UTF-8"))?;
        Ok(Self { webhook: webhook_id(&Word(webhook))?, word })
    }
}
