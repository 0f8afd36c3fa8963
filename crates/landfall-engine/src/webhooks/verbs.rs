//! What an operator does with a webhook: test it, resend, skip, rotate its secret.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::id::WebhookId;
use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::delivery::{Attempt, Delivery, DeliveryState};
use landfall_domain::webhook::format::sample;
use landfall_domain::webhook::signature::Key;
use landfall_store::StoredEvent;
use landfall_store::rows::delivery;
use landfall_store::rows::webhook_change::Change;

use super::{PREVIOUS_SECRET_FOR, invalid};
use crate::access::Caller;
use crate::dispatch::{Armed, jobs};
use crate::engine::Engine;
use crate::error::EngineError;

/// An attempt that was made by hand.
#[derive(Clone, Debug)]
pub struct Resent {
    /// What came of it.
    pub attempt: Attempt,
    /// Whether the receiver has it.
    pub is_delivered: bool,
}

/// A webhook with its new secret, which nobody sees again.
pub struct Rotated {
    /// The webhook.
    pub armed: Arc<Armed>,
    /// The new secret.
    pub secret: String,
}

impl Engine {
    /// Sends a sample event and says what came of it. It counts towards nothing.
    pub async fn test_webhook(
        &self,
        caller: &Caller,
        id: WebhookId,
        kind: &str,
    ) -> Result<Resent, EngineError> {
        caller.require(Scope::Manage)?;
        self.read_changes().await?;
        let armed = self.find_webhook(caller, id)?;
        let event = self.sample_event(&armed, kind)?;
        Ok(self.send_by_hand(&armed, &event).await)
    }

    /// A sample event of a type; its number is 0, which no event has.
    pub(super) fn sample_event(
        &self,
        armed: &Armed,
        kind: &str,
    ) -> Result<StoredEvent, EngineError> {
        let now = self.ambient().now();
        let data = sample::sample(kind, &armed.organization, now).ok_or_else(|| {
            invalid("event_type", format!("must be one of {}", sample::KINDS.join(", ")))
        })?;
        let data = serde_json::to_string(&data).map_err(|why| invalid("event_type", why))?;
        Ok(StoredEvent {
            sequence: 0,
            kind: kind.into(),
            at: now,
            recorded_at: now,
            data: data.into(),
        })
    }

    async fn send_by_hand(&self, armed: &Arc<Armed>, event: &StoredEvent) -> Resent {
        let context = &self.shared.dispatcher.context;
        let (attempt, is_delivered) = jobs::send_by_hand(context, armed, event).await;
        Resent { attempt, is_delivered }
    }

    /// Sends one event once more, with the present settings. It works on a disabled webhook, counts
    /// towards nothing, and settles the delivery if it is delivered. The node that is asked sends it.
    pub async fn resend(
        &self,
        caller: &Caller,
        id: WebhookId,
        sequence: u64,
    ) -> Result<Resent, EngineError> {
        caller.require(Scope::Manage)?;
        self.read_changes().await?;
        let armed = self.find_webhook(caller, id)?;
        let event = self.require_event(caller, sequence).await?;
        let resent = self.send_by_hand(&armed, &event).await;
        let (dispatcher, key) = (&self.shared.dispatcher, (caller.organization, id));
        let Resent { attempt, is_delivered } = &resent;
        let noting = jobs::note_by_hand(dispatcher, key, (attempt, None), *is_delivered);
        if noting.await? {
            self.tell_owner(key, Change::Delivered(sequence)).await?;
        }
        Ok(resent)
    }

    /// Says that a delivery is not to be made.
    pub async fn skip_delivery(
        &self,
        caller: &Caller,
        id: WebhookId,
        sequence: u64,
    ) -> Result<(), EngineError> {
        caller.require(Scope::Manage)?;
        self.find_webhook(caller, id)?;
        let key = (caller.organization, id);
        self.shared.dispatcher.context.flush().await;
        let found = self.shared.store.reader.read(move |db| delivery::find(db, key, sequence));
        let found = found.await?.filter(|found| found.state == DeliveryState::Retrying);
        let Some(found) = found else {
            return Err(
                Refusal::not_found("delivery that waits for another attempt", &sequence).into()
            );
        };
        let skipped = Delivery {
            state: DeliveryState::Skipped,
            next_at: None,
            last_at: self.ambient().now(),
            ..found
        };
        jobs::put_delivery(&self.shared.dispatcher, key, skipped).await;
        self.tell_owner(key, Change::Skipped(sequence)).await
    }

    /// Gives a webhook another secret; deliveries are signed with both for a day.
    pub async fn rotate_secret(
        &self,
        caller: &Caller,
        id: WebhookId,
        secret: Option<String>,
    ) -> Result<Rotated, EngineError> {
        caller.require(Scope::Manage)?;
        let is_asymmetric = self.find_webhook(caller, id)?.webhook.config.is_asymmetric;
        let secret = secret.unwrap_or_else(|| self.new_signing_secret(is_asymmetric));
        Key::parse(&secret).map_err(|why| invalid("secret", why))?;
        let text = secret.clone();
        let armed = self
            .change_webhook(caller, id, "webhook.secret_rotated", move |webhook, now| {
                let before = std::mem::replace(&mut webhook.private.secret, text);
                webhook.private.previous_secret = Some((before, now + PREVIOUS_SECRET_FOR));
                Ok::<_, EngineError>(true)
            })
            .await?;
        Ok(Rotated { armed, secret })
    }

    /// An event of the caller's log.
    pub(crate) async fn require_event(
        &self,
        caller: &Caller,
        sequence: u64,
    ) -> Result<StoredEvent, EngineError> {
        let found = self.events_after(caller, sequence.saturating_sub(1), 1).await?;
        let found = found.into_iter().find(|event| event.sequence == sequence);
        found.ok_or_else(|| Refusal::not_found("event", &sequence).into())
    }
}
