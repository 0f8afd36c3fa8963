//! What every test stands on: a server in this process, a client, raw sockets and the real binary.

mod client;
mod cluster;
mod database;
mod directory;
pub(crate) mod disk;
mod process;
mod queue;
pub(crate) mod receiver;
mod record;
mod server;
mod socket;

pub(crate) use client::{Answer, Call, Client};
pub(crate) use cluster::Cluster;
pub(crate) use database::{
    MASTER_KEY, database_of, end_connections, everything_in, is_postgres, open_store, run_sql,
};
pub(crate) use directory::{Directory, memory_directory, scratch_directory};
pub(crate) use process::{Ended, Launch, PRESET_KEY, Process};
pub(crate) use queue::{
    Full, Queued, Waiting, poll_once, poll_until_read, wait_for_all, with_reads_in_turn,
};
pub(crate) use record::Record;
pub(crate) use server::{Server, Setup, noon};
pub(crate) use socket::{Heard, Socket};
