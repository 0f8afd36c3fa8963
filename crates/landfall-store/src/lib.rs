//! What is remembered: the only SQL, the driver under it, and group commit.
//!
//! Every write goes through the one [`Writer`] of this node; reads take a connection of the
//! [`ReadPool`]. The SQL is written once, in the subset that SQLite and PostgreSQL share, and the driver is batched:
//! nothing above it can issue a single row in a loop of its own.

mod cache;
mod checkpoint;
#[cfg(test)]
mod checks;
mod copy;
mod driver;
mod durable;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod group;
mod heads;
mod heartbeat;
pub mod idempotency;
pub mod installation;
mod known;
mod load;
mod migrate;
mod open;
pub mod queries;
mod reader;
pub mod rows;
mod save;
mod stats;
mod writer;

pub use copy::{Copied, CopiedTable, Place, Progress, Stage, copy};
pub use driver::{Address, Connection, Row, Value};
pub use error::StoreError;
pub use group::Decided;
pub use heartbeat::Heartbeat;
pub use open::{Contents, Store, backup, restore, verify};
pub use reader::ReadPool;
pub use rows::event::StoredEvent;
pub use stats::Stats;
pub use writer::{Committed, Job, Listener, Writer};
