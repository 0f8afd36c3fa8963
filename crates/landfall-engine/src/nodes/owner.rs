//! What a node does for a webhook that another node sends for: it notes what it did, and waits until
//! that node has it.

use landfall_domain::id::WebhookId;
use landfall_store::rows::node;
use landfall_store::rows::webhook_change::{self, Change};

use super::lease::slot_of;
use super::{ASK_EVERY, READING_MAX};
use crate::dispatch::Key;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Waits until a change is in force on the node that sends for a webhook, or no attempt starts on
    /// what was before for another reason: what any node read longer ago does not count.
    pub(crate) async fn wait_for_owner(&self, webhook: WebhookId, number: u64) {
        let is_own = self.shared.leases.of(webhook).is_some_and(|lease| lease.is_valid());
        if is_own || self.shared.nodes.is_none() {
            return;
        }
        // An error means that the time is over, and with it that of every older reading.
        drop(tokio::time::timeout(READING_MAX, self.until_owner_has(webhook, number)).await);
    }

    async fn until_owner_has(&self, webhook: WebhookId, number: u64) {
        let slot = slot_of(webhook);
        loop {
            let read =
                self.shared.store.reader.read(move |db| node::changes_read_by_owner(db, slot));
            match read.await {
                Ok(Some(read)) if read < number => {}
                // Nobody has the slot, and who takes it reads everything then.
                Ok(_) => return,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "can't ask whether another node has an edit");
                }
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Has the node that sends for a webhook know of something, unless it is this one, which does; returns
    /// when it knows, or after as long as an edit may take.
    pub(crate) async fn tell_owner(&self, key: Key, change: Change) -> Result<(), EngineError> {
        let is_own = self.shared.leases.of(key.1).is_some_and(|lease| lease.is_valid());
        if self.shared.nodes.is_none() || (is_own && self.shared.dispatcher.runs(key)) {
            return Ok(());
        }
        let number = self.write(move |db| webhook_change::note(db, key, change)).await?;
        self.wait_for_owner(key.1, number).await;
        Ok(())
    }
}
