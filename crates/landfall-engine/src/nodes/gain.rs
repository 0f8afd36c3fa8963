//! What a node does with slots that it gained: their lanes and jobs go on where they were left.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use landfall_store::rows::{webhook, webhook_job};

use super::Nodes;
use super::lease::slot_of;
use crate::dispatch::Key;
use crate::engine::Engine;
use crate::error::EngineError;

/// After what was left could not be read.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

impl Engine {
    /// Starts the lanes of slots beside renewing the leases, which can't wait for that.
    pub(super) fn spawn_gained(&self, nodes: &Arc<Nodes>, gained: BTreeSet<u8>) {
        if gained.is_empty() {
            return;
        }
        let (engine, nodes) = (self.clone(), Arc::clone(nodes));
        let tracker = self.shared.dispatcher.context.tracker.clone();
        drop(tracker.spawn(async move { engine.start_gained(&nodes, gained).await }));
    }

    /// Starts the lanes of slots, trying until it works or the slots are gone.
    pub(super) async fn start_gained(&self, nodes: &Nodes, gained: BTreeSet<u8>) {
        let mut slots = gained;
        loop {
            let held = nodes.leases.all();
            slots.retain(|slot| held.contains_key(slot));
            if slots.is_empty() || nodes.leases.is_stopping() {
                return;
            }
            match self.try_start(nodes, &slots).await {
                Ok(()) => return,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "can't go on with other nodes' webhooks; will try again");
                }
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// All of it is read after the leases were got, so it is what those before left.
    async fn try_start(&self, nodes: &Nodes, slots: &BTreeSet<u8>) -> Result<(), EngineError> {
        let dispatcher = &self.shared.dispatcher;
        self.read_changes().await?;
        let leases = nodes.leases.all();
        let is_gained = |key: &Key| slots.contains(&slot_of(key.1));
        let keys: Vec<Key> = dispatcher.keys().into_iter().filter(is_gained).collect();
        let wanted = keys.clone();
        let read =
            self.shared.store.reader.read(move |db| {
                Ok((webhook::find_progress(db, &wanted)?, webhook_job::running(db)?))
            });
        let (progress, jobs) = read.await?;
        let progress = progress.into_iter();
        let mut progress: HashMap<Key, _> =
            progress.map(|(organization, id, progress)| ((organization, id), progress)).collect();
        for key in keys {
            // One without a place was deleted since.
            let found = progress.remove(&key).zip(leases.get(&slot_of(key.1)));
            if let Some((progress, lease)) = found {
                dispatcher.start(key, lease, progress).await?;
            }
        }
        for job in jobs.into_iter().filter(|job| is_gained(&(job.organization, job.webhook))) {
            self.spawn_job(job);
        }
        Ok(())
    }
}
