//! SQLite: a loop over a cached statement, in a file that this process owns.

use std::path::Path;

use rusqlite::config::DbConfig;

use super::row::Row;
use super::value::Value;
use crate::error::StoreError;

/// Statements that one connection keeps prepared.
const STATEMENTS_CACHED: usize = 128;

/// Opens the file for reading and writing, and creates it if it is missing.
pub(super) fn open_writer(path: &Path) -> Result<rusqlite::Connection, StoreError> {
    // Each commit walks this cache once, so a larger one costs more than it saves.
    let sqlite = open(path, "PRAGMA cache_size = -8192")?;
    // A long reader, such as a backup, lets the log grow while it lasts. When it begins anew it is cut to
    // 128 MiB, which it seldom needs otherwise.
    sqlite.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; \
         PRAGMA journal_size_limit = 134217728",
    )?;
    Ok(sqlite)
}

/// Opens the file for reading only.
pub(super) fn open_reader(path: &Path) -> Result<rusqlite::Connection, StoreError> {
    open(path, "PRAGMA cache_size = -4096; PRAGMA query_only = TRUE")
}

/// Opens the file for copying its log into it.
pub(super) fn open_checkpointer(path: &Path) -> Result<rusqlite::Connection, StoreError> {
    open(path, "PRAGMA cache_size = -512; PRAGMA synchronous = FULL")
}

fn open(path: &Path, pragmas: &str) -> Result<rusqlite::Connection, StoreError> {
    let sqlite = rusqlite::Connection::open(path)?;
    sqlite.busy_timeout(std::time::Duration::from_secs(10))?;
    sqlite.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // Plans must not depend on the values that are bound, lest statements are prepared anew.
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    sqlite.execute_batch("PRAGMA temp_store = MEMORY")?;
    sqlite.execute_batch(pragmas)?;
    Ok(sqlite)
}

/// Reads the rows that a statement finds for each of many keys.
pub(super) fn read_many<'k>(
    sqlite: &rusqlite::Connection,
    sql: &'static str,
    keys: impl IntoIterator<Item = impl AsRef<[Value<'k>]>>,
    mut each: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = sqlite.prepare_cached(sql)?;
    for key in keys {
        let mut rows = statement.query(rusqlite::params_from_iter(key.as_ref()))?;
        while let Some(row) = rows.next()? {
            each(&Row::from(row))?;
        }
    }
    Ok(())
}

/// Runs a statement once for each of many rows, and counts the rows that it changed.
pub(super) fn write_many<'v>(
    sqlite: &rusqlite::Connection,
    sql: &'static str,
    rows: impl IntoIterator<Item = impl AsRef<[Value<'v>]>>,
) -> Result<u64, StoreError> {
    let mut statement = sqlite.prepare_cached(sql)?;
    let mut changed = 0;
    for row in rows {
        changed += statement.execute(rusqlite::params_from_iter(row.as_ref()))? as u64;
    }
    Ok(changed)
}

/// Runs a statement that has no values.
pub(super) fn run(sqlite: &rusqlite::Connection, sql: &'static str) -> Result<(), StoreError> {
    Ok(sqlite.prepare_cached(sql)?.execute([]).map(|_| ())?)
}
