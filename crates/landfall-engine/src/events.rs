//! Reading and following the log.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::id::OrganizationId;
pub use landfall_store::StoredEvent;
use landfall_store::rows::{event, organization};
use landfall_store::{ReadPool, StoreError};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::access::Caller;
use crate::dispatch::Index;
use crate::engine::Engine;
use crate::error::EngineError;

/// Events that one look at the log brings.
const PAGE: i64 = 500;

impl Engine {
    /// The events after a number, in order, at most `limit`.
    pub async fn events_after(
        &self,
        caller: &Caller,
        sequence: u64,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, EngineError> {
        caller.require(Scope::Read)?;
        let id = caller.organization;
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| event::after(db, id, sequence, limit)).await?)
    }

    /// The number of the last event; 0 before the first.
    pub async fn log_head(&self, caller: &Caller) -> Result<u64, EngineError> {
        caller.require(Scope::Read)?;
        let id = caller.organization;
        let found = self.shared.store.reader.read(move |db| organization::find(db, id)).await?;
        Ok(found.map_or(0, |found| found.next_sequence - 1))
    }

    /// Follows the log from after a number on, whichever node appends to it.
    pub async fn follow(&self, caller: &Caller, after: u64) -> Result<Follower, EngineError> {
        caller.require(Scope::Read)?;
        let index = self.shared.dispatcher.context.index(caller.organization).await?;
        Ok(Follower {
            organization: caller.organization,
            last: after,
            is_behind: true,
            news: index.follow(),
            _index: index,
            reader: self.shared.store.reader.clone(),
            closing: self.shared.closing.clone(),
        })
    }
}

/// One look-out over an organization's log. It sees every event once, in order.
pub struct Follower {
    organization: OrganizationId,
    last: u64,
    is_behind: bool,
    news: broadcast::Receiver<Arc<[StoredEvent]>>,
    /// It tells news as long as somebody holds it.
    _index: Arc<Index>,
    reader: ReadPool,
    closing: CancellationToken,
}

impl Follower {
    /// The next events, at least one; `None` when the server closes.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredEvent>>, StoreError> {
        loop {
            let found = if self.is_behind { self.catch_up().await? } else { self.wait().await };
            let Some(mut events) = found else { return Ok(None) };
            events.retain(|event| event.sequence > self.last);
            if let Some(newest) = events.last() {
                self.last = newest.sequence;
                return Ok(Some(events));
            }
        }
    }

    async fn catch_up(&mut self) -> Result<Option<Vec<StoredEvent>>, StoreError> {
        let (organization, last) = (self.organization, self.last);
        let events = self.reader.read(move |db| event::after(db, organization, last, PAGE)).await?;
        self.is_behind = !events.is_empty();
        Ok(Some(events))
    }

    /// What is handed out next; a gap or a lag sends us back to the log.
    async fn wait(&mut self) -> Option<Vec<StoredEvent>> {
        match self.closing.run_until_cancelled(self.news.recv()).await? {
            Ok(events) => {
                let first = events.first().map_or(0, |event| event.sequence);
                if first > self.last + 1 {
                    self.is_behind = true;
                    return Some(Vec::new());
                }
                Some(events.to_vec())
            }
            Err(broadcast::error::RecvError::Lagged(_)) => {
                self.is_behind = true;
                Some(Vec::new())
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
