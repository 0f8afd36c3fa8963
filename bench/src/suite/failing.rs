//! Webhooks of which a fifth has a receiver that fails: what the others are sent, beside the same run
//! in which none fails.
//!
//! Half of those that fail answer 500, half refuse connections. They have the usual schedule of
//! retries, so breakers open as they would.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::deliver::{CONNECTIONS, DRAIN_S_MAX, concurrency, deployments_for};
use super::ingest::{APPLICATIONS, ENVIRONMENTS};
use super::part::Part;
use super::row::{Row, Unit};
use super::{Suite, goal};
use crate::deliver::book::Book;
use crate::deliver::events::Generation;
use crate::deliver::pace::{Clock, Pace};
use crate::deliver::wait_for_deliveries;
use crate::deliver::webhooks::{self, Wanted};
use crate::faults::fault::Fault;
use crate::faults::receiver::Faulty;
use crate::load::Budget;
use crate::plan::Plan;
use crate::server::Server;
use crate::sink::Sink;
use crate::tally::to_f64;

/// What the table calls it.
const NONE_FAILS: &str = "none fails";

/// One in so many fails.
const FAILING_PART: u32 = 5;

/// What a webhook that is well was sent in one round.
#[derive(Clone, Copy)]
struct Sent {
    /// Per webhook.
    deliveries_per_s: f64,
    p99_ms: f64,
    amiss: u64,
}

/// The webhooks of a round.
struct Shape {
    well: u32,
    failing: u32,
    deployments: u64,
}

pub(super) fn measure(suite: &mut Suite) {
    let webhooks = suite.setting.beside;
    let of = format!("{webhooks} webhooks, {} of them failing", webhooks / FAILING_PART);
    suite.attempt(Part::Failing, &of, |suite| beside_failing(suite, webhooks));
}

fn beside_failing(suite: &Suite, webhooks: u32) -> anyhow::Result<Vec<Row>> {
    let directory = suite.launcher.directory()?;
    let instance = suite.start(directory.path())?;
    let receivers = receivers()?;
    let faulty = [Fault::Error, Fault::Refuse].map(|it| Faulty::start(it, receivers.handle()));
    let faulty = faulty.into_iter().collect::<Result<Vec<_>, _>>()?;
    let failing = webhooks / FAILING_PART;
    let deployments = deployments_for(webhooks, suite.setting.length);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..suite.setting.rounds {
        let plan = suite.plan(APPLICATIONS, ENVIRONMENTS)?;
        let shape = Shape { well: webhooks, failing: 0, deployments };
        alone.push(suite.block_on(deliver(&instance.server, plan, &shape, &faulty))?);
        let plan = suite.plan(APPLICATIONS, ENVIRONMENTS)?;
        let shape = Shape { well: webhooks - failing, failing, deployments };
        beside.push(suite.block_on(deliver(&instance.server, plan, &shape, &faulty))?);
    }
    instance.stop()?;
    drop(faulty);
    receivers.shutdown_background();
    Ok(rows(&alone, &beside))
}

/// A thread of their own: what it costs to fail must not delay the load.
fn receivers() -> anyhow::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().context("cannot start the receivers' runtime")
}

async fn deliver(
    server: &Server,
    plan: Plan,
    shape: &Shape,
    faulty: &[Faulty],
) -> anyhow::Result<Sent> {
    let book = Arc::new(Book::new(plan.clone(), shape.well));
    let sink = Sink::start(Arc::clone(&book))?;
    let ids = shape.create(server, &plan, &sink, faulty).await?;
    let clock = Clock::new(Pace::AsAnswered, Budget::Deployments(shape.deployments));
    let generation = Generation {
        server: server.clone(),
        connections: CONNECTIONS,
        clock,
        plan,
        book: Arc::clone(&book),
    };
    let begun = Instant::now();
    let reports = generation.run().await?;
    wait_for_deliveries(&book, DRAIN_S_MAX).await;
    webhooks::delete(server, ids).await?;
    Sent::of(&book, begun, shape.well, reports.failures())
}

impl Shape {
    async fn create(
        &self,
        server: &Server,
        plan: &Plan,
        sink: &Sink,
        faulty: &[Faulty],
    ) -> anyhow::Result<Vec<String>> {
        let wanted = Wanted {
            matching: self.well,
            not_matching: 0,
            concurrency: concurrency(self.well),
            run: plan.run().to_owned(),
        };
        let failing = (0..self.failing).zip(faulty.iter().cycle());
        let failing = failing.map(|(number, receiver)| webhook(plan.run(), number, receiver));
        let bodies = wanted.requests(|path| sink.url(path)).into_iter().chain(failing);
        webhooks::create(server, bodies.collect()).await
    }
}

fn webhook(run: &str, number: u32, receiver: &Faulty) -> Value {
    json!({
        "name": format!("bench-{run}-failing-{number}"),
        "url": receiver.url(),
        "events": ["deployment.*"],
        "concurrency": concurrency(2),
    })
}

impl Sent {
    fn of(book: &Book, begun: Instant, webhooks: u32, refused: u64) -> anyhow::Result<Self> {
        let told = book.deliveries();
        let last_at = book.last_at();
        ensure!(last_at.is_some(), "nothing was delivered: {:?}", told.first_strange);
        let seconds = last_at.map_or(0.0, |at| at.saturating_duration_since(begun).as_secs_f64());
        let per_s = to_f64(told.delivered) / seconds.max(f64::EPSILON);
        Ok(Self {
            deliveries_per_s: per_s / f64::from(webhooks),
            p99_ms: told.latency.p99_ms,
            amiss: refused + told.missing + told.duplicates + told.strange,
        })
    }
}

fn rows(alone: &[Sent], beside: &[Sent]) -> Vec<Row> {
    let row = |what: &str, unit, number: fn(&Sent) -> f64| {
        Row::of_rounds(what, unit, beside.iter().map(number))
            .beside(NONE_FAILS, alone.iter().map(number))
    };
    let amiss = alone.iter().chain(beside).map(|it| it.amiss).sum();
    vec![
        row("deliveries to each that is well", Unit::PerSecond, |it| it.deliveries_per_s)
            .goal(goal::BESIDE_FAILING),
        row("report to receiver, p99", Unit::Milliseconds, |it| it.p99_ms),
        Row::single("not delivered exactly once", Unit::Count, to_f64(amiss)).goal(goal::NONE_LOST),
    ]
}
