//! What all webhooks' lanes share.

use std::sync::{Arc, Weak};
use std::time::Duration;

use landfall_domain::command::WebhookNotice;
use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::webhook::Disabled;
use landfall_store::rows::{lease, organization};
use landfall_store::{Connection, ReadPool, StoreError};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::gaps;
use super::metrics::DispatchMetrics;
use super::record::Recorder;
use super::tail::{Index, Tail};
use crate::ambient::Ambient;
use crate::egress::Egress;
use crate::engine::{Engine, Shared};
use crate::error::EngineError;
use crate::nodes::Lease;

/// Names a webhook everywhere.
pub(crate) type Key = (OrganizationId, WebhookId);

/// Attempts of all webhooks that may be under way.
pub(super) const ATTEMPTS_MAX: usize = 1_024;

/// What a lane asks of the engine is tried again after this.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What all webhooks' lanes share.
pub(crate) struct Context {
    pub(super) reader: ReadPool,
    pub(super) egress: Egress,
    pub(super) ambient: Ambient,
    pub(super) recorder: Recorder,
    pub(super) tail: Tail,
    pub(super) permits: Arc<Semaphore>,
    /// Owns lanes, attempts and jobs, which are waited for at the end.
    pub(crate) tracker: TaskTracker,
    pub(super) metrics: DispatchMetrics,
    /// For what a lane asks of the engine: disabling its webhook, telling the log.
    pub(super) engine: Weak<Shared>,
}

impl Context {
    /// The index of an organization, at the head of its log or a little behind.
    pub(crate) async fn index(&self, id: OrganizationId) -> Result<Arc<Index>, StoreError> {
        if let Some(index) = self.tail.find(id) {
            return Ok(index);
        }
        let index = self.tail.index(id, self.head(id).await?);
        // What was committed since the head was read would otherwise wait for the next commit.
        gaps::catch_up_to(self, id, &index, self.head(id).await?).await?;
        Ok(index)
    }

    /// Whether a webhook may have a further attempt under way: the last quarter of all attempts is
    /// for webhooks that have none.
    pub(super) fn has_room(&self) -> bool {
        self.permits.available_permits() > ATTEMPTS_MAX / 4
    }

    /// Waits until everything that was noted is stored.
    pub(crate) async fn flush(&self) {
        self.recorder.flush().await;
    }

    /// The number of the last event of an organization.
    pub(super) async fn head(&self, id: OrganizationId) -> Result<u64, StoreError> {
        let found = self.reader.read(move |db| organization::find(db, id)).await?;
        Ok(found.map_or(0, |found| found.next_sequence - 1))
    }

    /// Runs a write of its own, unless the webhook that it is for became another node's.
    pub(super) async fn write_under(
        &self,
        lease: &Lease,
        work: impl FnOnce(&mut Connection) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let fence = lease.fence();
        self.write(move |db| if lease::is_held(db, fence)? { work(db) } else { Ok(()) }).await
    }

    /// Runs a write of its own.
    pub(super) async fn write(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let Some(shared) = self.engine.upgrade() else { return Err(StoreError::Closing) };
        shared.store.writer.run(Box::new(work)).await
    }

    /// Disables a webhook that its receiver wants no more, or that failed for too long.
    pub(super) async fn disable(
        &self,
        key: Key,
        revision: u64,
        reason: Disabled,
        lease: &Arc<Lease>,
    ) {
        let disable = |engine: Engine| {
            let lease = Arc::clone(lease);
            async move { engine.disable_webhook(key, (revision, reason), &lease).await }
        };
        self.ask(lease, disable).await;
    }

    /// Has the log tell what became of a webhook.
    pub(super) async fn tell(&self, key: Key, notice: WebhookNotice, lease: &Lease) {
        let tell = |engine: Engine| async move { engine.tell_of_webhook(key, notice).await };
        self.ask(lease, tell).await;
    }

    /// Asks something of the engine until it is done, can't be, or is another node's to ask.
    async fn ask<F>(&self, lease: &Lease, what: impl Fn(Engine) -> F)
    where
        F: Future<Output = Result<(), EngineError>>,
    {
        while let Some(shared) = self.engine.upgrade() {
            if lease.ended().is_cancelled() {
                return;
            }
            if lease.is_valid() {
                match what(Engine { shared }).await {
                    Ok(()) | Err(EngineError::Refused(_)) => return,
                    Err(error) => warn(&error),
                }
            }
            tokio::time::sleep(ASK_AGAIN_AFTER).await;
        }
    }
}

fn warn(error: &EngineError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "what became of a webhook can't be stored; will try again");
}
