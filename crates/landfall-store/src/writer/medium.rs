//! What keeps what is committed, and what it wants beside.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Disk;
use crate::driver::Connection;
use crate::durable::Tell;
use crate::error::StoreError;

/// Where the thread that stores stores.
pub(super) enum Medium {
    /// A file of SQLite, whose log is made durable beside, and copied into the file beside.
    File(Disk),
    /// A PostgreSQL, which makes a commit durable before it answers.
    Server(Untold),
}

/// Who is to be told of what is durable, once the next group is on its way.
#[derive(Default)]
pub(super) struct Untold(Option<Tell>);

impl Medium {
    /// At how many places a group is, one after the other, until its callers are told: decided, stored and,
    /// beside the groups that follow, made durable.
    pub(super) const fn stations(&self) -> usize {
        match self {
            Self::File(_) => 3,
            Self::Server(_) => 2,
        }
    }

    /// Whether anything may be written at all.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::File(disk) => disk.durable.check(),
            Self::Server(_) => Ok(()),
        }
    }

    /// Has somebody told once everything that is committed now is durable; where it is already, with the next
    /// [`Self::tell`].
    pub(super) fn once_durable(&mut self, tell: Tell) {
        match self {
            Self::File(disk) => disk.durable.after_sync(tell),
            Self::Server(untold) => untold.0 = Some(tell),
        }
    }

    /// Tells whoever is to be told now: those who are told go on, and take processor time that the next group
    /// wants first. A defect in that must not reach the next group, which may be on its way.
    pub(super) fn tell(&mut self) {
        if let Self::Server(untold) = self
            && let Some(tell) = untold.0.take()
            && catch_unwind(AssertUnwindSafe(|| tell(Ok(())))).is_err()
        {
            tracing::error!("not everybody was told of a group; see the log");
        }
    }

    /// Called between groups, with how many rows were written since.
    pub(super) fn after_group(&mut self, db: &mut Connection, rows: u64) {
        match self {
            Self::File(disk) => disk.checkpointer.after_group(db, rows),
            Self::Server(_) => {}
        }
    }
}
