//! The thread that makes commits durable, beside the one that writes: one sync covers all that was
//! committed before it began.

use std::fs::File;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;

/// What both threads know.
#[derive(Default)]
pub(super) struct Syncing {
    rows: Mutex<Rows>,
    changed: Condvar,
}

/// Counted from the beginning.
#[derive(Default)]
struct Rows {
    committed: usize,
    durable: usize,
    is_over: bool,
    has_failed: bool,
}

impl Syncing {
    /// So many rows more are in the log.
    pub(super) fn committed(&self, rows: usize) {
        self.rows().committed += rows;
        self.changed.notify_all();
    }

    /// Waits until at most so many rows are in the log and not durable; tells for how long.
    pub(super) fn wait_until_unsynced(&self, rows_max: usize) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let mut rows = self.rows();
        while rows.committed - rows.durable > rows_max && !rows.has_failed {
            rows = self.wait(rows);
        }
        if rows.has_failed {
            bail!("the disk failed to sync");
        }
        Ok(begun.elapsed())
    }

    /// Syncs whenever something was committed.
    fn serve(&self, log: &File) -> io::Result<()> {
        while let Some(committed) = self.next() {
            let synced = log.sync_data();
            let mut rows = self.rows();
            rows.durable = committed;
            rows.has_failed = synced.is_err();
            drop(rows);
            self.changed.notify_all();
            synced?;
        }
        Ok(())
    }

    /// How much is committed, once it is more than is durable; none when it is over.
    fn next(&self) -> Option<usize> {
        let mut rows = self.rows();
        while rows.committed == rows.durable && !rows.is_over {
            rows = self.wait(rows);
        }
        (rows.committed > rows.durable).then_some(rows.committed)
    }

    fn end(&self) {
        self.rows().is_over = true;
        self.changed.notify_all();
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, rows: MutexGuard<'a, Rows>) -> MutexGuard<'a, Rows> {
        self.changed.wait(rows).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works while a second thread syncs the log.
pub(super) fn with_syncing<T>(
    log: &File,
    work: impl FnOnce(&Syncing) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let syncing = Syncing::default();
    thread::scope(|scope| {
        let thread = scope.spawn(|| syncing.serve(log));
        let done = work(&syncing);
        syncing.end();
        let synced = thread.join();
        synced.unwrap_or_else(|_| Err(io::Error::other("the thread that syncs panicked")))?;
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_committed_becomes_durable_by_itself() {
        let log = tempfile::tempfile().unwrap();

        let waited = with_syncing(&log, |syncing| {
            for _ in 0..100 {
                syncing.committed(3);
                syncing.wait_until_unsynced(9)?;
            }
            syncing.wait_until_unsynced(0)
        });

        assert!(waited.is_ok());
    }

    #[test]
    fn an_error_of_the_work_ends_the_thread_and_is_told() {
        let log = tempfile::tempfile().unwrap();

        let refused = with_syncing(&log, |_| -> anyhow::Result<()> { bail!("no such table") });

        assert_eq!(refused.unwrap_err().to_string(), "no such table");
    }
}
