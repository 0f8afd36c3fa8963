//! Making commits durable, beside the writer.
//!
//! SQLite can sync its log inside every COMMIT, but then the writer waits for the disk while the
//! next group waits for the writer. Here COMMIT only appends to the log (`synchronous = NORMAL`),
//! and this thread syncs the log and only then lets anyone hear of the commit. One sync covers every
//! group that was committed before it began. See `docs/decisions/0005`.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::error::StoreError;
use crate::stats::Stats;

/// Groups that may be committed and not yet durable; the writer waits when there are more.
const WAITING_MAX: usize = 64;

/// Tells the callers of a group; called once, when the group is durable or never will be.
pub(crate) type Tell = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The writer's side of the thread that syncs.
pub(crate) struct Durable {
    groups: SyncSender<Tell>,
    is_broken: Arc<AtomicBool>,
}

impl Durable {
    /// Starts the thread, which ends when the `Durable` is gone and every caller was told.
    ///
    /// SQLite keeps no lock on the log file, so a second handle on it loses none when it closes, and
    /// the file stays the same one for as long as a connection is open.
    pub(crate) fn start(
        log: &Path,
        stats: Arc<Stats>,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        let failed = |source| StoreError::File { path: log.display().to_string(), source };
        let file = File::options().write(true).open(log).map_err(failed)?;
        let (groups, committed) = sync_channel(WAITING_MAX);
        let is_broken = Arc::new(AtomicBool::new(false));
        let disk = Disk { file, is_broken: Arc::clone(&is_broken), stats };
        let thread = std::thread::Builder::new()
            .name("landfall-sync".to_owned())
            .spawn(move || disk.serve(&committed))
            .map_err(failed)?;
        Ok((Self { groups, is_broken }, thread))
    }

    /// Has a group's callers told once everything that is committed now is durable.
    pub(crate) fn after_sync(&self, tell: Tell) {
        if let Err(refused) = self.groups.send(tell) {
            refused.0(Err(StoreError::Closing));
        }
    }

    /// Is set when the disk failed to sync, by whoever notices.
    pub(crate) fn is_broken(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_broken)
    }

    /// Refuses to write on after the disk failed to sync.
    ///
    /// What such a disk holds is unknown, and asking it again may answer "done" for pages that it
    /// dropped. Only opening the data again tells what is there.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.is_broken.load(Ordering::Acquire) { Err(StoreError::NotSynced) } else { Ok(()) }
    }
}

struct Disk {
    file: File,
    is_broken: Arc<AtomicBool>,
    stats: Arc<Stats>,
}

impl Disk {
    fn serve(self, committed: &Receiver<Tell>) {
        while let Ok(first) = committed.recv() {
            let mut told = vec![first];
            told.extend(committed.try_iter());
            let is_durable = self.sync();
            for tell in told {
                tell(if is_durable { Ok(()) } else { Err(StoreError::NotSynced) });
            }
        }
    }

    fn sync(&self) -> bool {
        if self.is_broken.load(Ordering::Acquire) {
            return false;
        }
        let begun = Instant::now();
        let outcome = self.file.sync_data();
        Stats::count_time(&self.stats.sync_micros, begun.elapsed());
        if let Err(error) = &outcome {
            self.is_broken.store(true, Ordering::Release);
            tracing::error!(error = error as &dyn std::error::Error, "the disk failed to sync");
        }
        outcome.is_ok()
    }
}
