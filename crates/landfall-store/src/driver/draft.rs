//! What is to be written, made ready on one connection and written by another one.

use super::pipeline::Call;
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
pub(crate) struct Drafting<'c> {
    db: &'c mut Connection,
    content: Content,
}

impl<'c> Drafting<'c> {
    /// Drafts for every connection to the database of this one, which is asked for types only.
    pub(crate) const fn on(db: &'c mut Connection) -> Self {
        let content = match db.engine {
            Engine::Sqlite(_) => Content::Rows(Vec::new()),
            Engine::Postgres(_) => Content::Calls(Vec::new()),
        };
        Self { db, content }
    }

    /// Has a statement run once for each of many rows.
    pub(crate) fn write<'v, const WIDTH: usize>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = [Value<'v>; WIDTH]>,
    ) -> Result<(), StoreError> {
        match (&mut self.content, &mut self.db.engine) {
            (Content::Calls(calls), Engine::Postgres(postgres)) => {
                calls.extend(postgres.calls_to_write(sql, rows)?);
            }
            (Content::Rows(all), _) => {
                let values: Vec<_> = rows.into_iter().flatten().map(Value::into_owned).collect();
                if !values.is_empty() {
                    all.push(Rows { sql, width: WIDTH, values });
                }
            }
            (Content::Calls(_), Engine::Sqlite(_)) => return Err(StoreError::OtherEngine),
        }
        Ok(())
    }

    /// All of it.
    pub(crate) fn finish(self) -> Draft {
        Draft(self.content)
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
