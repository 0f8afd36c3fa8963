//! Recording what became of deliveries, in bulk: one transaction for many webhooks.
//!
//! A webhook's cursor moves in the transaction that stores its outcomes. While one transaction is
//! under way the next one gathers. What can't be stored is kept and tried again, and the bounded
//! way to here makes the webhooks wait meanwhile. What came of a webhook that another node took over
//! since is left out: its cursor is that node's.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Attempt, Delivery, Exchange, Progress};
use landfall_store::rows::delivery::{Outcomes, put_outcomes};
use landfall_store::rows::lease::{self, Fence};
use landfall_store::rows::webhook::put_progress;
use landfall_store::rows::webhook_job::{self, StoredJob};
use landfall_store::{Connection, StoreError, Writer};
use prometheus_client::metrics::counter::Counter;
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
    Job(Box<StoredJob>, Option<Fence>),
    /// Tell when everything before this is stored.
    Flush(oneshot::Sender<()>),
}

/// What became of an attempt.
pub(super) struct NewOutcome {
    pub key: Key,
    /// What must still hold for it to be stored.
    pub fence: Option<Fence>,
    pub progress: Option<Progress>,
    /// A delivery that its first attempt made at once.
    pub delivered: Option<(u64, Timestamp, Exchange)>,
    pub delivery: Option<Delivery>,
    pub attempt: Option<Attempt>,
}

impl NewOutcome {
    /// Nothing yet for that webhook, done by hand.
    pub(super) fn of(key: Key) -> Self {
        Self { key, fence: None, progress: None, delivered: None, delivery: None, attempt: None }
    }
}

/// The way to the task that records.
#[derive(Clone)]
pub(super) struct Recorder {
    notes: mpsc::Sender<Note>,
}

impl Recorder {
    /// A recorder, and the task that does its work until every recorder is gone.
    pub(super) fn new(
        writer: Writer,
        ambient: Ambient,
        fenced: Counter,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (notes, waiting) = mpsc::channel(WAITING_MAX);
        (Self { notes }, record((writer, ambient, fenced), waiting))
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

/// Whose something is, and what must still hold for it to be stored.
type Owner = (Key, Option<Fence>);

#[derive(Default)]
struct Batch {
    outcomes: HashMap<Owner, Outcomes>,
    progress: HashMap<Owner, Progress>,
    jobs: HashMap<landfall_domain::id::JobId, (StoredJob, Option<Fence>)>,
    flushed: Vec<oneshot::Sender<()>>,
}

/// What one transaction stores, as far as its fences hold.
struct Rows {
    outcomes: Vec<(Owner, Outcomes)>,
    progress: Vec<(Owner, Progress)>,
    jobs: Vec<(StoredJob, Option<Fence>)>,
    fences: Vec<Fence>,
}

impl Batch {
    fn add(&mut self, note: Note) {
        match note {
            Note::Outcome(outcome) => self.add_outcome(*outcome),
            Note::Job(job, fence) => drop(self.jobs.insert(job.id, (*job, fence))),
            Note::Flush(done) => self.flushed.push(done),
        }
    }

    fn add_outcome(&mut self, outcome: NewOutcome) {
        let NewOutcome { key, fence, progress, delivered, delivery, attempt } = outcome;
        if let Some(progress) = progress {
            self.progress.insert((key, fence), progress);
        }
        let outcomes = self.outcomes.entry((key, fence)).or_default();
        if let Some((sequence, at, exchange)) = delivered {
            outcomes.delivered.push(sequence, at, exchange);
        }
        outcomes.deliveries.extend(delivery);
        outcomes.attempts.extend(attempt);
    }

    fn into_rows(self) -> (Rows, Vec<oneshot::Sender<()>>) {
        let Self { outcomes, progress, jobs, flushed } = self;
        let outcomes = outcomes.into_iter().filter(|(_, outcomes)| !outcomes.is_empty());
        let mut rows = Rows {
            outcomes: outcomes.collect(),
            progress: progress.into_iter().collect(),
            jobs: jobs.into_values().collect(),
            fences: Vec::new(),
        };
        // What was done by hand comes after what the lane noted before it heard of that.
        rows.outcomes.sort_by_key(|((_, fence), _)| fence.is_none());
        rows.fences = rows.all_fences();
        (rows, flushed)
    }
}

impl Rows {
    fn all_fences(&self) -> Vec<Fence> {
        let of_outcomes = self.outcomes.iter().map(|((_, fence), _)| *fence);
        let of_progress = self.progress.iter().map(|((_, fence), _)| *fence);
        let of_jobs = self.jobs.iter().map(|(_, fence)| *fence);
        let fences: BTreeSet<Fence> =
            of_outcomes.chain(of_progress).chain(of_jobs).flatten().collect();
        fences.into_iter().collect()
    }

    /// Stores what may be, and counts the attempts whose outcome may not.
    fn store(&self, db: &mut Connection, ids: (Timestamp, [u8; 16])) -> Result<u64, StoreError> {
        let held = match &self.fences[..] {
            [] => BTreeSet::new(),
            fences => lease::lock(db, fences)?,
        };
        let may = |fence: Option<Fence>| fence.is_none_or(|fence| held.contains(&fence));
        let outcomes = (0..).zip(&self.outcomes).filter(|(_, ((_, fence), _))| may(*fence));
        put_outcomes(db, outcomes.map(|(n, ((key, _), outcomes))| (n, *key, outcomes)), ids)?;
        let progress = self.progress.iter().filter(|((_, fence), _)| may(*fence));
        put_progress(db, progress.map(|((key, _), progress)| (key.0, key.1, progress)))?;
        let mut jobs = self.jobs.iter().filter(|(_, fence)| may(*fence));
        jobs.try_for_each(|(job, _)| webhook_job::advance(db, job))?;
        let left_out = self.outcomes.iter().filter(|((_, fence), _)| !may(*fence));
        Ok(left_out.map(|(_, outcomes)| outcomes.attempts_made()).sum())
    }
}

type Ways = (Writer, Ambient, Counter);

async fn record(ways: Ways, mut waiting: mpsc::Receiver<Note>) {
    let mut notes = Vec::new();
    while waiting.recv_many(&mut notes, WAITING_MAX).await > 0 {
        let mut batch = Batch::default();
        notes.drain(..).for_each(|note| batch.add(note));
        let (rows, flushed) = batch.into_rows();
        store_at_last(&ways, rows).await;
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
async fn store_at_last((writer, ambient, fenced): &Ways, rows: Rows) {
    let (rows, left_out) = (Arc::new(rows), Arc::new(AtomicU64::new(0)));
    let ids = (ambient.now(), ambient.entropy());
    loop {
        let (rows, count) = (Arc::clone(&rows), Arc::clone(&left_out));
        let store = move |db: &mut Connection| {
            count.store(rows.store(db, ids)?, Ordering::SeqCst);
            Ok(())
        };
        match writer.run(Box::new(store)).await {
            Ok(()) => return tell_of_left_out(left_out.load(Ordering::SeqCst), fenced),
            // After a failed sync nothing is stored any more until a restart, which begins from what
            // is on the disk.
            Err(StoreError::Closing | StoreError::NotSynced) => return,
            Err(error) => warn(&error),
        }
        tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
    }
}

fn tell_of_left_out(attempts: u64, fenced: &Counter) {
    if attempts > 0 {
        tracing::warn!(
            attempts,
            "another node took the webhooks; what came of these is not stored"
        );
        fenced.inc_by(attempts);
    }
}

fn warn(error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "outcomes of deliveries can't be stored; will try again");
}
