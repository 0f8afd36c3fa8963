//! The thread that stores what was decided ahead, on a connection of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Instant;

use tokio::sync::mpsc;

use super::queue::{Batch, Ears, Reply, Request};
use super::{Job, Medium};
use crate::driver::{Connection, Draft};
use crate::error::StoreError;
use crate::group::Resolved;
use crate::stats::Stats;

/// What the thread is asked to do; one after the other.
pub(super) enum Step {
    Store(Box<Resolved>, Batch),
    Run(Job, Reply<()>),
    /// Says whether everything since this was asked last was stored, or else what came back. What is
    /// decided from now on counts again.
    Rest(SyncSender<Result<(), Vec<Returned>>>),
}

impl Step {
    /// Tells whoever waits for it that nobody is there any more to do it.
    pub(super) fn refuse(self) {
        match self {
            Self::Store(_, batch) => batch.refuse(&StoreError::Closing),
            // An error means that the caller went away.
            Self::Run(_, reply) => drop(reply.send(Err(StoreError::Closing))),
            Self::Rest(_) => {}
        }
    }
}

/// A group that was not stored.
pub(super) struct Returned {
    pub batch: Batch,
    /// Whether it failed itself, and not one before it.
    pub is_suspect: bool,
}

/// Whether something was not stored, so that what was decided on top of it does not count.
#[derive(Clone, Default)]
pub(super) struct Astray(Arc<AtomicBool>);

impl Astray {
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self, is_astray: bool) {
        self.0.store(is_astray, Ordering::Release);
    }
}

pub(super) struct Storer {
    pub db: Connection,
    pub medium: Medium,
    pub stats: Arc<Stats>,
    pub ears: Arc<Ears>,
    pub astray: Astray,
    pub returned: Vec<Returned>,
    /// Wakes the thread that decides when something comes back.
    pub decider: mpsc::WeakSender<Request>,
}

impl Storer {
    /// Works until nobody hands it steps any more.
    pub(super) fn serve(mut self, steps: &Receiver<Step>) {
        while let Some(step) = self.next(steps) {
            match step {
                Step::Store(_, batch) if self.astray.is_set() => self.give_back(batch, false),
                Step::Store(resolved, batch) => self.store(*resolved, batch),
                Step::Run(job, reply) => self.run_alone(job, reply),
                Step::Rest(reply) => {
                    // An error means that the other thread is gone.
                    drop(reply.send(self.look_back()));
                }
            }
            let rows = self.db.take_rows_written();
            Stats::count(&self.stats.rows_written, rows);
            self.medium.after_group(&mut self.db, rows);
        }
    }

    /// The next step. Unless it stores a group, which leaves time to tell those of the group before, they are
    /// told first: nobody may hear of anything that comes later.
    fn next(&mut self, steps: &Receiver<Step>) -> Option<Step> {
        let step = steps.try_recv();
        if !matches!(step, Ok(Step::Store(..))) {
            self.medium.tell();
        }
        step.or_else(|_| steps.recv()).ok()
    }

    fn look_back(&mut self) -> Result<(), Vec<Returned>> {
        if !self.astray.is_set() {
            return Ok(());
        }
        self.astray.set(false);
        Err(std::mem::take(&mut self.returned))
    }

    fn store(&mut self, resolved: Resolved, batch: Batch) {
        let Resolved { decisions, committed, draft } = resolved;
        let outcome = self.write(draft);
        self.medium.tell();
        Stats::count(&self.stats.round_trips, self.db.take_round_trips());
        match outcome {
            Ok(()) => {
                self.stats.count_group(batch.group.len());
                let ears = Arc::clone(&self.ears);
                self.medium.once_durable(Box::new(move |synced| match synced {
                    Ok(()) => batch.tell(decisions, &committed, &ears),
                    Err(error) => batch.refuse(&error),
                }));
            }
            Err(error) if self.db.is_shared() && error.invites_repeat() => {
                self.give_back(batch, false);
            }
            Err(error) if batch.group.len() > 1 && !error.is_of_database() => {
                self.give_back(batch, true);
            }
            Err(error) => {
                self.go_astray();
                batch.refuse(&error);
            }
        }
    }

    fn write(&mut self, draft: Draft) -> Result<(), StoreError> {
        let Self { db, medium, stats, .. } = self;
        medium.check()?;
        if !db.is_ready() {
            // Until there is another connection, or none, nobody need wait who is stored.
            medium.tell();
        }
        super::guarded(db, stats, |db| {
            let begun = Instant::now();
            db.begin()?;
            if db.take_reopened() {
                return Err(StoreError::Overtaken);
            }
            draft.write_to(db)?;
            super::commit(db, stats, begun, || medium.tell())
        })
    }

    fn run_alone(&mut self, job: Job, reply: Reply<()>) {
        let Self { db, medium, stats, .. } = self;
        let outcome = medium.check().and_then(|()| {
            let run = |db: &mut Connection| super::run_job(db, job);
            super::guarded(db, stats, run)
        });
        let is_failed = outcome.is_err();
        // An error means that the caller went away.
        medium.once_durable(Box::new(|synced| drop(reply.send(outcome.and(synced)))));
        // Those of jobs are nobody's measure.
        db.take_round_trips();
        if is_failed {
            self.go_astray();
        }
    }

    fn give_back(&mut self, batch: Batch, is_suspect: bool) {
        self.returned.push(Returned { batch, is_suspect });
        self.go_astray();
    }

    fn go_astray(&self) {
        self.astray.set(true);
        if let Some(decider) = self.decider.upgrade() {
            // If the queue is full, the other thread is awake, and looks back before it goes on.
            drop(decider.try_send(Request::LookBack));
        }
    }
}
