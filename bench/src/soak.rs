//! A soak: a bit of everything for an hour, to see whether the server stays as it was.
//!
//! Reports come evenly and in bursts, every kind of question is asked, live streams come and go,
//! webhooks go to receivers that are well, slow, down, and up and down, and copies of the data are made
//! meanwhile. All that time the process is looked at from outside. In the end what was seen is judged:
//! memory, descriptors and threads must be flat, latencies must not drift, and nothing may be lost.

mod backups;
mod chart;
mod charts;
mod gauges;
mod history;
mod meter;
mod queries;
mod receivers;
mod reports;
mod result;
mod rhythm;
mod sample;
mod streams;
#[cfg(test)]
mod tests;
mod trend;
mod verdict;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use self::backups::Backups;
use self::meter::Meter;
use self::queries::Queries;
use self::receivers::Receivers;
use self::reports::Reports;
use self::result::{Setting, SoakResult};
use self::rhythm::Rhythm;
use self::sample::Sampler;
use self::streams::Streams;
use crate::deliver::book::Book;
use crate::deliver::wait_for_deliveries;
use crate::faults::receivers_runtime;
use crate::load;
use crate::machine;
use crate::output::{self, OutputArgs};
use crate::plan::PlanArgs;
use crate::subject::{Subject, SubjectArgs, wait_until_ready};

#[derive(Debug, clap::Args)]
pub(crate) struct SoakArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// How long, in hours; a part of one is fine.
    #[arg(long, default_value_t = 1.0, conflicts_with = "minutes")]
    hours: f64,
    /// How long, in minutes instead.
    #[arg(long)]
    minutes: Option<f64>,
    /// Reports per second, on the average.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Of each minute, so many seconds' reports come all at once.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..60))]
    burst_seconds: u64,
    /// Connections that report, each with one request outstanding.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// Questions per second.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    queries: u32,
    /// Live streams that are open at one time.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(..=1_000))]
    streams: u32,
    /// Webhooks whose receiver is well.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    webhooks: u32,
    /// How often a copy of the data is made.
    #[arg(long, default_value_t = 5.0)]
    backup_minutes: f64,
    /// How often the process is looked at.
    #[arg(long, default_value_t = 5.0)]
    sample_seconds: f64,
    /// How long to wait afterwards for what has not arrived.
    #[arg(long, default_value_t = 120)]
    drain_seconds: u64,
    /// Applications that the deployments are spread over.
    #[arg(long, default_value_t = 200)]
    applications: u32,
    /// Environments that the deployments are spread over.
    #[arg(long, default_value_t = 5)]
    environments: u32,
    /// Where to write the result as JSON and its plots as SVG.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command; false when something was lost or is not as it was.
pub(crate) fn run(args: &SoakArgs) -> anyhow::Result<bool> {
    let mut program = None;
    let subject = Subject::prepare_with(&args.subject, |command, data| {
        let path = PathBuf::from(command.get_program());
        history::fill(&path, data)?;
        history::keep_one_day(command);
        program = Some(path);
        Ok(())
    })?;
    let receivers = receivers_runtime()?;
    let measuring = measure(args, &subject, program.as_deref(), receivers.handle());
    let result = load::runtime()?.block_on(measuring)?;
    output::print(&result, args.output)?;
    if let Some(directory) = &args.out {
        write(&result, directory)?;
    }
    receivers.shutdown_background();
    subject.stop()?;
    Ok(result.is_clean())
}

fn write(result: &SoakResult, directory: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)?;
    let file = |name: &str, text: String| {
        std::fs::write(directory.join(name), text).with_context(|| format!("cannot write {name}"))
    };
    file("soak.json", serde_json::to_string_pretty(result)?)?;
    for (name, chart) in charts::of(&result.samples) {
        file(&format!("soak-{name}.svg"), chart.to_string())?;
    }
    Ok(())
}

async fn measure(
    args: &SoakArgs,
    subject: &Subject,
    program: Option<&Path>,
    receivers_on: &Handle,
) -> anyhow::Result<SoakResult> {
    let server = &subject.server;
    wait_until_ready(server).await?;
    let plan = args.plan.spread(args.applications, args.environments)?;
    let (book, meter) = (Arc::new(Book::new(plan.clone(), args.webhooks)), Arc::<Meter>::default());
    let receivers = Receivers::start(server, &book, (plan.run(), receivers_on)).await?;
    let streams = Arc::new(Streams::new(server.clone(), Arc::clone(&meter)));
    let queries = Arc::new(Queries::new(server.clone(), &receivers, Arc::clone(&meter)));
    let backups = Arc::new(Backups::new(program, &subject.directory, &meter));
    let sampler = Arc::new(Sampler::new(subject, (&book, &meter)));

    let mut beside = JoinSet::new();
    beside.spawn(Arc::clone(&queries).ask(args.queries));
    for number in 0..args.streams {
        beside.spawn(Arc::clone(&streams).follow(number));
    }
    beside.spawn(Arc::clone(&backups).make_each(minutes(args.backup_minutes)));
    beside.spawn(Arc::clone(&sampler).look_each(Duration::from_secs_f64(args.sample_seconds)));
    let rhythm = Rhythm::new(args.rate, Duration::from_secs(args.burst_seconds), args.length());
    let reports = Reports { server: server.clone(), rhythm, plan, book: Arc::clone(&book), meter };
    let reports = reports.send(args.connections).await?;
    beside.shutdown().await;
    sampler.look().await;

    wait_for_deliveries(&book, args.drain_seconds).await;
    let samples = sampler.take();
    let receivers = receivers.into_outcome(subject).await?;
    let verdicts = verdict::of(&samples);
    Ok(SoakResult {
        setting: args.setting(),
        verdicts,
        reports,
        deliveries: book.deliveries(),
        queries: queries.outcome(),
        streams: streams.outcome(),
        backups: backups.outcome(),
        receivers,
        samples,
    })
}

fn minutes(minutes: f64) -> Duration {
    Duration::from_secs_f64(minutes * 60.0)
}

impl SoakArgs {
    fn length(&self) -> Duration {
        minutes(self.minutes.unwrap_or(self.hours * 60.0))
    }

    fn setting(&self) -> Setting {
        Setting {
            cores: machine::cores(),
            minutes: self.length().as_secs_f64() / 60.0,
            rate: self.rate,
            burst_seconds: self.burst_seconds,
            connections: self.connections,
            queries: self.queries,
            streams: self.streams,
            webhooks: self.webhooks,
        }
    }
}
