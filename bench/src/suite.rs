//! The suite: every measurement in one run, each beside a floor of the same run, as one table.
//!
//! Each part is one file, which says what it measures and beside what. A part that can't be measured
//! is shown with its reason, and the others go on.

mod bare;
mod data_file;
mod database;
mod deliver;
mod failing;
mod fill;
mod goal;
mod host;
mod idle;
mod ingest;
mod launcher;
mod memory;
mod part;
mod queries;
mod recording;
mod replay;
mod report;
mod row;
mod setting;
mod size;
mod start;
mod stream;
mod table;

use std::cell::Cell;
use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Runtime;

use self::bare::Bare;
use self::database::Postgres;
use self::host::Host;
use self::launcher::{Instance, Launcher};
use self::part::Part;
use self::report::Report;
use self::row::Row;
use self::setting::{Setting, SettingArgs};
use crate::load;
use crate::output;
use crate::plan::{self, Plan};
use crate::subject::wait_until_ready;

/// An application gets a new version every so many deployments.
const VERSIONS_EVERY: u64 = 10;
/// The disk rests as long as a round takes, and no longer than this.
const REST_MAX: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub(crate) struct SuiteArgs {
    #[command(flatten)]
    setting: SettingArgs,
    /// The binary to measure. [default: `landfall` beside this binary]
    #[arg(long, value_name = "PATH")]
    landfall: Option<PathBuf>,
    /// Directory on the disk to measure, where data directories are made. [default: beside the binary]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep the servers that were filled with deployments here, and use them again the next time.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// A PostgreSQL to measure too. In its database the schema `landfall_bench` is dropped and made.
    #[arg(long, value_name = "URL", env = "LANDFALL_BENCH_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// Write the results as JSON into this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the table into this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Fail when a goal is missed.
    #[arg(long)]
    require_goals: bool,
}

/// A run of the suite: what is measured, beside what, and what was found so far.
struct Suite {
    setting: Setting,
    launcher: Launcher,
    bare: Bare,
    postgres: Option<Postgres>,
    keep: Option<PathBuf>,
    /// One thread, on which the generator and all receivers run.
    runtime: Runtime,
    /// The name of this run, and how many plans were made in it.
    run: String,
    plans: Cell<u32>,
    report: Report,
}

/// Runs the command; false when something could not be measured, or a goal that is required is missed.
pub(crate) fn run(args: &SuiteArgs) -> anyhow::Result<bool> {
    let mut suite = Suite::prepare(args)?;
    for part in suite.setting.parts.clone() {
        part.measure(&mut suite);
        // At once: a later part may take an hour, and this one is not lost with it.
        suite.write(args)?;
    }
    if args.markdown.is_none() {
        output::announce(&suite.report.to_string());
    }
    let report = suite.stop()?;
    Ok(report.is_whole() && (!args.require_goals || report.reaches_its_goals()))
}

impl Suite {
    fn prepare(args: &SuiteArgs) -> anyhow::Result<Self> {
        let launcher = Launcher::new(args.landfall.as_deref(), args.data.as_deref())?;
        let runtime = load::runtime()?;
        let postgres = args.postgres.as_ref().map(|url| Postgres::new(url));
        let setting = args.setting.setting();
        let host = Host::describe(launcher.parent())?;
        let told = postgres.as_ref().map(|it| runtime.block_on(it.describe())).transpose()?;
        let report = Report::new(launcher.version()?, host, told, setting.clone());
        Ok(Self {
            setting,
            launcher,
            bare: Bare::start()?,
            postgres,
            keep: args.keep.clone(),
            runtime,
            run: plan::name_from_time(),
            plans: Cell::new(0),
            report,
        })
    }

    /// Measures one thing of a part; a failure takes its place in the table.
    fn attempt(
        &mut self,
        part: Part,
        what: &str,
        measure: impl FnOnce(&Self) -> anyhow::Result<Vec<Row>>,
    ) {
        output::progress(&format!("{part}: {what}"));
        match measure(self) {
            Ok(rows) => self.report.add_measured(part, what, rows),
            Err(error) => self.report.add_failed(part, what, &format!("{error:#}")),
        }
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Starts a server on a data directory, and waits until it is ready.
    fn start(&self, data: &std::path::Path) -> anyhow::Result<Instance> {
        let instance = self.launcher.start(data)?;
        self.block_on(wait_until_ready(&instance.server))?;
        Ok(instance)
    }

    /// Lets the disk get over what was written and removed before. Many answer slower for a while
    /// afterwards, and whoever writes next would be compared with somebody who came before that.
    fn rest_disk(&self) -> anyhow::Result<()> {
        self.launcher.sync_disk()?;
        thread::sleep(self.setting.length.min(REST_MAX));
        Ok(())
    }

    /// The names of a load that no other load of this run shares.
    fn plan(&self, applications: u32, environments: u32) -> anyhow::Result<Plan> {
        self.plan_with(applications, environments, VERSIONS_EVERY)
    }

    fn plan_with(
        &self,
        applications: u32,
        environments: u32,
        versions_every: u64,
    ) -> anyhow::Result<Plan> {
        let number = self.plans.get() + 1;
        self.plans.set(number);
        Plan::new(format!("{}-{number}", self.run), applications, environments, versions_every)
    }

    fn write(&self, args: &SuiteArgs) -> anyhow::Result<()> {
        let write = |path: &PathBuf, text: String| {
            fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        if let Some(path) = &args.json {
            write(path, serde_json::to_string_pretty(&self.report)?)?;
        }
        if let Some(path) = &args.markdown {
            write(path, format!("{}\n", self.report))?;
        }
        Ok(())
    }

    fn stop(self) -> anyhow::Result<Report> {
        self.bare.stop()?;
        if let Some(postgres) = &self.postgres {
            self.runtime.block_on(postgres.clear())?;
        }
        Ok(self.report)
    }
}
