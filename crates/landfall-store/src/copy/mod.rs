//! Copying all data to another place, from either engine to either: every row, and then the proof.
//!
//! What is copied is what the schema has, so no table is forgotten. The target is marked as incomplete
//! before its first row and until each table has been read back and has the rows and the checksum that
//! the source had; so nothing serves half a copy, and one that broke off begins afresh.

mod checksum;
mod place;
pub(crate) mod rows;
pub(crate) mod tables;
mod target;
#[cfg(test)]
pub(crate) mod tests;

pub use self::place::Place;
use self::place::Source;
use self::tables::tables;
use self::target::Target;
use crate::error::StoreError;

/// What a copy is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Rows go from the source to the target.
    Copying,
    /// Rows of the target are read back.
    Checking,
}

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it does now.
    pub stage: Stage,
    /// The table that it is at.
    pub table: &'static str,
    /// Rows of all tables so far, in this stage.
    pub rows: u64,
    /// Rows that there will have been at its end.
    pub rows_total: u64,
}

/// A table of a copy that is complete, alike on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over its rows in the order of their keys.
    pub checksum: [u8; 32],
}

/// A copy that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// All tables.
    pub tables: Vec<CopiedTable>,
    /// The name of the master key that secrets are sealed with; none if there are no secrets.
    pub master_key: Option<Vec<u8>>,
}

/// Copies everything, and checks it; the target must be empty. `key_of` tells of a sealed secret the
/// name of its master key, and `heard` is called at the begin of each table and after every page of it.
///
/// It waits for answers: not for a thread that runs async tasks.
pub fn copy(
    from: &Place,
    to: &Place,
    key_of: impl Fn(&[u8]) -> Option<[u8; 8]>,
    heard: &mut dyn FnMut(&Progress),
) -> Result<Copied, StoreError> {
    let tables = tables()?;
    let mut source = Source::open(from)?;
    let mut target = Target::prepare(to, tables)?;
    let master_key = source.master_key(key_of)?;
    let mut way = Way { heard, stage: Stage::Copying, rows: 0, rows_total: source.count(tables)? };
    let mut read = Vec::with_capacity(tables.len());
    for table in tables {
        way.begin(table);
        read.push(rows::each_page(source.db(), table, |page| {
            target.write(table, page)?;
            way.advance(table, page.len());
            Ok(())
        })?);
    }
    way = Way { heard: way.heard, stage: Stage::Checking, rows: 0, rows_total: way.rows };
    let mut written = Vec::with_capacity(tables.len());
    for table in tables {
        way.begin(table);
        written.push(rows::each_page(target.db(), table, |page| {
            way.advance(table, page.len());
            Ok(())
        })?);
    }
    compare(&read, &written)?;
    target.finish(master_key.as_deref())?;
    Ok(Copied { tables: read, master_key })
}

/// Tells how far it is.
struct Way<'a> {
    heard: &'a mut dyn FnMut(&Progress),
    stage: Stage,
    rows: u64,
    rows_total: u64,
}

impl Way<'_> {
    fn begin(&mut self, table: &'static tables::Table) {
        self.advance(table, 0);
    }

    fn advance(&mut self, table: &'static tables::Table, rows: usize) {
        self.rows += rows as u64;
        let Self { stage, rows, rows_total, .. } = *self;
        (self.heard)(&Progress { stage, table: &table.name, rows, rows_total });
    }
}

/// Refuses a copy of which any table is not as it was in the source.
fn compare(read: &[CopiedTable], written: &[CopiedTable]) -> Result<(), StoreError> {
    let differing = read.iter().zip(written).filter(|(read, written)| read != written);
    let told: Vec<String> = differing
        .map(|(read, written)| match (read.rows, written.rows) {
            (wanted, found) if wanted != found => {
                format!("{} ({found} rows instead of {wanted})", read.name)
            }
            _ => format!("{} (another checksum)", read.name),
        })
        .collect();
    if told.is_empty() { Ok(()) } else { Err(StoreError::Differs(told.join(", "))) }
}
