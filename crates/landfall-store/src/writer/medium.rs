//! What keeps what is committed, and what it wants beside.

use super::Disk;
use crate::driver::Connection;
use crate::durable::Tell;
use crate::error::StoreError;

/// Where the thread that stores stores.
pub(super) enum Medium {
    /// A file of SQLite, whose log is made durable beside, and copied into the file beside.
    File(Disk),
    /// A PostgreSQL, which makes a commit durable before it answers.
    Server,
}

impl Medium {
    /// At how many places a group is, one after the other, until its callers are told: decided, stored and,
    /// beside the groups that follow, made durable.
    pub(super) const fn stations(&self) -> usize {
        match self {
            Self::File(_) => 3,
            Self::Server => 2,
        }
    }

    /// Whether anything may be written at all.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::File(disk) => disk.durable.check(),
            Self::Server => Ok(()),
        }
    }

    /// Tells somebody once everything that is committed now is durable.
    pub(super) fn once_durable(&self, tell: Tell) {
        match self {
            Self::File(disk) => disk.durable.after_sync(tell),
            Self::Server => tell(Ok(())),
        }
    }

    /// Called between groups, with how many rows were written since.
    pub(super) fn after_group(&mut self, db: &mut Connection, rows: u64) {
        match self {
            Self::File(disk) => disk.checkpointer.after_group(db, rows),
            Self::Server => {}
        }
    }
}
