//! What a webhook would send before it is made, for a form that shows it while somebody types.

use landfall_domain::access::Scope;
use landfall_domain::webhook::filter::Check;

use super::NewWebhook;
use super::deliveries::{Request, request};
use crate::access::Caller;
use crate::dispatch::Head;
use crate::engine::Engine;
use crate::error::EngineError;

/// What a sample event becomes.
#[derive(Clone, Debug)]
pub struct DraftPreview {
    /// What would be sent, or why it can't be. Its signature is of no use: the secret is made up.
    pub request: Result<Request, String>,
    /// The filters, one by one.
    pub checks: Vec<Check>,
}

impl Engine {
    /// What a webhook would make of a sample event, were it made like this. Nothing is stored, and
    /// what is wrong with other fields does not matter.
    pub async fn preview_draft(
        &self,
        caller: &Caller,
        new: NewWebhook,
        kind: &str,
    ) -> Result<DraftPreview, EngineError> {
        caller.require(Scope::Manage)?;
        let armed = self.arm(self.draft_webhook(caller, new)).await?;
        let event = self.sample_event(&armed, kind)?;
        let checks = armed.interest().explain(&Head::of(&event).subject(&event.kind));
        Ok(DraftPreview { request: request(&armed, &event, self.ambient().now()), checks })
    }
}
