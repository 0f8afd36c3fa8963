//! A receiver that is down while events happen: what it costs meanwhile, and how it ends.
//!
//! Its port is held and refuses connections until every event was accepted; then it listens, and
//! the server finds that out by itself.

mod memory;
mod result;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use self::memory::Memory;
use self::result::{CatchUp, Outage, OutageResult, Setting};
use crate::deliver::book::Book;
use crate::deliver::events::Generation;
use crate::deliver::pace::{Clock, Pace};
use crate::deliver::wait_for_deliveries;
use crate::deliver::webhooks::{self, Wanted};
use crate::load::{self, Budget, LIFECYCLE};
use crate::machine;
use crate::output::{self, OutputArgs};
use crate::plan::{Plan, PlanArgs};
use crate::port::Port;
use crate::sink::Sink;
use crate::subject::{Subject, SubjectArgs, wait_until_ready};

#[derive(Debug, clap::Args)]
pub(crate) struct OutageArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// Events that happen while the receiver is down, rounded up to whole lifecycles: by default an
    /// hour at 1,000 a second.
    #[arg(long, default_value_t = 3_600_000, value_parser = clap::value_parser!(u64).range(1..))]
    events: u64,
    /// Reports per second, instead of as many as the server answers.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// Requests that the webhook may have outstanding.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    concurrency: u32,
    /// Connections that report, each with one request outstanding.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// How long to wait for all events once the receiver is back.
    #[arg(long, default_value_t = 1_800)]
    drain_seconds: u64,
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
pub(crate) fn run(args: &OutageArgs) -> anyhow::Result<bool> {
    let subject = Subject::prepare(&args.subject)?;
    let result = load::runtime()?.block_on(measure(args, &subject))?;
    output::print(&result, args.output)?;
    subject.stop()?;
    Ok(result.is_clean())
}

async fn measure(args: &OutageArgs, subject: &Subject) -> anyhow::Result<OutageResult> {
    let server = &subject.server;
    wait_until_ready(server).await?;
    let plan = args.plan.spread(args.applications, args.environments)?;
    let book = Arc::new(Book::new(plan.clone(), 1));
    let port = Port::hold()?;
    let wanted = args.wanted(&plan).requests(|path| port.url(path));
    let created = webhooks::create(server, wanted).await?;
    let id = &created[0];
    let mut memory = Memory::watch(subject.process_id);

    memory.note_before();
    let reports = args.generation(subject, plan, Arc::clone(&book)).run().await?;
    memory.note_outage_end();
    let outage = Outage { reports, health: webhooks::health(server, id).await? };

    let back_at = Instant::now();
    let _sink = Sink::on(port, Arc::clone(&book))?;
    wait_for_deliveries(&book, args.drain_seconds).await;
    memory.note_caught_up();
    let catch_up = CatchUp::of(&book, back_at, webhooks::health(server, id).await?);

    if !subject.is_owned() {
        webhooks::delete(server, created).await?;
    }
    Ok(OutageResult { setting: args.setting(), outage, catch_up, memory: memory.into_samples() })
}

impl OutageArgs {
    fn deployments(&self) -> u64 {
        self.events.div_ceil(LIFECYCLE.len() as u64)
    }

    fn wanted(&self, plan: &Plan) -> Wanted {
        Wanted {
            matching: 1,
            not_matching: 0,
            concurrency: self.concurrency,
            run: plan.run().to_owned(),
        }
    }

    fn generation(&self, subject: &Subject, plan: Plan, book: Arc<Book>) -> Generation {
        let pace = self.rate.map_or(Pace::AsAnswered, Pace::PerSecond);
        let clock = Clock::new(pace, Budget::Deployments(self.deployments()));
        let (server, connections) = (subject.server.clone(), self.connections);
        Generation { server, connections, clock, plan, book }
    }

    fn setting(&self) -> Setting {
        Setting {
            cores: machine::cores(),
            events: self.deployments() * LIFECYCLE.len() as u64,
            rate: self.rate,
            concurrency: self.concurrency,
            connections: self.connections,
        }
    }
}
