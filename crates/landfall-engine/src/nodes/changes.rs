//! What other nodes did to webhooks, read twice a second and brought into force here.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use landfall_domain::webhook::delivery::DeliveryState;
use landfall_store::rows::webhook::{self, FoundWebhook};
use landfall_store::rows::webhook_change::{self, Change, NumberedChange};
use landfall_store::rows::{node, webhook_job};
use landfall_store::{Connection, StoreError};
use tokio_util::sync::CancellationToken;

use super::{Nodes, READ_EVERY, READING_MAX};
use crate::dispatch::{Armed, Key};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tasks::Tasks;

/// Changes that one look brings.
const PAGE: i64 = 500;

/// What was read before a node read anything.
pub(super) const NEVER: u64 = u64::MAX;

/// What one look found.
struct Found {
    /// The last number that was read.
    read: u64,
    /// There may be more.
    is_full: bool,
    changes: Vec<NumberedChange>,
    /// Those webhooks of the changes that are there.
    webhooks: Vec<FoundWebhook>,
    /// What was missed is no longer known, so `webhooks` are all there are.
    is_everything: bool,
}

fn look(db: &mut Connection, after: u64) -> Result<Found, StoreError> {
    let is_first = after == NEVER;
    let changes = if is_first { Vec::new() } else { webhook_change::after(db, after, PAGE)? };
    if is_first || changes.first().is_some_and(|first| first.number > after + 1) {
        let (read, webhooks) = (webhook_change::head(db)?, webhook::all(db)?);
        return Ok(Found { read, is_full: false, changes, webhooks, is_everything: true });
    }
    let edited = changes.iter().filter(|change| change.change == Change::Edited);
    let edited: BTreeSet<Key> = edited.map(|edit| (edit.organization, edit.webhook)).collect();
    let webhooks = webhook::find_many(db, &edited.into_iter().collect::<Vec<_>>())?;
    Ok(Found {
        read: changes.last().map_or(after, |last| last.number),
        is_full: i64::try_from(changes.len()).is_ok_and(|count| count == PAGE),
        changes,
        webhooks,
        is_everything: false,
    })
}

impl Engine {
    pub(super) fn follow_changes(&self, tasks: &Tasks, recorded: CancellationToken) {
        let engine = self.clone();
        tasks.spawn(async move {
            recorded.run_until_cancelled(engine.keep_reading()).await;
        });
    }

    async fn keep_reading(&self) {
        let mut ticks = tokio::time::interval(READ_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.read_changes().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "edits of webhooks can't be read; nothing starts until then");
            }
        }
    }

    /// Brings what other nodes did to webhooks until now into force here.
    pub(crate) async fn read_changes(&self) -> Result<(), EngineError> {
        let Some(nodes) = &self.shared.nodes else { return Ok(()) };
        let mut read = nodes.changes_read.lock().await;
        loop {
            let (begun, after) = (Instant::now(), *read);
            let found = self.shared.store.reader.read(move |db| look(db, after)).await?;
            let (is_full, last) = (found.is_full, found.read);
            if last != after {
                self.put_in_force(found).await?;
                *read = last;
                self.note_changes_read(nodes, last).await?;
            }
            if !is_full {
                nodes.leases.note_reading(begun, READING_MAX);
                return Ok(());
            }
        }
    }

    async fn note_changes_read(&self, nodes: &Nodes, number: u64) -> Result<(), StoreError> {
        let Some(id) = nodes.id() else { return Ok(()) };
        nodes.heartbeat.run(move |db| node::note_changes_read(db, id, number)).await
    }

    async fn put_in_force(&self, found: Found) -> Result<(), EngineError> {
        let Found { changes, webhooks, is_everything, .. } = found;
        let there: HashSet<Key> = webhooks.iter().map(|one| (one.organization, one.id)).collect();
        for armed in self.armed_all(webhooks).await? {
            self.define_webhook(armed).await?;
        }
        let edited = changes.iter().filter(|change| change.change == Change::Edited);
        let mut gone: HashSet<Key> = edited.map(|edit| (edit.organization, edit.webhook)).collect();
        if is_everything {
            gone.extend(self.shared.dispatcher.keys());
        }
        gone.retain(|key| !there.contains(key));
        for key in &gone {
            self.shared.dispatcher.remove(*key).await;
        }
        if !gone.is_empty() {
            // Who deleted them removes what their last outcomes left behind, once it hears of this.
            self.shared.dispatcher.context.flush().await;
        }
        for change in changes {
            self.obey(change).await?;
        }
        Ok(())
    }

    /// Has a webhook be as it is stored; starts its lane if it is this node's and has none.
    async fn define_webhook(&self, armed: Arc<Armed>) -> Result<(), EngineError> {
        let key = (armed.webhook.organization, armed.webhook.id);
        let dispatcher = &self.shared.dispatcher;
        dispatcher.until_left(key).await;
        if !dispatcher.define(&armed) {
            dispatcher.replace(armed).await;
        }
        // Also one that is known: its lane may have failed to start.
        let Some(lease) = dispatcher.missing_lane(key) else { return Ok(()) };
        let read = self.shared.store.reader.read(move |db| webhook::find_progress(db, &[key]));
        // One without a place was deleted since.
        let Some((_, _, progress)) = read.await?.pop() else { return Ok(()) };
        Ok(dispatcher.start(key, &lease, progress).await?)
    }

    /// Does what somebody asked of another node for a webhook that this node sends for.
    async fn obey(&self, change: NumberedChange) -> Result<(), EngineError> {
        let NumberedChange { number: _, organization, webhook, change } = change;
        let (key, dispatcher) = ((organization, webhook), &self.shared.dispatcher);
        match change {
            Change::Edited => {}
            Change::Job => self.start_jobs_of(key).await?,
            Change::Delivered(sequence) => {
                dispatcher.settle_as(key, sequence, DeliveryState::Delivered).await?;
            }
            Change::Skipped(sequence) => {
                dispatcher.settle_as(key, sequence, DeliveryState::Skipped).await?;
            }
        }
        Ok(())
    }

    async fn start_jobs_of(&self, key: Key) -> Result<(), EngineError> {
        if self.shared.leases.of(key.1).is_none() {
            return Ok(());
        }
        let running = self.shared.store.reader.read(webhook_job::running).await?;
        let own = running.into_iter().filter(|job| (job.organization, job.webhook) == key);
        own.for_each(|job| self.spawn_job(job));
        Ok(())
    }
}
