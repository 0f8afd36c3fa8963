//! How remembering fails.

use rusqlite::ErrorCode;

/// A failure of the store; its sender may try again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue of writes is full.
    #[error("too many reports are waiting to be written; try again in a second")]
    Busy,
    /// The store is shutting down, or its writer ended.
    #[error("the store is closing")]
    Closing,
    /// Another process has the data directory open.
    #[error("`{0}` is in use by another Landfall process; stop it, or give another --data")]
    InUse(String),
    /// The data was written by a newer Landfall.
    #[error("the data has schema {found}, but this Landfall knows only {known}; upgrade it")]
    Newer {
        /// The schema that was found.
        found: i64,
        /// The newest schema that is known.
        known: i64,
    },
    /// The data was written by an older Landfall, and nobody asked to change it.
    #[error(
        "the data has schema {found}, and this Landfall works with {known}: start `landfall serve` on \
         it once, which upgrades it, and stop it again"
    )]
    Older {
        /// The schema that was found.
        found: i64,
        /// The schema that is wanted.
        known: i64,
    },
    /// A copy broke off, or goes on still.
    #[error(
        "this is a copy that has not come to its end: wait for `landfall copy`, or start it again, \
         which begins afresh"
    )]
    Incomplete,
    /// Something is to be put where there is data already.
    #[error("`{0}` holds data already; name an empty place, such as a new directory or database")]
    NotEmpty(String),
    /// A copy is not what its source is.
    #[error("the copy is not as its source, so it stays marked as incomplete: {0}")]
    Differs(String),
    /// SQLite failed.
    #[error("the database failed")]
    Database(#[source] rusqlite::Error),
    /// PostgreSQL refused a statement.
    #[error("the database refused a statement: {message} ({code})")]
    Refused {
        /// PostgreSQL's code for the reason.
        code: String,
        /// The reason, without what a row holds.
        message: String,
    },
    /// The database can't be reached, can't write or is out of something; it may be back soon.
    #[error("the database can't be used now: {0}")]
    Unavailable(String),
    /// The connection was lost before anything was stored; another one may serve.
    #[error("the connection to the database was lost: {0}")]
    Lost(String),
    /// Another transaction was in the way, so nothing was stored; again it may work.
    #[error("another transaction was in the way: {0}")]
    Conflict(String),
    /// Another node wrote since, or may have while the connection was lost, so nothing was stored.
    #[error("another node wrote, or may have")]
    Overtaken,
    /// The connection was lost while a commit was under way, so nobody knows what is stored.
    #[error("the connection to the database was lost during the commit; it may be stored or not")]
    OutcomeUnknown,
    /// The address of the database is not one.
    #[error("the address of the database can't be used: {0}")]
    Address(&'static str),
    /// The database is not set up as Landfall needs it.
    #[error("this PostgreSQL can't be used: {0}")]
    Unfit(String),
    /// Something that only the other engine has.
    #[error("that is possible with the other kind of database only")]
    OtherEngine,
    /// A row does not hold what it should.
    #[error("stored {what} can't be read")]
    Corrupt {
        /// Which kind of row.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file could not be used.
    #[error("`{path}` can't be used")]
    File {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The disk reported that it could not keep what was written.
    #[error(
        "the disk failed to sync, so nothing more is written; check the disk, then restart Landfall"
    )]
    NotSynced,
    /// The group that this write was in could not be committed.
    #[error("the write could not be stored: {0}")]
    NotCommitted(String),
}

impl StoreError {
    /// Whether nothing was stored and the same transaction may go through now.
    pub(crate) const fn invites_repeat(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Conflict(_) | Self::Overtaken)
    }

    /// Whether it is about the database as a whole, so that no part of a group fares better alone.
    pub(crate) const fn is_of_database(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_)
                | Self::Lost(_)
                | Self::Conflict(_)
                | Self::Overtaken
                | Self::OutcomeUnknown
        )
    }

    /// A row that does not hold what it should.
    pub fn corrupt(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt { what, source: source.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let trouble = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk is full; make room, and it goes on by itself",
            Some(ErrorCode::ReadOnly) => "the data directory is read-only",
            Some(ErrorCode::SystemIoFailure) => "the disk failed",
            _ => return Self::Database(error),
        };
        Self::Unavailable(format!("{trouble} ({error})"))
    }
}
