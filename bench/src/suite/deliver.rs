//! Reports and their deliveries to webhooks that get every event, beside a bare loop: the same HTTP
//! client, the same generator's thread, the same receiver, and nothing in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;

use super::ingest::{APPLICATIONS, ENVIRONMENTS};
use super::part::Part;
use super::row::{Row, Unit};
use super::{Suite, goal};
use crate::deliver::book::Book;
use crate::deliver::events::Generation;
use crate::deliver::floor::{self, Floor};
use crate::deliver::pace::{Clock, Pace};
use crate::deliver::wait_for_deliveries;
use crate::deliver::webhooks::{self, Wanted};
use crate::histogram::Latency;
use crate::load::{Budget, LIFECYCLE};
use crate::plan::Plan;
use crate::server::Server;
use crate::sink::Sink;
use crate::tally::{LoadResult, to_f64};

/// What the table calls it.
const BARE_LOOP: &str = "bare loop";

/// Connections that report, and that the bare loop sends over.
const CONNECTIONS: u32 = 64;

/// So many deliveries are asked for, for each second of a round: a run to a hundred webhooks would
/// otherwise take minutes after its last report.
const DELIVERIES_PER_S: u32 = 20_000;
const EVENTS_PER_S_MAX: u32 = 10_000;

/// No receiver is waited for any longer.
const DRAIN_S_MAX: u64 = 120;

/// One round of a Landfall.
pub(super) struct Round {
    pub(super) plan: Plan,
    pub(super) deployments: u64,
    /// Webhooks of which every delivery is looked for.
    pub(super) webhooks: u32,
    /// The bodies of further ones, of which nothing is expected.
    pub(super) others: Vec<Value>,
}

/// What was delivered in one round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivered {
    /// Of events that every webhook got, from the first report to the last delivery.
    events_per_s: f64,
    pub(super) deliveries_per_s: f64,
    pub(super) latency: Latency,
    /// Reports that were not accepted, and deliveries that are missing, doubled or strange.
    pub(super) amiss: u64,
}

pub(super) fn measure(suite: &mut Suite) {
    for webhooks in suite.setting.webhooks.clone() {
        let of =
            if webhooks == 1 { "1 webhook".to_owned() } else { format!("{webhooks} webhooks") };
        suite.attempt(Part::Deliver, &of, |suite| to_webhooks(suite, webhooks));
    }
}

fn to_webhooks(suite: &Suite, webhooks: u32) -> anyhow::Result<Vec<Row>> {
    let directory = suite.launcher.directory()?;
    let instance = suite.start(directory.path())?;
    let senders = floor::runtime()?;
    let (mut bare, mut landfall) = (Vec::new(), Vec::new());
    for _ in 0..suite.setting.rounds {
        let plan = suite.plan(APPLICATIONS, ENVIRONMENTS)?;
        let length = suite.setting.length;
        bare.push(suite.block_on(bare_loop(plan, length, senders.handle()))?);
        let round = Round {
            plan: suite.plan(APPLICATIONS, ENVIRONMENTS)?,
            deployments: deployments_for(webhooks, length),
            webhooks,
            others: Vec::new(),
        };
        landfall.push(suite.block_on(deliver(&instance.server, round))?);
    }
    instance.stop()?;
    Ok(rows(webhooks, &bare, &landfall))
}

/// How many deployments a round reports, so that its deliveries take about as long as it should.
pub(super) fn deployments_for(webhooks: u32, length: Duration) -> u64 {
    let events_per_s = (DELIVERIES_PER_S / webhooks).clamp(1, EVENTS_PER_S_MAX);
    let events = u128::from(events_per_s) * length.as_millis() / 1_000;
    u64::try_from(events).unwrap_or(u64::MAX).div_ceil(LIFECYCLE.len() as u64).max(1)
}

/// One webhook has as many requests outstanding as ten have together, about.
pub(super) const fn concurrency(webhooks: u32) -> u32 {
    if webhooks == 1 { 64 } else { 8 }
}

/// Reports as fast as is answered, and waits for every delivery.
pub(super) async fn deliver(server: &Server, round: Round) -> anyhow::Result<Delivered> {
    let Round { plan, deployments, webhooks, others } = round;
    let book = Arc::new(Book::new(plan.clone(), webhooks));
    let sink = Sink::start(Arc::clone(&book))?;
    let wanted = Wanted {
        matching: webhooks,
        not_matching: 0,
        concurrency: concurrency(webhooks),
        run: plan.run().to_owned(),
    };
    let bodies = wanted.requests(|path| sink.url(path)).into_iter().chain(others);
    let ids = webhooks::create(server, bodies.collect()).await?;
    let clock = Clock::new(Pace::AsAnswered, Budget::Deployments(deployments));
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
    Delivered::of(&book, begun, &reports)
}

async fn bare_loop(
    plan: Plan,
    length: Duration,
    senders: &tokio::runtime::Handle,
) -> anyhow::Result<Delivered> {
    let book = Arc::new(Book::new(plan.clone(), 1));
    let sink = Sink::start(Arc::clone(&book))?;
    let clock = Clock::new(Pace::AsAnswered, Budget::Time(length));
    let floor = Floor::new(sink.url("/hook/0"), clock, plan, Arc::clone(&book))?;
    let begun = Instant::now();
    let sent = floor.run(CONNECTIONS, senders).await?;
    wait_for_deliveries(&book, DRAIN_S_MAX).await;
    Delivered::of(&book, begun, &sent)
}

impl Delivered {
    fn of(book: &Book, begun: Instant, reports: &LoadResult) -> anyhow::Result<Self> {
        let told = book.deliveries();
        let last_at = book.last_at().with_context(|| {
            let strange = told.first_strange.as_deref().unwrap_or_default();
            format!("nothing was delivered {strange}\n{reports}")
        })?;
        let seconds = last_at.saturating_duration_since(begun).as_secs_f64();
        Ok(Self {
            events_per_s: to_f64(reports.accepted) / seconds.max(f64::EPSILON),
            deliveries_per_s: to_f64(told.delivered) / seconds.max(f64::EPSILON),
            latency: told.latency,
            amiss: reports.failures() + told.missing + told.duplicates + told.strange,
        })
    }
}

fn rows(webhooks: u32, bare: &[Delivered], landfall: &[Delivered]) -> Vec<Row> {
    let row = |what: &str, unit, number: fn(&Delivered) -> f64| {
        Row::of_rounds(what, unit, landfall.iter().map(number))
            .beside(BARE_LOOP, bare.iter().map(number))
    };
    // The loop has one receiver, so with more of them only deliveries can be compared.
    let events = || {
        let rates = landfall.iter().map(|it| it.events_per_s);
        Row::of_rounds("events accepted and delivered", Unit::PerSecond, rates)
    };
    let amiss = landfall.iter().map(|it| it.amiss).sum();
    let mut rows = if webhooks == 1 {
        vec![
            events().goal(goal::EVENTS_DELIVERED),
            events()
                .beside(BARE_LOOP, bare.iter().map(|it| it.events_per_s))
                .goal(goal::EVENTS_BESIDE_LOOP),
        ]
    } else {
        let deliveries = row("deliveries", Unit::PerSecond, |it| it.deliveries_per_s);
        vec![events(), deliveries.goal(goal::deliveries(webhooks))]
    };
    rows.extend([
        row("report to receiver, p50", Unit::Milliseconds, |it| it.latency.p50_ms),
        row("report to receiver, p99", Unit::Milliseconds, |it| it.latency.p99_ms),
        Row::single("not delivered exactly once", Unit::Count, to_f64(amiss)).goal(goal::NONE_LOST),
    ]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_reports_as_much_as_its_webhooks_can_be_sent_in_its_time() {
        let second = Duration::from_secs(1);
        assert_eq!(deployments_for(1, second), 5_000);
        assert_eq!(deployments_for(10, second), 1_000);
        assert_eq!(deployments_for(100, 8 * second), 800);
        assert_eq!(deployments_for(1_000, second / 10), 1);
    }
}
