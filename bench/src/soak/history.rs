//! A history that is older than it is to be kept, so that upkeep has something to forget.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::process::ServerProcess;

/// Fills a data directory with the two months of the demo.
pub(super) fn fill(program: &Path, data: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command.env_remove("LANDFALL_DATABASE").env_remove("LANDFALL_LISTEN");
    let demo = ServerProcess::start(&mut command).context("the demo could not be made")?;
    let status = demo.stop()?;
    ensure!(status.success(), "the demo ended with {status}");
    Ok(())
}

/// Has a server forget what is older than a day, which is the least that can be set.
pub(super) fn keep_one_day(command: &mut Command) {
    for variable in
        ["LANDFALL_EVENTS_KEPT_DAYS", "LANDFALL_ATTEMPTS_KEPT_DAYS", "LANDFALL_REFUSED_KEPT_DAYS"]
    {
        command.env(variable, "1");
    }
}
