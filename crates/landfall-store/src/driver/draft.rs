//! What is to be written, made ready on one connection and written by another one.

use super::pipeline::Call;
use super::postgres::Postgres;
use super::value::Value;
use super::{Connection, Engine, sqlite};
use crate::error::StoreError;

/// Statements and their rows, in the order in which they are to run.
pub(crate) struct Draft(Content);

enum Content {
    Rows(Vec<Rows>),
    /// In the form in which they go over the line.
    Calls(Vec<Call>),
}

/// A statement, and the values of all its rows, one row after the other.
struct Rows {
    sql: &'static str,
    width: usize,
    values: Vec<Value<'static>>,
}

/// Takes what is to be written.
pub(crate) struct Drafting<'c>(Taker<'c>);

enum Taker<'c> {
    Rows(Vec<Rows>),
    /// With the connection that tells the types.
    Calls(&'c mut Postgres, Vec<Call>),
}

impl<'c> Drafting<'c> {
    /// Drafts for every connection to the database of this one, which is asked for types only.
    pub(crate) const fn on(db: &'c mut Connection) -> Self {
        Self(match &mut db.engine {
            Engine::Sqlite(_) => Taker::Rows(Vec::new()),
            Engine::Postgres(postgres) => Taker::Calls(postgres, Vec::new()),
        })
    }

    /// Has a statement run once for each of many rows.
    pub(crate) fn write<'v, const WIDTH: usize>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = [Value<'v>; WIDTH]>,
    ) -> Result<(), StoreError> {
        match &mut self.0 {
            Taker::Calls(postgres, calls) => calls.extend(postgres.calls_to_write(sql, rows)?),
            Taker::Rows(all) => {
                let values: Vec<_> = rows.into_iter().flatten().map(Value::into_owned).collect();
                if !values.is_empty() {
                    all.push(Rows { sql, width: WIDTH, values });
                }
            }
        }
        Ok(())
    }

    /// All of it.
    pub(crate) fn finish(self) -> Draft {
        Draft(match self.0 {
            Taker::Rows(all) => Content::Rows(all),
            Taker::Calls(_, calls) => Content::Calls(calls),
        })
    }
}

impl Draft {
    /// Writes what was drafted; the commit at the latest says how it went.
    pub(crate) fn write_to(self, db: &mut Connection) -> Result<(), StoreError> {
        match (self.0, &mut db.engine) {
            (Content::Calls(calls), Engine::Postgres(postgres)) => {
                postgres.write_calls_later(calls);
                Ok(())
            }
            (Content::Rows(all), Engine::Sqlite(sqlite)) => {
                for Rows { sql, width, values } in &all {
                    db.rows_written += sqlite::write_many(sqlite, sql, values.chunks(*width))?;
                }
                Ok(())
            }
            _ => Err(StoreError::OtherEngine),
        }
    }
}
