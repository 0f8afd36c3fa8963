//! How remembering fails.

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
    /// The database refused.
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
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
    /// A row that does not hold what it should.
    pub fn corrupt(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt { what, source: source.into() }
    }
}
