//! What the log says of webhooks.

use super::Context;
use crate::command::WebhookNotice;
use crate::event::{EventData, EventType, Noun, Verb};
use crate::outcome::Outcome;
use crate::view::Named;

impl Context<'_> {
    /// Tells what became of a webhook, and not by a person: other webhooks can pass it on.
    pub(super) fn note_webhook(&mut self, webhook: Named, notice: WebhookNotice) -> Outcome {
        let (verb, reason) = match notice {
            WebhookNotice::Disabled(reason) => (Verb::Disabled, reason.in_words().to_owned()),
            WebhookNotice::Skipped(first, last) => (Verb::Skipped, skipped(first, last)),
        };
        let data =
            EventData { webhook: Some(webhook), reason: Some(reason), ..EventData::default() };
        self.log(EventType::new(Noun::Webhook, verb), data);
        Outcome::Done
    }
}

fn skipped(first: u64, last: u64) -> String {
    format!("events {first} to {last} were older than events are kept, and it was not sent them")
}
