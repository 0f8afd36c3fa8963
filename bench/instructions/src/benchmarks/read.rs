//! Reading: who calls, the log, and a page of the matrix.

use anyhow::ensure;
use landfall_engine::status::{MatrixFilter, Rows};

use super::Benchmark;
use crate::counted::{FRAME, the_counted_part};
use crate::data::{Data, ENVIRONMENTS, Opened};

pub(super) const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "read: who holds an API key",
        data: Data::Company,
        counted: &[FRAME],
        run: check_a_key,
    },
    Benchmark {
        name: "read: 500 events of the log",
        data: Data::Company,
        counted: &["landfall_store::rows::event::after"],
        run: read_the_log,
    },
    Benchmark {
        name: "read: 50 rows of the matrix",
        data: Data::Company,
        counted: &["landfall_engine::status::read"],
        run: read_the_matrix,
    },
];

/// One that was looked up before.
fn check_a_key() -> anyhow::Result<()> {
    let opened = Opened::here()?;
    let Opened { runtime, engine, key, .. } = &opened;
    let caller = the_counted_part(|| runtime.block_on(engine.authenticate(key)))?;
    ensure!(caller.organization == opened.caller.organization, "it is another one's");
    Ok(())
}

fn read_the_log() -> anyhow::Result<()> {
    let Opened { runtime, engine, caller, .. } = Opened::here()?;
    let events = runtime.block_on(engine.events_after(&caller, 1_000, 500))?;
    ensure!(events.len() == 500, "there are {}", events.len());
    Ok(())
}

fn read_the_matrix() -> anyhow::Result<()> {
    let Opened { runtime, engine, caller, .. } = Opened::here()?;
    let rows = Rows::Page { after: None, limit: 50 };
    let matrix = runtime.block_on(engine.status(&caller, MatrixFilter::default(), rows))?;
    ensure!(matrix.rows.len() == 50, "there are {} rows", matrix.rows.len());
    ensure!(matrix.environments.len() == ENVIRONMENTS.len(), "there are other columns");
    Ok(())
}
