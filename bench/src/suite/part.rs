//! The parts of the suite, any of which can be measured alone.

use std::fmt;

use clap::ValueEnum;
use serde::Serialize;

use super::{Suite, deliver, failing, idle, ingest, memory, queries, size, start, stream};

/// A part, in the order in which they are measured: what needs a quiet machine first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    /// What a server costs that nobody talks to.
    Idle,
    /// From starting the process to its first answer.
    Start,
    /// The binary, and what events take on the disk.
    Size,
    /// Reports, as fast as they are answered.
    Ingest,
    /// Reports and their deliveries to webhooks.
    Deliver,
    /// Deliveries beside receivers that fail.
    Failing,
    /// Events on live streams.
    Stream,
    /// Memory during a run.
    Memory,
    /// Reading from servers that hold much.
    Queries,
}

impl Part {
    /// All of them, in order.
    pub(super) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    pub(super) fn measure(self, suite: &mut Suite) {
        match self {
            Self::Idle => idle::measure(suite),
            Self::Start => start::measure(suite),
            Self::Size => size::measure(suite),
            Self::Ingest => ingest::measure(suite),
            Self::Deliver => deliver::measure(suite),
            Self::Failing => failing::measure(suite),
            Self::Stream => stream::measure(suite),
            Self::Memory => memory::measure(suite),
            Self::Queries => queries::measure(suite),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "idle",
            Self::Start => "start",
            Self::Size => "size",
            Self::Ingest => "ingest",
            Self::Deliver => "deliver",
            Self::Failing => "failing",
            Self::Stream => "stream",
            Self::Memory => "memory",
            Self::Queries => "queries",
        })
    }
}
