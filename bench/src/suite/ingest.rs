//! Reports as fast as they are answered, beside the bare handler and beside raw group commit of the same
//! rows, each in turn.

use std::time::Duration;

use anyhow::ensure;

use super::bare::BARE;
use super::database::Postgres;
use super::launcher::Instance;
use super::part::Part;
use super::recording::Recording;
use super::replay::{Flow, RAW_COMMIT, Replayed, replay};
use super::row::{Row, Unit};
use super::{Suite, goal};
use crate::body::Template;
use crate::load::{self, Budget, LIFECYCLE, Load, REPORT_PATH};
use crate::metrics;
use crate::server::Server;
use crate::subject::wait_until_ready;
use crate::tally::{LoadResult, to_f64};

/// What deployments are spread over, in every load of the suite.
pub(super) const APPLICATIONS: u32 = 200;
pub(super) const ENVIRONMENTS: u32 = 5;

/// One load of a server, and how large the groups were in which it committed.
pub(super) struct Loaded {
    pub(super) result: LoadResult,
    pub(super) reports_in_a_group: Option<f64>,
}

/// The rounds of one number of connections.
#[derive(Default)]
struct Rounds {
    bare: Vec<LoadResult>,
    landfall: Vec<Loaded>,
    raw: Vec<Replayed>,
}

pub(super) fn measure(suite: &mut Suite) {
    for connections in suite.setting.connections.clone() {
        let of = format!("{}, SQLite", named(connections));
        suite.attempt(Part::Ingest, &of, |suite| on_sqlite(suite, connections));
        let of = format!("{}, PostgreSQL", named(connections));
        if suite.postgres.is_some() {
            suite.attempt(Part::Ingest, &of, |suite| on_postgres(suite, connections));
        } else {
            suite.report.add_left_out(Part::Ingest, &of, "no --postgres");
        }
    }
}

/// So many connections, in words.
pub(super) fn named(connections: u32) -> String {
    if connections == 1 { "1 connection".to_owned() } else { format!("{connections} connections") }
}

fn on_sqlite(suite: &Suite, connections: u32) -> anyhow::Result<Vec<Row>> {
    let recording = Recording::make(suite, connections)?;
    let mut rounds = Rounds::default();
    for _ in 0..suite.setting.rounds {
        // An empty directory each time, as the floor begins with one too.
        let directory = suite.launcher.directory()?;
        suite.rest_disk()?;
        let loaded = load_and_stop(suite, suite.start(directory.path())?, connections)?;
        let reports_in_a_group = loaded.reports_in_a_group.unwrap_or(f64::from(connections));
        rounds.landfall.push(loaded);
        // In between, since it leaves the disk alone.
        rounds.bare.push(load_bare(suite, connections)?);
        let flow = Flow { reports_in_a_group, connections, length: suite.setting.length };
        suite.rest_disk()?;
        rounds.raw.push(replay(&recording, suite.launcher.parent(), flow)?);
    }
    Ok(rounds.rows_on_sqlite(connections))
}

fn on_postgres(suite: &Suite, connections: u32) -> anyhow::Result<Vec<Row>> {
    let mut rounds = Rounds::default();
    for _ in 0..suite.setting.rounds {
        rounds.bare.push(load_bare(suite, connections)?);
        let directory = suite.launcher.directory()?;
        suite.rest_disk()?;
        let instance = start_on_postgres(suite, directory.path())?;
        rounds.landfall.push(load_and_stop(suite, instance, connections)?);
    }
    Ok(rounds.rows_on_postgres(connections))
}

fn start_on_postgres(suite: &Suite, directory: &std::path::Path) -> anyhow::Result<Instance> {
    let database = suite.postgres.as_ref().map(Postgres::empty);
    let database = database.ok_or_else(|| anyhow::anyhow!("no --postgres"))?;
    let instance = suite.launcher.start_on(&suite.block_on(database)?, directory)?;
    suite.block_on(wait_until_ready(&instance.server))?;
    Ok(instance)
}

fn load_bare(suite: &Suite, connections: u32) -> anyhow::Result<LoadResult> {
    let load = load_for(suite, &suite.bare.server, connections, suite.setting.length)?;
    let result = suite.block_on(load::apply(load))?;
    ensure!(result.failures() == 0, "the bare handler refused reports:\n{result}");
    Ok(result)
}

fn load_and_stop(suite: &Suite, instance: Instance, connections: u32) -> anyhow::Result<Loaded> {
    let load = load_for(suite, &instance.server, connections, suite.setting.length)?;
    let loaded = suite.block_on(apply(load))?;
    instance.stop()?;
    Ok(loaded)
}

/// Whole lifecycles over so many connections, for so long.
pub(super) fn load_for(
    suite: &Suite,
    server: &Server,
    connections: u32,
    length: Duration,
) -> anyhow::Result<Load> {
    Ok(Load {
        server: server.clone(),
        path: REPORT_PATH.to_owned(),
        connections,
        budget: Budget::Time(length),
        plan: suite.plan(APPLICATIONS, ENVIRONMENTS)?,
        template: Template::versioner(),
        statuses: LIFECYCLE,
    })
}

/// Applies a load to a Landfall.
pub(super) async fn apply(load: Load) -> anyhow::Result<Loaded> {
    let server = load.server.clone();
    let before = metrics::committed(&server).await?;
    let result = load::apply(load).await?;
    ensure!(result.accepted > 0, "no report was accepted:\n{result}");
    let after = metrics::committed(&server).await?;
    let in_a_group = before.zip(after).map(|(it, after)| after.reports_in_a_group_since(it));
    Ok(Loaded { result, reports_in_a_group: in_a_group })
}

impl Rounds {
    fn rows_on_sqlite(&self, connections: u32) -> Vec<Row> {
        let raw = || self.raw.iter().map(|it| it.reports_per_s);
        let waiting = self.raw.iter().map(|it| 100.0 * it.part_waiting);
        let mut rows = vec![
            self.rate().beside(RAW_COMMIT, raw()).goal(goal::ingest_beside_commit(connections)),
            self.rate_beside_handler().goal(goal::ingest_beside_handler(connections)),
        ];
        rows.extend(self.latencies(goal::ingest_p99_ms(connections)));
        rows.push(self.lost());
        rows.extend(self.in_a_group());
        let what = "raw group commit: part of its time waiting for the disk";
        rows.push(Row::of_rounds(what, Unit::Percent, waiting));
        rows
    }

    fn rows_on_postgres(&self, connections: u32) -> Vec<Row> {
        let mut rows = vec![self.rate_beside_handler().goal(goal::ingest_on_postgres(connections))];
        rows.extend(self.latencies(None));
        rows.push(self.lost());
        rows.extend(self.in_a_group());
        rows
    }

    fn rate(&self) -> Row {
        let rates = self.landfall.iter().map(|it| it.result.accepted_per_s);
        Row::of_rounds("reports accepted", Unit::PerSecond, rates)
    }

    fn rate_beside_handler(&self) -> Row {
        self.rate().beside(BARE, self.bare.iter().map(|it| it.accepted_per_s))
    }

    fn latencies(&self, p99_ms: Option<goal::Bound>) -> [Row; 2] {
        let row = |what: &str, number: fn(&LoadResult) -> f64| {
            let rounds = self.landfall.iter().map(|it| number(&it.result));
            Row::of_rounds(what, Unit::Milliseconds, rounds)
                .beside(BARE, self.bare.iter().map(number))
        };
        [
            row("report to answer, p50", |it| it.latency.p50_ms),
            row("report to answer, p99", |it| it.latency.p99_ms).goal(p99_ms),
        ]
    }

    /// In all rounds together.
    fn lost(&self) -> Row {
        let lost = self.landfall.iter().map(|it| it.result.failures()).sum();
        Row::single("reports not accepted", Unit::Count, to_f64(lost)).goal(goal::NONE_LOST)
    }

    fn in_a_group(&self) -> Option<Row> {
        let sizes: Option<Vec<f64>> =
            self.landfall.iter().map(|it| it.reports_in_a_group).collect();
        sizes.map(|sizes| Row::of_rounds("reports in a group", Unit::Count, sizes))
    }
}
