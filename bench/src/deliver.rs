//! Webhooks, measured at their far end: how many events arrive, and how long after their reports.
//!
//! Nothing is sampled: every report is known, and every delivery of it is looked for.

pub(crate) mod book;
pub(crate) mod events;
pub(crate) mod floor;
mod order;
pub(crate) mod pace;
mod result;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod webhooks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use self::book::Book;
use self::events::Generation;
use self::pace::{Clock, Pace};
use self::result::{DeliverResult, Setting};
use self::webhooks::Wanted;
use crate::load::{self, Budget};
use crate::machine;
use crate::output::{self, OutputArgs};
use crate::plan::PlanArgs;
use crate::sink::Sink;
use crate::subject::{Subject, SubjectArgs, wait_until_ready};

const POLL_MS: u64 = 10;
/// How long duplicates are looked out for after everything has arrived.
const SETTLE_MS: u64 = 300;

#[derive(Debug, clap::Args)]
pub(crate) struct DeliverArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// Webhooks that get every event.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(..=10_000))]
    webhooks: u32,
    /// Requests that a webhook may have outstanding.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    concurrency: u32,
    /// Further webhooks, each for an application that nobody reports.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    not_matching: u32,
    /// Connections that report, each with one request outstanding.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// Reports per second, instead of as many as the server answers.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// How long to report.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How long to wait afterwards for what has not arrived.
    #[arg(long, default_value_t = 60)]
    drain_seconds: u64,
    /// Measure the floor instead: send deliveries straight to the receiver, without Landfall, over
    /// as many connections as the webhooks would use.
    #[arg(long, conflicts_with_all = ["url", "landfall", "not_matching"])]
    floor: bool,
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

/// Runs the command; false when a report was not accepted or not delivered exactly once.
pub(crate) fn run(args: &DeliverArgs) -> anyhow::Result<bool> {
    let runtime = load::runtime()?;
    if args.floor {
        // Threads of its own, as Landfall's process has them.
        let senders = floor::runtime()?;
        let result = runtime.block_on(measure_floor(args, senders.handle()))?;
        output::print(&result, args.output)?;
        return Ok(result.is_clean());
    }
    let subject = Subject::prepare(&args.subject)?;
    let result = runtime.block_on(measure(args, &subject))?;
    output::print(&result, args.output)?;
    subject.stop()?;
    Ok(result.is_clean())
}

async fn measure(args: &DeliverArgs, subject: &Subject) -> anyhow::Result<DeliverResult> {
    wait_until_ready(&subject.server).await?;
    let plan = args.plan.spread(args.applications, args.environments)?;
    let book = Arc::new(Book::new(plan.clone(), args.webhooks));
    let sink = Sink::start(Arc::clone(&book))?;
    let wanted = Wanted {
        matching: args.webhooks,
        not_matching: args.not_matching,
        concurrency: args.concurrency,
        run: plan.run().to_owned(),
    };
    let begun_at = Instant::now();
    let created = webhooks::create(&subject.server, wanted.requests(|path| sink.url(path))).await?;
    let created_s = begun_at.elapsed().as_secs_f64();
    let generation = Generation {
        server: subject.server.clone(),
        connections: args.connections,
        clock: args.clock(),
        plan,
        book: Arc::clone(&book),
    };
    let reports = generation.run().await;
    wait_for_deliveries(&book, args.drain_seconds).await;
    if !subject.is_owned() {
        webhooks::delete(&subject.server, created).await?;
    }
    Ok(DeliverResult {
        setting: args.setting("landfall"),
        reports: reports?,
        deliveries: book.deliveries(),
        webhooks_created_s: created_s,
        resident_kib: subject.process_id.map(machine::resident_kib).transpose()?,
    })
}

async fn measure_floor(
    args: &DeliverArgs,
    senders: &tokio::runtime::Handle,
) -> anyhow::Result<DeliverResult> {
    let plan = args.plan.spread(args.applications, args.environments)?;
    let book = Arc::new(Book::new(plan.clone(), 1));
    let sink = Sink::start(Arc::clone(&book))?;
    let connections = args.webhooks.max(1) * args.concurrency;
    let floor = floor::Floor::new(sink.url("/hook/0"), args.clock(), plan, Arc::clone(&book))?;
    let reports = floor.run(connections, senders).await?;
    wait_for_deliveries(&book, args.drain_seconds).await;
    Ok(DeliverResult {
        setting: Setting { connections, ..args.setting("floor") },
        reports,
        deliveries: book.deliveries(),
        webhooks_created_s: 0.0,
        resident_kib: None,
    })
}

impl DeliverArgs {
    /// The clock of the run; it starts with the first report.
    fn clock(&self) -> Clock {
        let pace = self.rate.map_or(Pace::AsAnswered, Pace::PerSecond);
        Clock::new(pace, Budget::Time(Duration::from_secs(self.seconds)))
    }

    fn setting(&self, subject: &'static str) -> Setting {
        Setting {
            subject,
            cores: machine::cores(),
            webhooks: self.webhooks,
            concurrency: self.concurrency,
            not_matching: self.not_matching,
            connections: self.connections,
            rate: self.rate,
            seconds: self.seconds,
        }
    }
}

/// Returns when all has arrived, or after the time given, and then watches for duplicates.
pub(crate) async fn wait_for_deliveries(book: &Book, seconds_max: u64) {
    let deadline = Instant::now() + Duration::from_secs(seconds_max);
    while !book.is_complete() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(POLL_MS)).await;
    }
    tokio::time::sleep(Duration::from_millis(SETTLE_MS)).await;
}
