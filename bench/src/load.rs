//! The load: closed-loop connections that report lifecycles as fast as the server answers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;

use crate::body::{BodyArgs, Template};
use crate::output::{self, OutputArgs};
use crate::plan::{Plan, PlanArgs};
use crate::reporter::{Reporter, Run};
use crate::sender::Sender;
use crate::server::{Server, ServerArgs};
use crate::tally::{LoadResult, Tally};

/// Where reports go, unless the caller says otherwise.
pub(crate) const REPORT_PATH: &str = "/deployment-events/";

/// The reports of one whole lifecycle.
pub(crate) const LIFECYCLE: &[&str] = &["started", "completed"];

#[derive(Debug, clap::Args)]
pub(crate) struct LoadArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Connections, each with one request outstanding.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// How many reports to send, rounded up to whole lifecycles.
    #[arg(long, conflicts_with = "seconds")]
    reports: Option<u64>,
    /// How long to send; lifecycles that were begun are finished.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Where to send reports.
    #[arg(long, default_value = REPORT_PATH)]
    path: String,
    /// Applications that the deployments are spread over.
    #[arg(long, default_value_t = 200)]
    applications: u32,
    /// Environments that the deployments are spread over.
    #[arg(long, default_value_t = 5)]
    environments: u32,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    body: BodyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Everything that defines one run.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) server: Server,
    pub(crate) path: String,
    pub(crate) connections: u32,
    pub(crate) budget: Budget,
    pub(crate) plan: Plan,
    pub(crate) template: Template,
    /// The status words that each deployment reports, in order.
    pub(crate) statuses: &'static [&'static str],
}

/// When a run ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Budget {
    Deployments(u64),
    Time(Duration),
}

/// Runs the command; false when a report was not accepted.
pub(crate) fn run(args: &LoadArgs) -> anyhow::Result<bool> {
    let lifecycle = LIFECYCLE.len() as u64;
    let load = Load {
        server: args.server.server()?,
        path: args.path.clone(),
        connections: args.connections,
        budget: match args.reports {
            Some(reports) => Budget::Deployments(reports.div_ceil(lifecycle)),
            None => Budget::Time(Duration::from_secs(args.seconds)),
        },
        plan: args.plan.spread(args.applications, args.environments)?,
        template: args.body.template()?,
        statuses: LIFECYCLE,
    };
    let result = runtime()?.block_on(apply(load))?;
    output::print(&result, args.output)?;
    Ok(result.failures() == 0)
}

/// Opens all connections first, so that only reports are measured.
pub(crate) async fn apply(load: Load) -> anyhow::Result<LoadResult> {
    let mut senders = Vec::new();
    for _ in 0..load.connections {
        senders.push(Sender::connect(&load.server, &load.path).await?);
    }
    let run = Arc::new(Run::start(load));
    let reporters = senders.into_iter().map(|sender| Reporter::new(Arc::clone(&run), sender));
    let mut working: JoinSet<Tally> = reporters.map(Reporter::work).collect();
    let mut all = Tally::default();
    while let Some(tally) = working.join_next().await {
        all.add(tally.context("a connection's task ended early")?);
    }
    Ok(all.result(run.started_at().elapsed()))
}

/// One thread: the generator leaves the other cores to the server.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().context("cannot start the generator's runtime")
}
