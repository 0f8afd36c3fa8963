//! Recording what became of deliveries, in bulk: one transaction for many webhooks.
//!
//! A webhook's cursor moves in the transaction that stores its outcomes. While one transaction is
//! under way the next one gathers. What can't be stored is kept and tried again, and the bounded
//! way to here makes the webhooks wait meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Attempt, Delivery, Exchange, Progress};
use landfall_store::rows::delivery::{Outcomes, put_outcomes};
use landfall_store::rows::webhook::put_progress;
use landfall_store::rows::webhook_job::{self, StoredJob};
use landfall_store::{Connection, StoreError, Writer};
use tokio::sync::{mpsc, oneshot};

use super::context::Key;
use crate::ambient::Ambient;

/// Outcomes that may wait to be recorded.
const WAITING_MAX: usize = 4_096;
/// Between two transactions, so that many outcomes share one.
const PAUSE: Duration = Duration::from_millis(10);
/// After a transaction failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Something to record.
pub(super) enum Note {
    /// What became of an attempt, and how far its webhook has come by it.
    Outcome(Box<NewOutcome>),
    /// How far a resend or replay has come.
    Job(Box<StoredJob>),
    /// Tell when everything before this is stored.
    Flush(oneshot::Sender<()>),
}

/// What became of an attempt.
pub(super) struct NewOutcome {
    pub key: Key,
    pub progress: Option<Progress>,
    /// A delivery that its first attempt made at once.
    pub delivered: Option<(u64, Timestamp, Exchange)>,
    pub delivery: Option<Delivery>,
    pub attempt: Option<Attempt>,
}

impl NewOutcome {
    /// Nothing yet for that webhook.
    pub(super) fn of(key: Key) -> Self {
        Self { key, progress: None, delivered: None, delivery: None, attempt: None }
    }
}

/// The way to the task that records.
#[derive(Clone)]
pub(super) struct Recorder {
    notes: mpsc::Sender<Note>,
}

impl Recorder {
    /// A recorder, and the task that does its work until every recorder is gone.
    pub(super) fn new(writer: Writer, ambient: Ambient) -> (Self, impl Future<Output = ()> + Send) {
        let (notes, waiting) = mpsc::channel(WAITING_MAX);
        (Self { notes }, record(writer, ambient, waiting))
    }

    /// Records something soon; waits while too much is waiting.
    pub(super) async fn note(&self, note: Note) {
        // An error means that the server is closing and its recorder has ended.
        drop(self.notes.send(note).await);
    }

    /// Waits until everything noted before is stored.
    pub(super) async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        self.note(Note::Flush(done)).await;
        // An error means that the server is closing.
        let _ = is_done.await;
    }
}

#[derive(Default)]
struct Batch {
    outcomes: HashMap<Key, Outcomes>,
    progress: HashMap<Key, Progress>,
    jobs: HashMap<landfall_domain::id::JobId, StoredJob>,
    flushed: Vec<oneshot::Sender<()>>,
}

type Stored = (
    Vec<(OrganizationId, WebhookId, Outcomes)>,
    Vec<(OrganizationId, WebhookId, Progress)>,
    Vec<StoredJob>,
);

impl Batch {
    fn add(&mut self, note: Note) {
        match note {
            Note::Outcome(outcome) => self.add_outcome(*outcome),
            Note::Job(job) => drop(self.jobs.insert(job.id, *job)),
            Note::Flush(done) => self.flushed.push(done),
        }
    }

    fn add_outcome(&mut self, outcome: NewOutcome) {
        let NewOutcome { key, progress, delivered, delivery, attempt } = outcome;
        if let Some(progress) = progress {
            self.progress.insert(key, progress);
        }
        let outcomes = self.outcomes.entry(key).or_default();
        if let Some((sequence, at, exchange)) = delivered {
            outcomes.delivered.push(sequence, at, exchange);
        }
        outcomes.deliveries.extend(delivery);
        outcomes.attempts.extend(attempt);
    }

    fn into_rows(self) -> (Stored, Vec<oneshot::Sender<()>>) {
        let Self { outcomes, progress, jobs, flushed } = self;
        let kept = outcomes.into_iter().filter(|(_, outcomes)| !outcomes.is_empty());
        let outcomes =
            kept.map(|((organization, webhook), outcomes)| (organization, webhook, outcomes));
        let progress = progress
            .into_iter()
            .map(|((organization, webhook), progress)| (organization, webhook, progress));
        ((outcomes.collect(), progress.collect(), jobs.into_values().collect()), flushed)
    }
}

fn store(
    db: &mut Connection,
    (outcomes, progress, jobs): &Stored,
    ids: (Timestamp, [u8; 16]),
) -> Result<(), StoreError> {
    put_outcomes(db, outcomes, ids)?;
    put_progress(db, progress.iter().map(|(organization, id, at)| (*organization, *id, at)))?;
    jobs.iter().try_for_each(|job| webhook_job::advance(db, job))
}

async fn record(writer: Writer, ambient: Ambient, mut waiting: mpsc::Receiver<Note>) {
    let mut notes = Vec::new();
    while waiting.recv_many(&mut notes, WAITING_MAX).await > 0 {
        let mut batch = Batch::default();
        notes.drain(..).for_each(|note| batch.add(note));
        let (rows, flushed) = batch.into_rows();
        store_at_last(&writer, &ambient, rows).await;
        let is_urgent = !flushed.is_empty();
        for done in flushed {
            // An error means that nobody waits any more.
            let _ = done.send(());
        }
        if !is_urgent {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Stores rows, trying until it works or the store closes. A try of which nobody knows how it went is
/// repeated with the same ids, so that nothing is stored twice.
async fn store_at_last(writer: &Writer, ambient: &Ambient, rows: Stored) {
    let rows = Arc::new(rows);
    let ids = (ambient.now(), ambient.entropy());
    loop {
        let taken = Arc::clone(&rows);
        match writer.run(Box::new(move |db| store(db, &taken, ids))).await {
            // After a failed sync nothing is stored any more until a restart, which begins from what
            // is on the disk.
            Ok(()) | Err(StoreError::Closing | StoreError::NotSynced) => return,
            Err(error) => warn(&error),
        }
        tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
    }
}

fn warn(error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "outcomes of deliveries can't be stored; will try again");
}
