//! From starting the process to its first answer of `/readyz`.

use std::path::Path;
use std::time::Instant;

use super::Suite;
use super::bare::{BARE, Bare};
use super::ingest::{APPLICATIONS, ENVIRONMENTS};
use super::launcher::Instance;
use super::part::Part;
use super::row::{Row, Unit};
use crate::body::Template;
use crate::load::{self, Budget, LIFECYCLE, Load, REPORT_PATH};
use crate::server::Server;
use crate::subject::wait_until_ready;

/// Deployments of a small installation.
const SMALL: u64 = 500;

/// A start takes milliseconds, so it is measured more often than what takes seconds.
const STARTS_PER_ROUND: u32 = 3;

const WHAT: &str = "start to first answer";

pub(super) fn measure(suite: &mut Suite) {
    suite.attempt(Part::Start, "first start, empty directory", |suite| {
        let directories = (0..starts(suite)).map(|_| suite.launcher.directory());
        let directories = directories.collect::<Result<Vec<_>, _>>()?;
        starts_of(suite, directories.iter().map(tempfile::TempDir::path))
    });
    suite.attempt(Part::Start, &format!("{SMALL} deployments"), |suite| {
        let directory = suite.launcher.directory()?;
        fill_small(suite, directory.path())?;
        starts_of(suite, (0..starts(suite)).map(|_| directory.path()))
    });
}

fn starts(suite: &Suite) -> u32 {
    suite.setting.rounds * STARTS_PER_ROUND
}

fn starts_of<'a>(
    suite: &Suite,
    directories: impl Iterator<Item = &'a Path>,
) -> anyhow::Result<Vec<Row>> {
    let (mut landfall, mut bare) = (Vec::new(), Vec::new());
    for directory in directories {
        bare.push(start_bare(suite)?);
        let (instance, ms) = start(suite, directory)?;
        instance.stop()?;
        landfall.push(ms);
    }
    Ok(vec![Row::of_rounds(WHAT, Unit::Milliseconds, landfall).beside(BARE, bare)])
}

fn start_bare(suite: &Suite) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let bare = Bare::start()?;
    suite.block_on(wait_until_ready(&bare.server))?;
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    bare.stop()?;
    Ok(ms)
}

/// Starts a server, and tells how many milliseconds it took to be ready.
pub(super) fn start(suite: &Suite, directory: &Path) -> anyhow::Result<(Instance, f64)> {
    let begun = Instant::now();
    let instance = suite.start(directory)?;
    Ok((instance, begun.elapsed().as_secs_f64() * 1e3))
}

/// The row for one start that was timed.
pub(super) fn row(ms: f64) -> Row {
    Row::single(WHAT, Unit::Milliseconds, ms)
}

/// Has a server take in what a small installation holds, and ends it.
pub(super) fn fill_small(suite: &Suite, directory: &Path) -> anyhow::Result<()> {
    let instance = suite.start(directory)?;
    let result = suite.block_on(load::apply(small_load(suite, &instance.server)?))?;
    anyhow::ensure!(result.failures() == 0, "not all reports were accepted:\n{result}");
    instance.stop()
}

fn small_load(suite: &Suite, server: &Server) -> anyhow::Result<Load> {
    Ok(Load {
        server: server.clone(),
        path: REPORT_PATH.to_owned(),
        connections: 16,
        budget: Budget::Deployments(SMALL),
        plan: suite.plan(APPLICATIONS, ENVIRONMENTS)?,
        template: Template::versioner(),
        statuses: LIFECYCLE,
    })
}
