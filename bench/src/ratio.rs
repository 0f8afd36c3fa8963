//! Landfall against the floor, in turns and in one run, so that the machine's mood cancels out.

use std::process::Command;
use std::time::Duration;

use anyhow::ensure;

use crate::body::Template;
use crate::load::{self, Budget, LIFECYCLE, Load, REPORT_PATH};
use crate::output::{self, OutputArgs};
use crate::plan::{Plan, PlanArgs};
use crate::process::ServerProcess;
use crate::ratio_result::{RatioResult, Summary};
use crate::server::Server;
use crate::subject::{Subject, SubjectArgs, wait_until_ready};
use crate::tally::LoadResult;
use crate::{machine, metrics};

#[derive(Debug, clap::Args)]
pub(crate) struct RatioArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// Rounds of each; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Length of one round of one server.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections, each with one request outstanding.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// Applications that the deployments are spread over.
    #[arg(long, default_value_t = 200)]
    applications: u32,
    /// Environments that the deployments are spread over.
    #[arg(long, default_value_t = 5)]
    environments: u32,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command; false when a report was not accepted.
pub(crate) fn run(args: &RatioArgs) -> anyhow::Result<bool> {
    let mut floor_command = Command::new(std::env::current_exe()?);
    let floor = ServerProcess::start(floor_command.args(["floor", "--listen", "127.0.0.1:0"]))?;
    let floor_server = Server::at(floor.url(), "")?;
    let subject = Subject::prepare(&args.subject)?;
    let result = load::runtime()?.block_on(measure(args, &floor_server, &subject))?;
    output::print(&result, args.output)?;
    subject.stop()?;
    floor.stop()?;
    Ok(result.failures() == 0)
}

async fn measure(
    args: &RatioArgs,
    floor: &Server,
    subject: &Subject,
) -> anyhow::Result<RatioResult> {
    wait_until_ready(floor).await?;
    wait_until_ready(&subject.server).await?;
    let plan = args.plan.spread(args.applications, args.environments)?;
    let fdatasync = machine::measure_fdatasync(&subject.directory)?;
    let rows_before = metrics::rows_written(&subject.server).await?;
    let mut rounds = Rounds::default();
    for number in 1..=args.rounds {
        rounds.floor.push(measure_round(args, floor, &plan, number).await?);
        rounds.landfall.push(measure_round(args, &subject.server, &plan, number).await?);
    }
    let rows_after = metrics::rows_written(&subject.server).await?;
    let (floor, landfall) = (Summary::try_from(rounds.floor)?, Summary::try_from(rounds.landfall)?);
    Ok(RatioResult {
        cores: machine::cores(),
        connections: args.connections,
        seconds: args.seconds,
        fdatasync,
        resident_kib: subject.process_id.map(machine::resident_kib).transpose()?,
        rows_written: rows_after.map(|after| after - rows_before.unwrap_or(0.0)),
        landfall_per_floor: landfall.rate_per(&floor),
        floor,
        landfall,
    })
}

#[derive(Default)]
struct Rounds {
    floor: Vec<LoadResult>,
    landfall: Vec<LoadResult>,
}

async fn measure_round(
    args: &RatioArgs,
    server: &Server,
    plan: &Plan,
    number: u16,
) -> anyhow::Result<LoadResult> {
    let result = load::apply(Load {
        server: server.clone(),
        path: REPORT_PATH.to_owned(),
        connections: args.connections,
        budget: Budget::Time(Duration::from_secs(args.seconds)),
        plan: plan.round(number)?,
        template: Template::versioner(),
        statuses: LIFECYCLE,
    });
    let result = result.await?;
    ensure!(result.accepted > 0, "no report was accepted:\n{result}");
    Ok(result)
}
