//! What all webhooks' lanes share.

use std::sync::{Arc, Weak};

use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::webhook::Disabled;
use landfall_store::rows::organization;
use landfall_store::{Connection, ReadPool, StoreError};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::metrics::DispatchMetrics;
use super::record::Recorder;
use super::tail::{Index, Tail};
use crate::ambient::Ambient;
use crate::egress::Egress;
use crate::engine::{Engine, Shared};

/// Names a webhook everywhere.
pub(crate) type Key = (OrganizationId, WebhookId);

/// Attempts of all webhooks that may be under way.
pub(super) const ATTEMPTS_MAX: usize = 1_024;

/// What all webhooks' lanes share.
pub(crate) struct Context {
    pub(super) reader: ReadPool,
    pub(super) egress: Egress,
    pub(super) ambient: Ambient,
    pub(super) recorder: Recorder,
    pub(super) tail: Tail,
    pub(super) permits: Arc<Semaphore>,
    /// Owns lanes, attempts and jobs, which are waited for at the end.
    pub(super) tracker: TaskTracker,
    pub(super) metrics: DispatchMetrics,
    /// For what a lane asks of the engine: disabling its webhook.
    pub(super) engine: Weak<Shared>,
}

impl Context {
    /// The index of an organization, at the head of its log or a little behind.
    pub(super) async fn index(&self, id: OrganizationId) -> Result<Arc<Index>, StoreError> {
        let (index, is_new) = self.tail.index(id);
        if is_new {
            index.skip_to(self.head(id).await?);
        }
        Ok(index)
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
    /// Runs a write of its own.
    pub(super) async fn write(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let Some(shared) = self.engine.upgrade() else { return Err(StoreError::Closing) };
        shared.store.writer.run(Box::new(work)).await
    }

    /// Disables a webhook that its receiver wants no more, or that failed for too long.
    pub(super) async fn disable(&self, key: Key, reason: Disabled) {
        let Some(shared) = self.engine.upgrade() else { return };
        if let Err(error) = (Engine { shared }).disable_webhook(key, reason).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, webhook.id = %key.1, "a webhook could not be disabled");
        }
    }
}
