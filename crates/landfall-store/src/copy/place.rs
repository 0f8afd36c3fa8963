//! Where data is copied from and to: a data directory, or a PostgreSQL.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::tables::Table;
use crate::driver::{Address, Connection, Purpose};
use crate::error::StoreError;
use crate::installation;
use crate::migrate::{found_schema, require_present};
use crate::open::{data_file, file_error, lock};

/// A place of data. Shown, it tells no password.
#[derive(Clone, Debug)]
pub enum Place {
    /// A data directory, which holds a file of SQLite.
    Directory(PathBuf),
    /// A PostgreSQL.
    Database(Arc<Address>),
}

impl Place {
    /// Reads `postgres://…`, or else the path of a directory.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        match text.contains("://") {
            _ if is_url => Ok(Self::Database(Arc::new(Address::parse(text)?))),
            true => {
                Err(StoreError::Address("it is neither a data directory nor a postgres:// URL"))
            }
            false => Ok(Self::Directory(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.display().fmt(f),
            Self::Database(address) => address.fmt(f),
        }
    }
}

/// However long the target takes to write a page.
const WAIT_LONG: &str = "SET LOCAL idle_in_transaction_session_timeout = 0";

/// The data as of one moment, at the present schema. Nobody else has a directory open meanwhile.
pub(super) struct Source {
    db: Connection,
    _lock: Option<File>,
}

impl Source {
    pub(super) fn open(place: &Place) -> Result<Self, StoreError> {
        let (mut db, lock) = match place {
            Place::Directory(directory) => {
                let file = data_file(directory);
                if !file.exists() {
                    return Err(file_error(&file, std::io::ErrorKind::NotFound.into()));
                }
                let lock = lock(directory)?;
                (Connection::open_reader(&file)?, Some(lock))
            }
            Place::Database(address) => (Connection::connect(address, Purpose::Write)?, None),
        };
        require_present(found_schema(&mut db)?)?;
        db.begin_reading()?;
        if db.is_shared() {
            db.write_many(WAIT_LONG, [[]])?;
        }
        Ok(Self { db, _lock: lock })
    }

    pub(super) const fn db(&mut self) -> &mut Connection {
        &mut self.db
    }

    /// Rows of all tables.
    pub(super) fn count(&mut self, tables: &'static [Table]) -> Result<u64, StoreError> {
        let mut total = 0;
        for table in tables {
            let count = self.db.read_one(&table.count, &[], |row| row.int(0))?;
            total += u64::try_from(count.unwrap_or_default()).unwrap_or_default();
        }
        Ok(total)
    }

    /// The name of the master key: the one that was noted, else that of the first secret.
    pub(super) fn master_key(
        &mut self,
        key_of: impl Fn(&[u8]) -> Option<[u8; 8]>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(noted) = installation::master_key(&mut self.db)? {
            return Ok(Some(noted));
        }
        let sealed = installation::any_secret(&mut self.db)?;
        Ok(sealed.and_then(|sealed| key_of(&sealed)).map(|key| key.to_vec()))
    }
}
