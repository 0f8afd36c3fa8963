//! Webhooks of which a fifth has a receiver that fails: what the others are sent, beside the same run
//! in which none fails.
//!
//! Half of those that fail answer 500, half refuse connections. They have the usual schedule of
//! retries, so breakers open as they would.

use anyhow::Context;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::deliver::{Delivered, Round, concurrency, deliver, deployments_for};
use super::ingest::{APPLICATIONS, ENVIRONMENTS};
use super::part::Part;
use super::row::{Row, Unit};
use super::{Suite, goal};
use crate::faults::fault::Fault;
use crate::faults::receiver::Faulty;
use crate::server::Server;
use crate::tally::to_f64;

/// What the table calls it.
const NONE_FAILS: &str = "none fails";

/// One in so many fails.
const FAILING_PART: u32 = 5;

/// What webhooks that are well were sent in one round.
struct Sent {
    delivered: Delivered,
    well: u32,
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
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..suite.setting.rounds {
        alone.push(send(suite, &instance.server, [webhooks, 0], &faulty)?);
        let failing = webhooks / FAILING_PART;
        beside.push(send(suite, &instance.server, [webhooks - failing, failing], &faulty)?);
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

/// One round with so many webhooks that are well, and so many that fail.
fn send(
    suite: &Suite,
    server: &Server,
    [well, failing]: [u32; 2],
    faulty: &[Faulty],
) -> anyhow::Result<Sent> {
    let plan = suite.plan(APPLICATIONS, ENVIRONMENTS)?;
    let others = (0..failing).zip(faulty.iter().cycle());
    let others = others.map(|(number, receiver)| webhook(plan.run(), number, receiver));
    let round = Round {
        others: others.collect(),
        deployments: deployments_for(well + failing, suite.setting.length),
        webhooks: well,
        plan,
    };
    Ok(Sent { delivered: suite.block_on(deliver(server, round))?, well })
}

fn webhook(run: &str, number: u32, receiver: &Faulty) -> Value {
    json!({
        "name": format!("bench-{run}-failing-{number}"),
        "url": receiver.url(),
        "events": ["deployment.*"],
        "concurrency": concurrency(2),
    })
}

fn rows(alone: &[Sent], beside: &[Sent]) -> Vec<Row> {
    let row = |what: &str, unit, number: fn(&Sent) -> f64| {
        Row::of_rounds(what, unit, beside.iter().map(number))
            .beside(NONE_FAILS, alone.iter().map(number))
    };
    let amiss = alone.iter().chain(beside).map(|it| it.delivered.amiss).sum();
    vec![
        row("deliveries to each that is well", Unit::PerSecond, |it| {
            it.delivered.deliveries_per_s / f64::from(it.well)
        })
        .goal(goal::BESIDE_FAILING),
        row("report to receiver, p99", Unit::Milliseconds, |it| it.delivered.latency.p99_ms),
        Row::single("not delivered exactly once", Unit::Count, to_f64(amiss)).goal(goal::NONE_LOST),
    ]
}
