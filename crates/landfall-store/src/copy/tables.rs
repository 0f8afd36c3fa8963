//! What there is to copy: the tables of the schema, as an empty database has them that is made for the
//! question. So a migration that adds a table or a column needs no line here.

use std::path::Path;
use std::sync::OnceLock;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::migrate::{known, migrate_first};

/// What is true of a database as a whole, or of the nodes that work on it, is not copied: the target has
/// its own.
pub(crate) const OF_DATABASE: [&str; 6] = [
    "schema_migrations",
    // The name of the master key is carried over by itself.
    "installation",
    "nodes",
    "leases",
    "webhook_changes",
    "webhook_changes_head",
];

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid";
const COLUMNS: &str = "SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ids, hashes, what is sealed or packed.
    Bytes,
    /// Texts and JSON.
    Text,
    /// Numbers and times.
    Int,
    /// Booleans.
    Truth,
}

/// A table, and the statements that copy it.
pub(crate) struct Table {
    pub(crate) name: String,
    /// Its columns, in order, with what they hold.
    pub(crate) columns: Vec<(String, Kind)>,
    /// The places of the columns of its key, in the order of the key.
    pub(crate) key: Vec<usize>,
    /// Finds the rows behind a key, so many of them.
    pub(crate) page: String,
    pub(crate) insert: String,
    pub(crate) count: String,
}

/// Every table that is copied, in the order in which migrations made them.
pub(crate) fn tables() -> Result<&'static [Table], StoreError> {
    static ALL: OnceLock<Vec<Table>> = OnceLock::new();
    if let Some(known) = ALL.get() {
        return Ok(known);
    }
    let read = read(known())?;
    Ok(ALL.get_or_init(|| read))
}

/// Those that so many migrations make.
pub(crate) fn read(steps: usize) -> Result<Vec<Table>, StoreError> {
    let mut db = Connection::open_writer(Path::new(":memory:"))?;
    migrate_first(&mut db, steps)?;
    let names = db.read(TABLES, &[], |row| row.text(0))?;
    let names = names.into_iter().filter(|name| !OF_DATABASE.contains(&name.as_str()));
    names.map(|name| describe(&mut db, name)).collect()
}

fn describe(db: &mut Connection, name: String) -> Result<Table, StoreError> {
    let described =
        db.read(COLUMNS, &[(&name).into()], |row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))?;
    let mut columns = Vec::with_capacity(described.len());
    let mut key = Vec::new();
    for (place, (column, kind, number_in_key)) in described.into_iter().enumerate() {
        if number_in_key > 0 {
            key.push((number_in_key, place));
        }
        columns.push((column, kind_of(&kind)?));
    }
    key.sort_unstable();
    let key = key.into_iter().map(|(_, place)| place).collect();
    Ok(Table::new(name, columns, key))
}

fn kind_of(word: &str) -> Result<Kind, StoreError> {
    Ok(match word {
        "BLOB" => Kind::Bytes,
        "TEXT" => Kind::Text,
        "BIGINT" => Kind::Int,
        "BOOLEAN" => Kind::Truth,
        other => return Err(StoreError::corrupt("column", format!("it is of the type {other}"))),
    })
}

impl Table {
    fn new(name: String, columns: Vec<(String, Kind)>, key: Vec<usize>) -> Self {
        let all: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let keys: Vec<&str> = key.iter().map(|place| all[*place]).collect();
        let (all, keys) = (all.join(", "), keys.join(", "));
        let page = format!(
            "SELECT {all} FROM {name} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT ?{}",
            placeholders(key.len()),
            key.len() + 1
        );
        let insert = format!("INSERT INTO {name} ({all}) VALUES ({})", placeholders(columns.len()));
        let count = format!("SELECT COUNT(*) FROM {name}");
        Self { name, columns, key, page, insert, count }
    }
}

fn placeholders(count: usize) -> String {
    let numbers: Vec<String> = (1..=count).map(|number| format!("?{number}")).collect();
    numbers.join(", ")
}
