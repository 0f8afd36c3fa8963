//! The size of the binary, and what an event takes on the disk once the server has ended.
//!
//! What is reported one after the other is packed less tightly than what comes at once, so both are
//! measured.

use std::fs;
use std::path::Path;

use anyhow::ensure;

use super::data_file::bytes_in;
use super::ingest::named;
use super::part::Part;
use super::row::{Row, Unit};
use super::{Suite, goal};
use crate::body::Template;
use crate::load::{self, Budget, LIFECYCLE, Load, REPORT_PATH};
use crate::plan::Plan;
use crate::server::Server;
use crate::tally::to_f64;

/// Versioner's report of a build, as its GitHub Action sends it.
const BUILD: &str = concat!(
    r#"{"product_name":"{application}","version":"{version}","status":"{status}","#,
    r#""source_system":"github","build_number":"{n}","scm_sha":"{sha}","#,
    r#""scm_repository":"acme/{application}","invoke_id":"{invoke_id}","#,
    r#""build_url":"https://ci.example.com/acme/{application}/runs/{n}","built_by":"octo"}"#,
);
const BUILD_PATH: &str = "/build-events/";
const BUILT: &[&str] = &["completed"];
const THREE: &[&str] = &["pending", "started", "completed"];

/// Few cells, which are filled before it is measured how the data grows.
const APPLICATIONS: u32 = 40;
const ENVIRONMENTS: u32 = 5;

/// As many deployments as there are seconds in a round, times this.
const AT_ONCE_PER_S: u64 = 1_250;
const ONE_BY_ONE_PER_S: u64 = 250;

pub(super) fn measure(suite: &mut Suite) {
    suite.attempt(Part::Size, "binary", |suite| {
        let bytes = fs::metadata(suite.launcher.program())?.len();
        Ok(vec![Row::single("size", Unit::Megabytes, to_f64(bytes) / 1e6)])
    });
    for (connections, per_s) in [(64, AT_ONCE_PER_S), (1, ONE_BY_ONE_PER_S)] {
        suite.attempt(Part::Size, &named(connections), |suite| {
            let deployments = (per_s * millis(suite)).div_ceil(1_000).max(1);
            on_the_disk(suite, connections, deployments)
        });
    }
}

fn millis(suite: &Suite) -> u64 {
    u64::try_from(suite.setting.length.as_millis()).unwrap_or(u64::MAX)
}

/// What the deployments of a load say of themselves.
#[derive(Clone, Copy)]
enum Shape {
    /// Two events each.
    Lifecycles,
    /// Three: each has a version of its own, and that a build.
    WithBuilds,
    /// Three: each is announced first.
    WithPending,
}

fn on_the_disk(suite: &Suite, connections: u32, deployments: u64) -> anyhow::Result<Vec<Row>> {
    let bytes = |shape| growth(suite, shape, connections, deployments);
    let per_event = bytes(Shape::Lifecycles)? / to_f64(LIFECYCLE.len() as u64);
    let (pending, built) = (bytes(Shape::WithPending)?, bytes(Shape::WithBuilds)?);
    let bound = (connections > 1).then_some(goal::DEPLOYMENT_BYTES);
    let three = "data per deployment with three events";
    let row = |what: &str, bytes| Row::single(what, Unit::Bytes, bytes);
    Ok(vec![
        row("data per event, two per deployment", per_event),
        row(&format!("{three}: pending, started, completed"), pending),
        row(&format!("{three}: built (a version for each), started, completed"), built).goal(bound),
    ])
}

/// By how many bytes the data grows for each deployment, once every cell has been reported.
fn growth(suite: &Suite, shape: Shape, connections: u32, deployments: u64) -> anyhow::Result<f64> {
    let directory = suite.launcher.directory()?;
    let cells = u64::from(APPLICATIONS) * u64::from(ENVIRONMENTS);
    let first = size_after(suite, directory.path(), shape, 64, cells)?;
    let then = size_after(suite, directory.path(), shape, connections, deployments)?;
    Ok((to_f64(then) - to_f64(first)) / to_f64(deployments))
}

/// The size of the data once a server has taken in so many deployments more, and has ended.
fn size_after(
    suite: &Suite,
    directory: &Path,
    shape: Shape,
    connections: u32,
    deployments: u64,
) -> anyhow::Result<u64> {
    let instance = suite.start(directory)?;
    for load in shape.loads(suite, &instance.server, connections, deployments)? {
        let result = suite.block_on(load::apply(load))?;
        ensure!(result.failures() == 0, "not all reports were accepted:\n{result}");
    }
    instance.stop()?;
    bytes_in(directory)
}

impl Shape {
    fn loads(
        self,
        suite: &Suite,
        server: &Server,
        connections: u32,
        deployments: u64,
    ) -> anyhow::Result<Vec<Load>> {
        let usual = suite.plan(APPLICATIONS, ENVIRONMENTS)?;
        let load = |plan: &Plan| lifecycles(server, plan, connections, deployments);
        Ok(match self {
            Self::Lifecycles => vec![load(&usual)],
            Self::WithPending => vec![Load { statuses: THREE, ..load(&usual) }],
            Self::WithBuilds => {
                let plan = suite.plan_with(APPLICATIONS, ENVIRONMENTS, 1)?;
                let (path, template) = (BUILD_PATH.to_owned(), Template::parse(BUILD)?);
                vec![Load { path, template, statuses: BUILT, ..load(&plan) }, load(&plan)]
            }
        })
    }
}

fn lifecycles(server: &Server, plan: &Plan, connections: u32, deployments: u64) -> Load {
    Load {
        server: server.clone(),
        path: REPORT_PATH.to_owned(),
        connections,
        budget: Budget::Deployments(deployments),
        plan: plan.clone(),
        template: Template::versioner(),
        statuses: LIFECYCLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_a_build_names_known_placeholders() {
        assert!(Template::parse(BUILD).is_ok());
    }
}
