//! One connection to SQLite, batched: many keys in, many rows out; many rows in, one count out.
//!
//! Statements use `?1` placeholders and the SQL that PostgreSQL shares. SQLite loops over a cached
//! statement; an engine across a network sends a batch at once behind the same calls.

use std::path::Path;

use landfall_domain::id::Id;
use landfall_domain::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::error::StoreError;

/// A value that is bound to a placeholder.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// A number, a time or a boolean.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Text or JSON that was made for this row.
    Owned(String),
    /// An id.
    Id(Uuid),
    /// A hash.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}
impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}
impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}
impl<K> From<Id<K>> for Value<'_> {
    fn from(id: Id<K>) -> Self {
        Self::Id(id.uuid())
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}
impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Int(i64::from(truth))
    }
}
impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.as_micros())
    }
}
impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Owned(text) => ValueRef::Text(text.as_bytes()),
            Self::Id(id) => ValueRef::Blob(id.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// One row of an answer, read by column position from 0.
pub struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
}

impl Row<'_> {
    /// A number.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        Ok(self.row.get(column)?)
    }

    /// A number or NULL.
    pub fn int_or_null(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.row.get(column)?)
    }

    /// A boolean.
    pub fn truth(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.row.get(column)?)
    }

    /// A text, owned.
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        Ok(self.row.get(column)?)
    }

    /// A text or NULL, owned.
    pub fn text_or_null(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.row.get(column)?)
    }

    /// A text that lives as long as the row.
    pub fn str(&self, column: usize) -> Result<&str, StoreError> {
        self.row.get_ref(column)?.as_str().map_err(|error| StoreError::corrupt("text", error))
    }

    /// Bytes that live as long as the row.
    pub fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        self.row.get_ref(column)?.as_blob().map_err(|error| StoreError::corrupt("bytes", error))
    }

    /// An id.
    pub fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        Uuid::from_slice(self.bytes(column)?).map_err(|error| StoreError::corrupt("id", error))
    }

    /// An id or NULL.
    pub fn uuid_or_null(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        match self.row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            _ => self.uuid(column).map(Some),
        }
    }

    /// A time.
    pub fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    /// A time or NULL.
    pub fn time_or_null(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.int_or_null(column)?.map(Timestamp::from_micros))
    }

    /// A JSON column, parsed.
    pub fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: usize,
        what: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(self.str(column)?).map_err(|error| StoreError::corrupt(what, error))
    }
}

/// One database connection, used from one thread at a time.
pub struct Connection {
    sqlite: rusqlite::Connection,
    rows_written: u64,
}

/// Statements that one connection keeps prepared.
const STATEMENTS_CACHED: usize = 128;

impl Connection {
    /// Opens the file for reading and writing, and creates it if it is missing.
    pub(crate) fn open_writer(path: &Path) -> Result<Self, StoreError> {
        // Each commit walks this cache once, so a larger one costs more than it saves.
        let connection = Self::open(path, "PRAGMA cache_size = -8192")?;
        connection.sqlite.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0",
        )?;
        Ok(connection)
    }

    /// Leaves making commits durable to [`crate::durable`]; checkpoints still sync on their own.
    pub(crate) fn commit_without_sync(&mut self) -> Result<(), StoreError> {
        Ok(self.sqlite.execute_batch("PRAGMA synchronous = NORMAL")?)
    }

    /// Opens the file for reading only.
    pub(crate) fn open_reader(path: &Path) -> Result<Self, StoreError> {
        Self::open(path, "PRAGMA cache_size = -4096; PRAGMA query_only = TRUE")
    }

    /// Opens the file for copying its log into it.
    pub(crate) fn open_checkpointer(path: &Path) -> Result<Self, StoreError> {
        Self::open(path, "PRAGMA cache_size = -512; PRAGMA synchronous = FULL")
    }

    fn open(path: &Path, pragmas: &str) -> Result<Self, StoreError> {
        let sqlite = rusqlite::Connection::open(path)?;
        sqlite.busy_timeout(std::time::Duration::from_secs(10))?;
        sqlite.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        // Plans must not depend on the values that are bound, lest statements are prepared anew.
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        sqlite.execute_batch("PRAGMA temp_store = MEMORY")?;
        sqlite.execute_batch(pragmas)?;
        Ok(Self { sqlite, rows_written: 0 })
    }

    /// Reads the rows that `sql` finds for each of many keys.
    pub fn read_many<'k>(
        &mut self,
        sql: &'static str,
        keys: impl IntoIterator<Item = impl AsRef<[Value<'k>]>>,
        mut each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        for key in keys {
            let mut rows = statement.query(rusqlite::params_from_iter(key.as_ref()))?;
            while let Some(row) = rows.next()? {
                each(&Row { row })?;
            }
        }
        Ok(())
    }

    /// Reads the rows that a statement finds, in its order.
    pub fn read<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        mut decode: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.read_many(sql, [values], |row| {
            found.push(decode(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Reads the first row that a statement finds.
    pub fn read_one<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        decode: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.read(sql, values, decode)?.into_iter().next())
    }

    /// Runs a statement once for each of many rows, and counts the rows that it changed.
    pub fn write_many<'v>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = impl AsRef<[Value<'v>]>>,
    ) -> Result<u64, StoreError> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        let mut changed = 0;
        for row in rows {
            changed += statement.execute(rusqlite::params_from_iter(row.as_ref()))? as u64;
        }
        self.rows_written += changed;
        Ok(changed)
    }

    /// Opens a transaction that may write: on SQLite at once, lest it fail halfway.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        Ok(self.sqlite.prepare_cached("BEGIN IMMEDIATE")?.execute([]).map(|_| ())?)
    }

    /// Ends the transaction.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        Ok(self.sqlite.prepare_cached("COMMIT")?.execute([]).map(|_| ())?)
    }

    /// Undoes the transaction, if one is open.
    pub(crate) fn rollback(&mut self) -> Result<(), StoreError> {
        if !self.sqlite.is_autocommit() {
            self.sqlite.execute_batch("ROLLBACK")?;
        }
        Ok(())
    }

    /// Rows written since this was asked last.
    pub(crate) fn take_rows_written(&mut self) -> u64 {
        std::mem::take(&mut self.rows_written)
    }

    /// The engine's own connection, for what only one engine has.
    pub(crate) fn sqlite(&mut self) -> &mut rusqlite::Connection {
        &mut self.sqlite
    }
}
