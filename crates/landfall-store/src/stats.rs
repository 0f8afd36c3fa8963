//! What the store counts about itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters since the start; each only grows.
#[derive(Debug, Default)]
pub struct Stats {
    /// Rows inserted, updated or deleted.
    pub rows_written: AtomicU64,
    /// Groups committed.
    pub groups: AtomicU64,
    /// Jobs in those groups.
    pub jobs: AtomicU64,
    /// Microseconds spent on those groups, from their first read to the end of their commit; without
    /// deciding and drafting where that was done ahead, on a thread of its own.
    pub busy_micros: AtomicU64,
    /// Microseconds of that spent in COMMIT; on PostgreSQL on all that is sent with it, while those of the
    /// group before are told.
    pub commit_micros: AtomicU64,
    /// Microseconds spent waiting for the disk, beside the groups that follow.
    pub sync_micros: AtomicU64,
    /// Round trips to the database that those groups took; none on SQLite.
    pub round_trips: AtomicU64,
    /// Groups that were decided again, since another node had written first, or may have while the
    /// connection was lost; none on SQLite.
    pub overtaken: AtomicU64,
    /// Groups that could not be committed.
    pub failures: AtomicU64,
}

impl Stats {
    pub(crate) fn count_group(&self, jobs: usize) {
        Self::count(&self.groups, 1);
        Self::count(&self.jobs, jobs as u64);
    }

    pub(crate) fn count(counter: &AtomicU64, by: u64) {
        counter.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn count_time(counter: &AtomicU64, time: Duration) {
        Self::count(counter, u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// A counter's value.
    pub fn value(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}
