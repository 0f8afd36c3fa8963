//! One connection to the database, batched: many keys in, many rows out; many rows in, one count out.
//!
//! Statements use `?1` placeholders and the SQL that both engines share. SQLite loops over a cached
//! statement; PostgreSQL is sent one statement for the whole batch, or many at once, so that a batch
//! costs one round trip. Nothing above this can issue a row in a loop of its own.

mod address;
mod draft;
mod failure;
mod pipeline;
mod postgres;
mod purpose;
mod row;
mod runtime;
mod sqlite;
mod statement;
mod tls;
mod value;
mod waves;

use std::path::Path;
use std::sync::Arc;

use landfall_domain::time::Timestamp;

pub use self::address::Address;
pub(crate) use self::draft::{Draft, Drafting};
use self::postgres::Postgres;
pub(crate) use self::purpose::Purpose;
pub use self::row::Row;
pub use self::value::Value;
use crate::error::StoreError;

/// One database connection, used from one thread at a time; on PostgreSQL never from a thread that
/// runs async tasks, since it waits for answers.
pub struct Connection {
    engine: Engine,
    rows_written: u64,
}

/// A statement that finds rows, and the keys that it is to find them by.
pub(crate) struct Reading<'k> {
    pub sql: &'static str,
    pub keys: Vec<Vec<Value<'k>>>,
    /// Whether it runs by itself for each key, one after the other, where their order is what matters.
    pub is_in_turn: bool,
}

impl<'k> Reading<'k> {
    /// Finds the rows of all keys at once.
    pub(crate) fn of<const WIDTH: usize>(
        sql: &'static str,
        keys: impl IntoIterator<Item = [Value<'k>; WIDTH]>,
    ) -> Self {
        Self { sql, keys: keys.into_iter().map(Vec::from).collect(), is_in_turn: false }
    }
}

enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Postgres>),
}

impl Connection {
    /// Opens the file for reading and writing, and creates it if it is missing.
    pub(crate) fn open_writer(path: &Path) -> Result<Self, StoreError> {
        sqlite::open_writer(path).map(Self::over_sqlite)
    }

    /// Leaves making commits durable to [`crate::durable`]; checkpoints still sync on their own.
    pub(crate) fn commit_without_sync(&mut self) -> Result<(), StoreError> {
        Ok(self.sqlite()?.execute_batch("PRAGMA synchronous = NORMAL")?)
    }

    /// Opens the file for reading only.
    pub(crate) fn open_reader(path: &Path) -> Result<Self, StoreError> {
        sqlite::open_reader(path).map(Self::over_sqlite)
    }

    /// Opens the file for copying its log into it.
    pub(crate) fn open_checkpointer(path: &Path) -> Result<Self, StoreError> {
        sqlite::open_checkpointer(path).map(Self::over_sqlite)
    }

    /// Connects to PostgreSQL.
    pub(crate) fn connect(address: &Arc<Address>, purpose: Purpose) -> Result<Self, StoreError> {
        let postgres = Postgres::connect(Arc::clone(address), purpose)?;
        Ok(Self { engine: Engine::Postgres(Box::new(postgres)), rows_written: 0 })
    }

    fn over_sqlite(sqlite: rusqlite::Connection) -> Self {
        Self { engine: Engine::Sqlite(sqlite), rows_written: 0 }
    }

    /// Reads the rows that `sql` finds for each of many keys.
    pub fn read_many<'k>(
        &mut self,
        sql: &'static str,
        keys: impl IntoIterator<Item = impl AsRef<[Value<'k>]>>,
        each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(sqlite) => sqlite::read_many(sqlite, sql, keys, each),
            Engine::Postgres(postgres) => postgres.read_many(sql, keys, each),
        }
    }

    /// Reads by several statements, all of them in one round trip; `each` is told which one found a row,
    /// from 0.
    pub(crate) fn read_together(
        &mut self,
        readings: &[Reading<'_>],
        mut each: impl FnMut(usize, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(sqlite) => {
                readings.iter().enumerate().try_for_each(|(number, Reading { sql, keys, .. })| {
                    sqlite::read_many(sqlite, sql, keys, |row| each(number, row))
                })
            }
            Engine::Postgres(postgres) => postgres.read_together(readings, each),
        }
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
        match &mut self.engine {
            Engine::Sqlite(sqlite) => {
                let changed = sqlite::write_many(sqlite, sql, rows)?;
                self.rows_written += changed;
                Ok(changed)
            }
            Engine::Postgres(postgres) => postgres.write_many(sql, rows),
        }
    }

    /// The same where nobody asks for the count: it may go out with what comes next, the commit at
    /// the latest, which then says how it went.
    pub fn write_later<'v>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = impl AsRef<[Value<'v>]>>,
    ) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(_) => self.write_many(sql, rows).map(|_| ()),
            Engine::Postgres(postgres) => postgres.write_later(sql, rows),
        }
    }

    /// Opens a transaction that may write: on SQLite at once, lest it fail halfway.
    pub(crate) fn begin(&mut self) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(sqlite) => sqlite::run(sqlite, "BEGIN IMMEDIATE"),
            Engine::Postgres(postgres) => postgres.begin("BEGIN ISOLATION LEVEL READ COMMITTED"),
        }
    }

    /// Opens a transaction that reads, all of it as of one moment.
    pub(crate) fn begin_reading(&mut self) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(sqlite) => sqlite::run(sqlite, "BEGIN"),
            Engine::Postgres(postgres) => {
                postgres.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
        }
    }

    /// Reads for a decision that is made ahead, until [`Self::rollback`]. Where others write, each statement
    /// is of its own moment: what they change meanwhile is noticed when the decision is stored, and what
    /// this process changes is in memory.
    pub(crate) fn begin_looking_ahead(&mut self) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(_) => self.begin_reading(),
            Engine::Postgres(postgres) => postgres.ensure_open(),
        }
    }

    /// Ends the transaction.
    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        self.commit_beside(|| {})
    }

    /// The same; on PostgreSQL it does something else while the answer is awaited, unless nothing is sent.
    pub(crate) fn commit_beside(&mut self, meanwhile: impl FnOnce()) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(sqlite) => sqlite::run(sqlite, "COMMIT"),
            Engine::Postgres(postgres) => postgres.commit_beside(meanwhile),
        }
    }

    /// Does something in a transaction that may write, and undoes it if it fails.
    pub(crate) fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin()?;
        let outcome = work(self).and_then(|done| self.commit().map(|()| done));
        if outcome.is_err() {
            self.rollback()?;
        }
        outcome
    }

    /// Undoes the transaction, if one is open.
    pub(crate) fn rollback(&mut self) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite(sqlite) if sqlite.is_autocommit() => Ok(()),
            Engine::Sqlite(sqlite) => sqlite::run(sqlite, "ROLLBACK"),
            Engine::Postgres(postgres) => {
                postgres.rollback();
                Ok(())
            }
        }
    }

    /// The time by the clock of the database, which all nodes share. SQLite has none.
    pub(crate) fn clock(&mut self) -> Result<Timestamp, StoreError> {
        self.postgres()?;
        let found = self.read_one(postgres::CLOCK, &[], |row| row.time(0))?;
        found.ok_or_else(|| StoreError::corrupt("clock", "no row"))
    }

    /// Rows written since this was asked last.
    pub(crate) fn take_rows_written(&mut self) -> u64 {
        match &mut self.engine {
            Engine::Sqlite(_) => std::mem::take(&mut self.rows_written),
            Engine::Postgres(postgres) => postgres.take_rows_written(),
        }
    }

    /// Round trips since this was asked last; none on SQLite.
    pub(crate) fn take_round_trips(&mut self) -> u64 {
        match &mut self.engine {
            Engine::Sqlite(_) => 0,
            Engine::Postgres(postgres) => postgres.take_round_trips(),
        }
    }

    /// Whether others write to the same data, so that what is in memory must be checked against it.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Whether it was opened again since this was asked last: what is known of the data may be of a server
    /// that is no more, and that had more than the one that took its place.
    pub(crate) fn take_reopened(&mut self) -> bool {
        match &mut self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(postgres) => postgres.take_reopened(),
        }
    }

    /// Whether it can be used at once, as far as was heard by now.
    pub(crate) fn is_ready(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => true,
            Engine::Postgres(postgres) => postgres.is_ready(),
        }
    }

    /// Whether it can't be used any more; it opens itself again with the next transaction.
    pub(crate) fn is_lost(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(postgres) => postgres.is_lost(),
        }
    }

    /// SQLite's own connection, for what only SQLite has.
    pub(crate) fn sqlite(&mut self) -> Result<&mut rusqlite::Connection, StoreError> {
        match &mut self.engine {
            Engine::Sqlite(sqlite) => Ok(sqlite),
            Engine::Postgres(_) => Err(StoreError::OtherEngine),
        }
    }

    /// PostgreSQL's own connection, for what only PostgreSQL has.
    pub(crate) fn postgres(&mut self) -> Result<&mut Postgres, StoreError> {
        match &mut self.engine {
            Engine::Sqlite(_) => Err(StoreError::OtherEngine),
            Engine::Postgres(postgres) => Ok(postgres),
        }
    }
}
