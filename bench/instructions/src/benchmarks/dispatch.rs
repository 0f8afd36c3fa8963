//! The tail: handing an event to those of many webhooks that want it.

use anyhow::ensure;
use landfall_domain::status::Status;
use landfall_engine::ledger::RawRequest;
use landfall_engine::tasks::Tasks;

use super::Benchmark;
use super::reports::deployment;
use crate::data::{Data, Opened};

pub(super) const BENCHMARKS: &[Benchmark] = &[Benchmark {
    name: "dispatch: one of 10,000 webhooks wants an event",
    data: Data::Webhooks,
    counted: &["landfall_engine::dispatch::tail::Index::hand_out"],
    run: hand_out,
}];

/// What the first event of its kind costs; of those that follow, the index remembers who wants them.
fn hand_out() -> anyhow::Result<()> {
    let Opened { runtime, engine, caller, .. } = Opened::here()?;
    let tasks = Tasks::default();
    runtime.block_on(async {
        engine.start_dispatch(&tasks).await?;
        let report = deployment(400, "production", 1, Status::Started)?;
        let raw = RawRequest { dialect: "native", request: "", body: b"" };
        let reported = engine.report(&caller, report, None, raw).await?;
        ensure!(reported.sequence.is_some(), "no event was appended");
        Ok(())
    })
}
