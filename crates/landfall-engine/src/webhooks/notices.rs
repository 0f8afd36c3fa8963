//! Who was told of something: the deliveries of some events, of every webhook.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::id::WebhookId;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::DeliveryState;
use landfall_store::rows::delivery::{self, DeliveredPage};
use landfall_store::{Connection, StoreError, StoredEvent};

use crate::access::Caller;
use crate::dispatch::{Armed, Head};
use crate::engine::Engine;
use crate::error::EngineError;

/// More webhooks than this are not asked.
const WEBHOOKS_MAX: usize = 200;
/// Nearly every delivery is kept within so many numbers of its own.
const SPAN_USUAL: u64 = 64;

/// An event that a webhook was told of, or is to be.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The webhook.
    pub webhook: WebhookId,
    /// Its name.
    pub name: String,
    /// The event's number.
    pub sequence: u64,
    /// The event's type.
    pub kind: Arc<str>,
    /// Where it stands; `None` while it waits for its first attempt.
    pub state: Option<DeliveryState>,
    /// Attempts made so far.
    pub attempts: u32,
    /// When the last attempt ended.
    pub last_at: Option<Timestamp>,
    /// When the next one is due.
    pub next_at: Option<Timestamp>,
}

impl Engine {
    /// Which webhooks were told of some events, by event and webhook.
    pub async fn notices(
        &self,
        caller: &Caller,
        events: Vec<StoredEvent>,
    ) -> Result<Vec<Notice>, EngineError> {
        caller.require(Scope::Read)?;
        let mut webhooks = self.shared.dispatcher.list(caller.organization);
        webhooks.truncate(WEBHOOKS_MAX);
        let mut asked = Vec::with_capacity(webhooks.len());
        for armed in webhooks {
            let key = (caller.organization, armed.webhook.id);
            let seen = self.shared.dispatcher.standing(key).await.unwrap_or_default().seen;
            asked.push((armed, seen));
        }
        let read = move |db: &mut Connection| {
            let pairs = events.iter().flat_map(|event| asked.iter().map(move |one| (event, one)));
            let found = pairs.map(|(event, (armed, seen))| notice(db, armed, *seen, event));
            found.filter_map(Result::transpose).collect()
        };
        Ok(self.shared.store.reader.read(read).await?)
    }
}

fn notice(
    db: &mut Connection,
    armed: &Armed,
    seen: u64,
    event: &StoredEvent,
) -> Result<Option<Notice>, StoreError> {
    let webhook = &armed.webhook;
    let key = (webhook.organization, webhook.id);
    let waiting = Notice {
        webhook: webhook.id,
        name: webhook.config.name.clone(),
        sequence: event.sequence,
        kind: Arc::clone(&event.kind),
        state: None,
        attempts: 0,
        last_at: None,
        next_at: None,
    };
    if let Some(row) = delivery::find(db, key, event.sequence)? {
        return Ok(Some(Notice {
            state: Some(row.state),
            attempts: row.attempts,
            last_at: Some(row.last_at),
            next_at: row.next_at,
            ..waiting
        }));
    }
    let is_wanted = armed.interest().matches(&Head::of(event).subject(&event.kind));
    let near = delivery::find_delivered(db, key, (event.sequence, SPAN_USUAL))?;
    let made = match near {
        None if is_wanted && event.sequence <= seen => {
            delivery::find_delivered(db, key, (event.sequence, DeliveredPage::SPAN_MAX))?
        }
        near => near,
    };
    if let Some(made) = made {
        let state = Some(DeliveryState::Delivered);
        return Ok(Some(Notice { state, attempts: 1, last_at: Some(made.at), ..waiting }));
    }
    Ok((is_wanted && event.sequence > seen).then_some(waiting))
}
