//! The place that data is copied to: empty at first, and of no use to anybody until it is complete.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::place::Place;
use super::rows::{Field, write_page};
use super::tables::{OF_DATABASE, Table};
use crate::driver::{Address, Connection, Purpose};
use crate::error::StoreError;
use crate::installation;
use crate::migrate::{INCOMPLETE, found_schema, mark_complete, mark_incomplete};
use crate::migrate::{migrate, migrate_shared};
use crate::open::{check_fitness, create_directory, data_file, file_error, lock};

/// Without checkpoints the log would grow as large as the data. Only the last commit must be durable
/// by itself: what is lost before it was incomplete anyway.
const FILL: &str = "PRAGMA wal_autocheckpoint = 1000; PRAGMA synchronous = NORMAL";
const SETTLE: &str = "PRAGMA synchronous = FULL";
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// An organization comes before all else that there may be.
const IS_USED: &str = "SELECT 1 FROM organizations LIMIT 1";

/// A database that is being filled.
pub(super) struct Target {
    db: Connection,
    names: String,
    _lock: Option<File>,
}

impl Target {
    /// Makes an empty database ready, or begins afresh where another copy broke off.
    pub(super) fn prepare(place: &Place, tables: &'static [Table]) -> Result<Self, StoreError> {
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        let names = names.join(", ");
        let mut target = match place {
            Place::Directory(directory) => Self::in_directory(directory, names)?,
            Place::Database(address) => Self::in_database(address, names)?,
        };
        if target.holds_data(tables)? {
            return Err(StoreError::NotEmpty(place.to_string()));
        }
        mark_incomplete(&mut target.db)?;
        if !target.db.is_shared() {
            target.db.sqlite()?.execute_batch(FILL)?;
        }
        Ok(target)
    }

    fn in_directory(directory: &Path, names: String) -> Result<Self, StoreError> {
        create_directory(directory)?;
        let lock = lock(directory)?;
        let file = data_file(directory);
        let mut db = Connection::open_writer(&file)?;
        if found_schema(&mut db)? == INCOMPLETE {
            drop(db);
            remove(directory)?;
            db = Connection::open_writer(&file)?;
        }
        let target = Self { db, names, _lock: Some(lock) };
        target.upgraded(&directory.display(), migrate)
    }

    fn in_database(address: &Arc<Address>, names: String) -> Result<Self, StoreError> {
        let mut db = Connection::connect(address, Purpose::Write)?;
        check_fitness(&mut db)?;
        if found_schema(&mut db)? == INCOMPLETE {
            let own = OF_DATABASE.join(", ");
            db.postgres()?.run(&format!("DROP TABLE IF EXISTS {names}, {own}"))?;
        }
        Self { db, names, _lock: None }.upgraded(address, migrate_shared)
    }

    /// Brings the schema up to date, but not that of data.
    fn upgraded(
        mut self,
        place: &dyn std::fmt::Display,
        migrate: fn(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let is_new = found_schema(&mut self.db)? == 0;
        if !is_new && self.db.read_one(IS_USED, &[], |_| Ok(()))?.is_some() {
            return Err(StoreError::NotEmpty(place.to_string()));
        }
        migrate(&mut self.db)?;
        Ok(self)
    }

    fn holds_data(&mut self, tables: &'static [Table]) -> Result<bool, StoreError> {
        for table in tables {
            if self.db.read_one(&table.count, &[], |row| row.int(0))? != Some(0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) const fn db(&mut self) -> &mut Connection {
        &mut self.db
    }

    pub(super) fn write(
        &mut self,
        table: &'static Table,
        page: &[Vec<Field>],
    ) -> Result<(), StoreError> {
        write_page(&mut self.db, table, page)
    }

    /// Notes the master key, and opens the data to servers: both or none.
    pub(super) fn finish(mut self, master_key: Option<&[u8]>) -> Result<(), StoreError> {
        let db = &mut self.db;
        if !db.is_shared() {
            db.sqlite()?.execute_batch(SETTLE)?;
        }
        db.begin()?;
        if let Some(key) = master_key {
            installation::note_master_key(db, key)?;
        }
        mark_complete(db)?;
        db.commit()?;
        if db.is_shared() {
            // Plans need to know how large the tables are.
            return db.postgres()?.run(&format!("ANALYZE {}", self.names));
        }
        db.sqlite()?.query_row(CHECKPOINT, [], |_| Ok(()))?;
        Ok(())
    }
}

/// Removes what is left of a copy that broke off. Nobody else has the directory open.
fn remove(directory: &Path) -> Result<(), StoreError> {
    let file = data_file(directory);
    for end in ["-wal", "-shm", ""] {
        let mut name = file.clone().into_os_string();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(file_error(Path::new(&name), error));
            }
            _ => {}
        }
    }
    Ok(())
}
