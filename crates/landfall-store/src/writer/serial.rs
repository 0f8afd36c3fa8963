//! One thread that decides and stores, each group in one transaction: where others write to the same
//! data, what a decision looks up must not change before the decision is stored.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use super::queue::{Batch, Ears, Reply, Request, gather};
use super::{Committed, Job};
use crate::cache::Cache;
use crate::driver::Connection;
use crate::error::StoreError;
use crate::group::{Decided, Group, resolve, store};
use crate::plans::Plans;
use crate::stats::Stats;

/// How often a group is tried that another transaction or a lost connection is in the way of.
const TRIES_MAX: u32 = 3;

pub(super) struct Serial {
    db: Connection,
    cache: Cache,
    stats: Arc<Stats>,
    ears: Arc<Ears>,
    plans: Plans,
}

impl Serial {
    pub(super) fn new(db: Connection, stats: &Arc<Stats>, ears: &Arc<Ears>) -> Self {
        let (cache, plans) = (Cache::default(), Plans::default());
        Self { db, cache, stats: Arc::clone(stats), ears: Arc::clone(ears), plans }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn serve(mut self, mut queue: mpsc::Receiver<Request>) {
        let mut next = queue.blocking_recv();
        while let Some(first) = next.take() {
            let (batch, left) = gather(first, &mut queue);
            if !batch.is_empty() {
                self.write(batch);
            }
            next = match left {
                Some(Request::Run(job, reply) | Request::RunBetween(job, reply)) => {
                    self.run_alone(job, reply);
                    queue.blocking_recv()
                }
                left => left.or_else(|| queue.blocking_recv()),
            };
            let rows = self.db.take_rows_written();
            Stats::count(&self.stats.rows_written, rows);
            self.plans.after_group(&mut self.db, rows);
        }
    }

    fn write(&mut self, batch: Batch) {
        Stats::count(&self.stats.groups, 1);
        Stats::count(&self.stats.jobs, batch.group.len() as u64);
        let outcome = self.try_write(&batch.group);
        Stats::count(&self.stats.round_trips, self.db.take_round_trips());
        match outcome {
            Ok((decisions, committed)) => batch.tell(decisions, &committed, &self.ears),
            Err(error) if batch.group.len() > 1 && !error.is_of_database() => {
                batch.one_by_one().for_each(|alone| self.write(alone));
            }
            Err(error) => batch.refuse(&error),
        }
    }

    /// Writes a group, again if something was in the way and nothing of it is stored.
    fn try_write(&mut self, group: &Group) -> Result<(Vec<Decided>, Vec<Committed>), StoreError> {
        let mut tries = 1;
        loop {
            match self.guarded(|db, cache, stats| run(db, cache, stats, group)) {
                Err(error) if error.invites_repeat() && tries < TRIES_MAX => tries += 1,
                outcome => return outcome,
            }
        }
    }

    fn run_alone(&mut self, job: Job, reply: Reply<()>) {
        let outcome = self.guarded(|db, _, _| super::run_job(db, job));
        // An error means that the caller went away.
        drop(reply.send(outcome));
        // Those of jobs are nobody's measure.
        self.db.take_round_trips();
    }

    /// Runs work that may fail or panic; whatever happens, the connection is usable afterwards.
    fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut Connection, &mut Cache, &Stats) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Self { db, cache, stats, .. } = self;
        let outcome = super::guarded(db, stats, |db| work(db, cache, stats));
        if outcome.is_err() {
            cache.clear();
        }
        outcome
    }
}

/// Runs a group in one transaction.
fn run(
    db: &mut Connection,
    cache: &mut Cache,
    stats: &Stats,
    group: &Group,
) -> Result<(Vec<Decided>, Vec<Committed>), StoreError> {
    let begun = Instant::now();
    db.begin()?;
    if db.take_reopened() {
        cache.clear();
    }
    let resolved = resolve(db, cache, group)?;
    let committed = store(db, &resolved, group)?;
    super::commit(db, stats, begun)?;
    if group.is_of_reports() {
        cache.shrink();
    } else {
        cache.unload();
    }
    Ok((resolved.decisions, committed))
}
