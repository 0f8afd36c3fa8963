//! What a server writes into its data file for a load, row by row, for the floor to write again.
//!
//! Nothing here knows the tables: triggers on whatever tables the file has note each row that is
//! inserted or updated, in order, while a server works on the file. That run is slower for it, and is
//! not measured.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::ingest::{apply, load_for};
use super::{Suite, data_file};

/// No longer is recorded, since all of it is held in memory.
const SECONDS_MAX: u64 = 4;

/// The rows of a load.
pub(super) struct Recording {
    /// The data file as it was before the load.
    file: PathBuf,
    /// Held only for what its drop removes.
    _directory: TempDir,
    pub(super) tables: Vec<Table>,
    pub(super) writes: Vec<Write>,
    /// Reports that these rows are of.
    pub(super) reports: u64,
}

/// A table of the file.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

pub(super) struct Column {
    pub(super) name: String,
    pub(super) is_in_key: bool,
    /// Whether an update of the recording gave it another value.
    pub(super) is_changed: bool,
}

/// One row that was written.
#[derive(Debug, PartialEq)]
pub(super) struct Write {
    /// By its place in the recording's tables.
    pub(super) table: usize,
    pub(super) is_update: bool,
    /// Of all columns.
    pub(super) values: Vec<Value>,
}

impl Recording {
    /// Has a server work for a while, over so many connections, and records what it writes.
    pub(super) fn make(suite: &Suite, connections: u32) -> anyhow::Result<Self> {
        let directory = suite.launcher.directory()?;
        // The first start makes the tables.
        suite.start(directory.path())?.stop()?;
        let file = data_file::whole_in(directory.path())?;
        let before = suite.launcher.directory()?;
        let copy = before.path().join("data");
        fs::copy(&file, &copy).context("cannot copy the data file")?;
        let tables = record_from_now_on(&file)?;

        let length = suite.setting.length.min(std::time::Duration::from_secs(SECONDS_MAX));
        let instance = suite.start(directory.path())?;
        let load = load_for(suite, &instance.server, connections, length)?;
        let loaded = suite.block_on(apply(load))?;
        instance.stop()?;

        let (tables, writes) = read(&file, tables)?;
        ensure!(!writes.is_empty(), "the server wrote nothing into {}", file.display());
        let reports = loaded.result.accepted;
        Ok(Self { file: copy, _directory: before, tables, writes, reports })
    }

    /// Copies the data file as it was before the load.
    pub(super) fn copy_beginning(&self, to: &Path) -> anyhow::Result<()> {
        fs::copy(&self.file, to).map(drop).context("cannot copy the data file")
    }
}

/// Has all that is written into the file noted there.
fn record_from_now_on(file: &Path) -> anyhow::Result<Vec<Table>> {
    let db = Connection::open(file)?;
    let tables = tables_of(&db)?;
    db.execute_batch("CREATE TABLE recorded (n INTEGER PRIMARY KEY)")?;
    for (index, table) in tables.iter().enumerate() {
        db.execute_batch(&table.recorder(index))?;
    }
    Ok(tables)
}

fn tables_of(db: &Connection) -> anyhow::Result<Vec<Table>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' \
        AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut names = db.prepare(sql)?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    names.into_iter().map(|name| Table::read(db, name)).collect()
}

impl Table {
    fn read(db: &Connection, name: String) -> anyhow::Result<Self> {
        let mut columns = db.prepare("SELECT name, pk > 0 FROM pragma_table_info(?1)")?;
        let columns = columns.query_map([&name], |row| {
            Ok(Column { name: row.get(0)?, is_in_key: row.get(1)?, is_changed: false })
        })?;
        Ok(Self { columns: columns.collect::<Result<_, _>>()?, name })
    }

    /// A table that holds what is written into this one, and the triggers that put it there.
    ///
    /// Its columns have no type, so values stay as they are.
    fn recorder(&self, index: usize) -> String {
        let Self { name, columns } = self;
        let each = |text: &dyn Fn(usize, &str) -> String, joint: &str| {
            let texts = columns.iter().enumerate().map(|(at, column)| text(at, &column.name));
            texts.collect::<Vec<_>>().join(joint)
        };
        let cells = each(&|at, _| format!("c{at}"), ", ");
        let new = each(&|_, column| format!("NEW.\"{column}\""), ", ");
        let changed =
            each(&|_, column| format!("(OLD.\"{column}\" IS NOT NEW.\"{column}\")"), " || ");
        let trigger = |verb: &str, changed: &str| {
            format!(
                "CREATE TRIGGER recorded_{index}_{verb} AFTER {verb} ON \"{name}\" BEGIN \
                 INSERT INTO recorded VALUES (NULL); \
                 INSERT INTO recorded_{index} VALUES (last_insert_rowid(), {changed}, {new}); END;"
            )
        };
        format!(
            "CREATE TABLE recorded_{index} (n INTEGER PRIMARY KEY, changed, {cells}); {} {}",
            trigger("INSERT", "NULL"),
            trigger("UPDATE", &changed)
        )
    }

    /// Notes which columns an update changed: a digit for each.
    fn note_changed(&mut self, digits: &str) {
        for (column, digit) in self.columns.iter_mut().zip(digits.bytes()) {
            column.is_changed |= digit == b'1';
        }
    }
}

/// All that was noted, in the order in which it was written.
fn read(file: &Path, mut tables: Vec<Table>) -> anyhow::Result<(Vec<Table>, Vec<Write>)> {
    let db = Connection::open(file)?;
    let mut writes = Vec::new();
    for (index, table) in tables.iter_mut().enumerate() {
        let count = table.columns.len();
        let mut rows = db.prepare(&format!("SELECT * FROM recorded_{index}"))?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let changed: Option<String> = row.get(1)?;
            if let Some(digits) = &changed {
                table.note_changed(digits);
            }
            let values = (2..count + 2).map(|at| row.get(at)).collect::<Result<_, _>>()?;
            let is_update = changed.is_some();
            writes.push((row.get::<_, i64>(0)?, Write { table: index, is_update, values }));
        }
    }
    writes.sort_by_key(|(number, _)| *number);
    Ok((tables, writes.into_iter().map(|(_, write)| write).collect()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A recording of two rows, of which one is changed, in a table with an index.
    pub(in crate::suite) fn recording() -> Recording {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("data");
        let live = directory.path().join("live");
        let schema = "PRAGMA journal_mode = WAL; \
            CREATE TABLE things (a BLOB NOT NULL, b INTEGER, c TEXT, d TEXT, PRIMARY KEY (a, b)); \
            CREATE INDEX things_by_c ON things (c)";
        Connection::open(&live).unwrap().execute_batch(schema).unwrap();
        fs::copy(&live, &file).unwrap();
        let tables = record_from_now_on(&live).unwrap();
        let load = "INSERT INTO things VALUES (x'00ff', 1, 'open', 'same'); \
            INSERT INTO things VALUES (x'01', 2, NULL, 'same') \
                ON CONFLICT (a, b) DO UPDATE SET c = excluded.c; \
            INSERT INTO things VALUES (x'00ff', 1, 'ended', 'same') \
                ON CONFLICT (a, b) DO UPDATE SET c = excluded.c";
        Connection::open(&live).unwrap().execute_batch(load).unwrap();
        let (tables, writes) = read(&live, tables).unwrap();
        Recording { file, _directory: directory, tables, writes, reports: 3 }
    }

    #[test]
    fn each_row_is_recorded_as_it_was_written_and_in_order() {
        let recording = recording();

        let blob = |bytes: &[u8]| Value::Blob(bytes.to_vec());
        let text = |text: &str| Value::Text(text.to_owned());
        let write =
            |is_update, values: [Value; 4]| Write { table: 0, is_update, values: values.into() };
        let expected = [
            write(false, [blob(&[0, 255]), Value::Integer(1), text("open"), text("same")]),
            write(false, [blob(&[1]), Value::Integer(2), Value::Null, text("same")]),
            write(true, [blob(&[0, 255]), Value::Integer(1), text("ended"), text("same")]),
        ];
        assert_eq!(recording.writes, expected);
        let columns = &recording.tables[0].columns;
        let told: Vec<_> = columns.iter().map(|it| (it.is_in_key, it.is_changed)).collect();
        assert_eq!(told, [(true, false), (true, false), (false, true), (false, false)]);
    }
}
