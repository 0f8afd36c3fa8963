//! What holds for all SQL of the store, on both engines.
//!
//! What needs a PostgreSQL lies in `postgres`, which `./test` runs with one that it starts.

pub(crate) mod postgres;
mod schema;
mod sqlite;
mod statements;
mod upgrade;
