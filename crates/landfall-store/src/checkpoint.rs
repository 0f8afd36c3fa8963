//! Checkpoints, outside commits: the log file is copied into the data file by a thread of its own.
//!
//! While writes go on, such a copy never quite reaches the log's end, and the log would grow for
//! ever. So it is copied again, each time what came during the copy before, until that is little. The
//! writer copies the last bit itself, between two groups, and its next write begins the log anew. All
//! callers wait meanwhile. SQLite syncs the data file only when a copy reaches the log's end, which would be
//! the writer's as a rule, and takes 10 to 30 ms; so the thread syncs it as well, after each of its copies.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::driver::Connection;
use crate::error::StoreError;

/// Pages written to the log between two checkpoints, about: some tens of MiB.
const PAGES_BETWEEN: u64 = 16_000;
/// The pages that a group writes whatever it holds: heads, and the ends of tables and indexes. Each row
/// adds one or two. A busy writer's groups are large, an almost idle one's hold a row or two.
const PAGES_OF_GROUP: u64 = 12;
/// A copy that takes less, with its sync, leaves little to the writer.
const SHORT: Duration = Duration::from_millis(10);
/// No copy is short on a slow disk.
const COPIES_MAX: u32 = 4;

/// The writer's side of checkpointing.
pub(crate) struct Checkpointer {
    wake: SyncSender<()>,
    is_copied: Arc<AtomicBool>,
    pages: u64,
}

impl Checkpointer {
    /// Starts the thread, which ends when the `Checkpointer` is gone.
    ///
    /// `is_broken` is set when the disk fails to sync, after which nothing may be written.
    pub(crate) fn start(
        path: &Path,
        is_broken: Arc<AtomicBool>,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        let db = Connection::open_checkpointer(path)?;
        let file_error = |source| StoreError::File { path: path.display().to_string(), source };
        let data = Data { file: File::open(path).map_err(file_error)?, is_broken };
        let (wake, woken) = sync_channel(1);
        let is_copied = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_copied);
        let thread = std::thread::Builder::new()
            .name("landfall-checkpoint".to_owned())
            .spawn(move || copy_when_woken(db, &data, &woken, &told))
            .map_err(|source| StoreError::File { path: "checkpoint thread".to_owned(), source })?;
        Ok((Self { wake, is_copied, pages: 0 }, thread))
    }

    /// Called between groups: wakes the thread now and then, and copies what it left.
    pub(crate) fn after_group(&mut self, db: &mut Connection, rows: u64) {
        if rows > 0 {
            self.pages += rows + PAGES_OF_GROUP;
        }
        if self.is_copied.swap(false, Ordering::AcqRel) {
            // Who reads an older moment holds up the last bit; then it is tried again soon.
            self.pages = if checkpoint(db) { 0 } else { PAGES_BETWEEN - PAGES_BETWEEN / 8 };
        } else if self.pages >= PAGES_BETWEEN {
            self.pages = 0;
            // A full channel means that the thread is at it already.
            let _ = self.wake.try_send(());
        }
    }
}

/// The data file once more. It stays open as long as the thread lives: whoever closes a file gives up all
/// locks of the process on it, which are SQLite's.
struct Data {
    file: File,
    is_broken: Arc<AtomicBool>,
}

impl Data {
    /// Whether the disk did so; else it may say so the next time of pages that it dropped.
    fn sync(&self) -> bool {
        let outcome = self.file.sync_data();
        if let Err(error) = &outcome {
            self.is_broken.store(true, Ordering::Release);
            tracing::error!(error = error as &dyn std::error::Error, "the disk failed to sync");
        }
        outcome.is_ok()
    }
}

fn copy_when_woken(mut db: Connection, data: &Data, woken: &Receiver<()>, is_copied: &AtomicBool) {
    while woken.recv().is_ok() {
        for _ in 0..COPIES_MAX {
            let begun = Instant::now();
            checkpoint(&mut db);
            if !data.sync() {
                // Whoever closes the last connection would remove the log, which holds what the file lacks.
                return std::mem::forget(db);
            }
            if begun.elapsed() < SHORT {
                break;
            }
        }
        is_copied.store(true, Ordering::Release);
    }
}

/// Copies as much as readers and the writer allow, and says whether that is all of the log; a failure is
/// tried again with the next.
fn checkpoint(db: &mut Connection) -> bool {
    let pragma = "PRAGMA wal_checkpoint(PASSIVE)";
    let pages = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
    match db.sqlite().and_then(|sqlite| Ok(sqlite.query_row(pragma, [], pages)?)) {
        Ok((in_log, copied)) => in_log == copied,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a checkpoint failed");
            false
        }
    }
}
