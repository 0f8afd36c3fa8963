//! One phase: webhooks are made, events reported at a fixed rate, deliveries awaited, webhooks gone.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::FaultsArgs;
use super::receiver::Faulty;
use crate::deliver::book::Book;
use crate::deliver::events::Generation;
use crate::deliver::pace::{Clock, Pace};
use crate::deliver::wait_for_deliveries;
use crate::deliver::webhooks::{self, Health, Wanted};
use crate::histogram::Histogram;
use crate::load::Budget;
use crate::plan::Plan;
use crate::server::Server;
use crate::sink::Sink;

const APPLICATIONS: u32 = 200;
const ENVIRONMENTS: u32 = 5;

/// Runs phases one after the other, each with events of its own.
pub(super) struct Phases<'a> {
    pub(super) args: &'a FaultsArgs,
    server: &'a Server,
    plan: Plan,
    next: u16,
}

/// What the webhooks that are well got in one phase.
pub(super) struct Phase {
    latencies: Histogram,
    delivered: u64,
    /// Reports that were not accepted, and deliveries that are missing, doubled or strange.
    amiss: u64,
    /// How the first webhook that misbehaves was doing in the end, where there was one.
    health: Option<Health>,
}

/// Several phases of one kind.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) latencies: Histogram,
    pub(super) delivered: u64,
    pub(super) amiss: u64,
    /// After the last phase.
    pub(super) health: Option<Health>,
}

impl Sum {
    pub(super) fn add(&mut self, phase: Phase) {
        let Phase { latencies, delivered, amiss, health } = phase;
        self.latencies.add(&latencies);
        self.delivered += delivered;
        self.amiss += amiss;
        self.health = health;
    }
}

impl<'a> Phases<'a> {
    pub(super) fn new(args: &'a FaultsArgs, server: &'a Server) -> anyhow::Result<Self> {
        let plan = args.plan.spread(APPLICATIONS, ENVIRONMENTS)?;
        Ok(Self { args, server, plan, next: 0 })
    }

    /// Only webhooks that are well.
    pub(super) async fn alone(&mut self) -> anyhow::Result<Phase> {
        self.run(|_| Vec::new()).await
    }

    /// The same, and those of a receiver that misbehaves.
    pub(super) async fn beside(&mut self, receiver: &Faulty) -> anyhow::Result<Phase> {
        let args = self.args;
        self.run(|run| (0..args.faulty).map(|n| args.faulty_webhook(run, n, receiver)).collect())
            .await
    }

    async fn run(&mut self, faulty: impl Fn(&str) -> Vec<Value>) -> anyhow::Result<Phase> {
        let (args, server) = (self.args, self.server);
        let plan = self.next_plan()?;
        let book = Arc::new(Book::new(plan.clone(), args.webhooks));
        let sink = Sink::start(Arc::clone(&book))?;
        let wanted = args.wanted(plan.run());
        let mut ids = webhooks::create(server, wanted.requests(|path| sink.url(path))).await?;
        let sick = webhooks::create(server, faulty(plan.run())).await?;
        let reports = self.generation(plan, Arc::clone(&book)).run().await?;
        wait_for_deliveries(&book, args.drain_seconds).await;
        let health = match sick.first() {
            Some(id) => Some(webhooks::health(server, id).await?),
            None => None,
        };
        ids.extend(sick);
        webhooks::delete(server, ids).await?;
        let told = book.deliveries();
        let amiss = reports.failures() + told.missing + told.duplicates + told.strange;
        Ok(Phase { latencies: book.latencies(), delivered: told.delivered, amiss, health })
    }

    fn next_plan(&mut self) -> anyhow::Result<Plan> {
        self.next += 1;
        self.plan.round(self.next)
    }

    fn generation(&self, plan: Plan, book: Arc<Book>) -> Generation {
        let budget = Budget::Time(Duration::from_secs(self.args.seconds));
        let clock = Clock::new(Pace::PerSecond(self.args.rate), budget);
        let connections = self.args.connections;
        Generation { server: self.server.clone(), connections, clock, plan, book }
    }
}

impl FaultsArgs {
    fn wanted(&self, run: &str) -> Wanted {
        Wanted {
            matching: self.webhooks,
            not_matching: 0,
            concurrency: self.concurrency,
            run: run.to_owned(),
        }
    }

    /// It tries again each second, so that there is always something to do.
    fn faulty_webhook(&self, run: &str, number: u32, receiver: &Faulty) -> Value {
        json!({
            "name": format!("bench-{run}-faulty-{number}"),
            "url": receiver.url(),
            "events": ["deployment.*"],
            "concurrency": self.concurrency,
            "timeout_ms": self.timeout_ms,
            "retry_schedule": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        })
    }
}
