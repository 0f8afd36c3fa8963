//! How rows come into one table: those that are new whole, of others only what ever changed.

use anyhow::ensure;
use rusqlite::{Connection, Statement, params_from_iter};

use crate::suite::recording::{Column, Table, Write};

/// The statements of one table.
pub(super) struct Writer<'db> {
    insert: Statement<'db>,
    /// None where no update changed anything.
    update: Option<Update<'db>>,
}

struct Update<'db> {
    statement: Statement<'db>,
    /// The columns that it binds: those that change, then the key.
    bound: Vec<usize>,
}

impl<'db> Writer<'db> {
    pub(super) fn prepare(db: &'db Connection, table: &Table) -> anyhow::Result<Self> {
        let Table { name, columns } = table;
        let marks = vec!["?"; columns.len()].join(", ");
        let insert = db.prepare(&format!("INSERT INTO \"{name}\" VALUES ({marks})"))?;
        let is_changed = columns.iter().any(|column| column.is_changed);
        let update = is_changed.then(|| Update::prepare(db, table)).transpose()?;
        Ok(Self { insert, update })
    }

    pub(super) fn write(&mut self, write: &Write) -> anyhow::Result<()> {
        let Write { is_update, values, .. } = write;
        if !is_update {
            self.insert.execute(params_from_iter(values))?;
        } else if let Some(Update { statement, bound }) = &mut self.update {
            statement.execute(params_from_iter(bound.iter().map(|at| &values[*at])))?;
        }
        Ok(())
    }
}

impl<'db> Update<'db> {
    fn prepare(db: &'db Connection, table: &Table) -> anyhow::Result<Self> {
        let Table { name, columns } = table;
        let changed = places(columns, |column| column.is_changed);
        let key = places(columns, |column| column.is_in_key);
        ensure!(!key.is_empty(), "rows of {name} were updated, and it has no primary key");
        let equal = |places: &[usize], joint: &str| {
            let texts = places.iter().map(|at| format!("\"{}\" = ?", columns[*at].name));
            texts.collect::<Vec<_>>().join(joint)
        };
        let (set, found) = (equal(&changed, ", "), equal(&key, " AND "));
        let statement = db.prepare(&format!("UPDATE \"{name}\" SET {set} WHERE {found}"))?;
        Ok(Self { statement, bound: [changed, key].concat() })
    }
}

fn places(columns: &[Column], is_meant: impl Fn(&Column) -> bool) -> Vec<usize> {
    let meant = columns.iter().enumerate().filter(|(_, column)| is_meant(column));
    meant.map(|(place, _)| place).collect()
}
