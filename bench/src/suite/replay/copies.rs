//! The thread that copies the log into the file, so that the log begins anew now and then.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::anyhow;
use rusqlite::Connection;

/// As many as between two checkpoints of the server.
const ROWS_BETWEEN_COPIES: u64 = 20_000;

/// The side of the thread that writes.
pub(super) struct Copies<'a> {
    wake: SyncSender<()>,
    is_copied: &'a AtomicBool,
    rows: u64,
}

impl Copies<'_> {
    /// Wakes the thread now and then, and copies what little it left.
    pub(super) fn after_group(&mut self, db: &Connection, rows: u64) {
        self.rows += rows;
        if self.is_copied.swap(false, Ordering::AcqRel) {
            copy(db);
            self.rows = 0;
        } else if self.rows >= ROWS_BETWEEN_COPIES {
            self.rows = 0;
            // A full channel means that the thread is at it already.
            let _ = self.wake.try_send(());
        }
    }
}

/// Works while a second thread copies the log whenever it is woken.
pub(super) fn with_copies<T>(
    file: &Path,
    work: impl FnOnce(Copies<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let is_copied = AtomicBool::new(false);
    let (wake, woken) = sync_channel(1);
    thread::scope(|scope| {
        let told = &is_copied;
        let thread = scope.spawn(move || copy_when_woken(file, &woken, told));
        let done = work(Copies { wake, is_copied: &is_copied, rows: 0 });
        let copied = thread.join().map_err(|_| anyhow!("the thread that copies panicked"))?;
        copied.and(done)
    })
}

fn copy_when_woken(
    file: &Path,
    woken: &Receiver<()>,
    is_copied: &AtomicBool,
) -> anyhow::Result<()> {
    let db = Connection::open(file)?;
    while woken.recv().is_ok() {
        copy(&db);
        copy(&db);
        is_copied.store(true, Ordering::Release);
    }
    Ok(())
}

/// As much as can be; the rest is copied with the next.
fn copy(db: &Connection) {
    drop(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
}
