//! Deciding and storing a group in one transaction that holds the heads of its organizations: where
//! others write to the same data, what a decision looks up then can't change before it is stored.

use std::time::Instant;

use super::Committed;
use super::decider::Decider;
use super::queue::Batch;
use crate::cache::Cache;
use crate::driver::Connection;
use crate::error::StoreError;
use crate::group::{Decided, Group, resolve};
use crate::heads::Footing;
use crate::stats::Stats;

/// How often a group is tried that another transaction or a lost connection is in the way of.
const TRIES_MAX: u32 = 3;

impl Decider {
    /// Decides and stores a group. Everything before it must be stored.
    pub(super) fn write_held(&mut self, batch: Batch) {
        let outcome = self.try_held(&batch.group);
        Stats::count(&self.stats.round_trips, self.db.take_round_trips());
        Stats::count(&self.stats.rows_written, self.db.take_rows_written());
        match outcome {
            Ok((decisions, committed)) => {
                self.stats.count_group(batch.group.len());
                batch.tell(decisions, &committed, &self.ears);
            }
            Err(error) if batch.group.len() > 1 && !error.is_of_database() => {
                batch.one_by_one().for_each(|alone| self.write_held(alone));
            }
            Err(error) => batch.refuse(&error),
        }
    }

    /// Writes a group, again if something was in the way and nothing of it is stored.
    fn try_held(&mut self, group: &Group) -> Result<(Vec<Decided>, Vec<Committed>), StoreError> {
        let Self { db, cache, stats, .. } = self;
        let mut tries = 1;
        loop {
            let outcome = super::guarded(db, stats, |db| run(db, cache, stats, group));
            if outcome.is_err() {
                cache.clear();
            }
            match outcome {
                Err(error) if error.invites_repeat() && tries < TRIES_MAX => tries += 1,
                outcome => return outcome,
            }
        }
    }
}

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
    let resolved = resolve(db, cache, group, Footing::Held)?;
    resolved.draft.write_to(db)?;
    super::commit(db, stats, begun, || {})?;
    Ok((resolved.decisions, resolved.committed))
}
