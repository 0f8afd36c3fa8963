//! Rows as they are, of any table: read in pages in the order of their keys, and written.

use super::CopiedTable;
use super::checksum::Checksum;
use super::tables::{Kind, Table};
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

/// Rows of a page, which one transaction writes. The largest rows are blocks of the log, of some 100 KB.
const PAGE_ROWS: i64 = 500;

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Field {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }

    /// What comes before every value of its kind that begins a key.
    const fn least(kind: Kind) -> Self {
        match kind {
            Kind::Bytes => Self::Bytes(Vec::new()),
            Kind::Text => Self::Text(String::new()),
            Kind::Int | Kind::Truth => Self::Int(i64::MIN),
        }
    }

    fn read(row: &Row<'_>, place: usize, kind: Kind) -> Result<Self, StoreError> {
        Ok(match kind {
            Kind::Bytes => row.bytes_or_null(place)?.map_or(Self::Null, Self::Bytes),
            Kind::Text => row.text_or_null(place)?.map_or(Self::Null, Self::Text),
            Kind::Int => row.int_or_null(place)?.map_or(Self::Null, Self::Int),
            Kind::Truth => row.truth_or_null(place)?.map_or(Self::Null, |is| Self::Int(is.into())),
        })
    }
}

/// Reads a whole table, hands out its pages, and says what it held.
pub(crate) fn each_page(
    db: &mut Connection,
    table: &'static Table,
    mut each: impl FnMut(&[Vec<Field>]) -> Result<(), StoreError>,
) -> Result<CopiedTable, StoreError> {
    let (mut checksum, mut rows) = (Checksum::default(), 0);
    let mut behind: Vec<Field> =
        table.key.iter().map(|place| Field::least(table.columns[*place].1)).collect();
    loop {
        let page = read_page(db, table, &behind)?;
        let Some(last) = page.last() else { break };
        behind = table.key.iter().map(|place| last[*place].clone()).collect();
        for row in &page {
            checksum.add(row);
        }
        rows += page.len() as u64;
        each(&page)?;
    }
    Ok(CopiedTable { name: &table.name, rows, checksum: checksum.finish() })
}

fn read_page(
    db: &mut Connection,
    table: &'static Table,
    behind: &[Field],
) -> Result<Vec<Vec<Field>>, StoreError> {
    let mut values: Vec<Value<'_>> = behind.iter().map(Field::value).collect();
    values.push(Value::Int(PAGE_ROWS));
    db.read(&table.page, &values, |row| {
        let columns = table.columns.iter().enumerate();
        columns.map(|(place, (_, kind))| Field::read(row, place, *kind)).collect()
    })
}

/// Writes a page in a transaction of its own.
pub(crate) fn write_page(
    db: &mut Connection,
    table: &'static Table,
    page: &[Vec<Field>],
) -> Result<(), StoreError> {
    let rows = page.iter().map(|row| row.iter().map(Field::value).collect::<Vec<_>>());
    db.begin()?;
    db.write_later(&table.insert, rows)?;
    db.commit()
}
