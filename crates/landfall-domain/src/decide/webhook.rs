//! What the log says of webhooks.

use super::Context;
use crate::event::{EventData, EventType, Noun, Verb};
use crate::outcome::Outcome;
use crate::view::Named;
use crate::webhook::Disabled;

impl Context<'_> {
    /// Tells that a webhook was disabled, and not by a person: other webhooks can pass it on.
    pub(super) fn note_webhook_disabled(&mut self, webhook: Named, reason: Disabled) -> Outcome {
        let data = EventData {
            webhook: Some(webhook),
            reason: Some(reason.in_words().to_owned()),
            ..EventData::default()
        };
        self.log(EventType::new(Noun::Webhook, Verb::Disabled), data);
        Outcome::Done
    }
}
