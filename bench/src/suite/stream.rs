//! Live streams: every event to every subscriber, beside a bare handler that tells all its streams.

mod subscriber;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::task::JoinSet;

use self::subscriber::Subscriber;
use super::bare::BARE;
use super::ingest::{APPLICATIONS, ENVIRONMENTS};
use super::part::Part;
use super::row::{Row, Unit};
use super::{Suite, goal};
use crate::deliver::book::{Book, Deliveries};
use crate::deliver::events::Generation;
use crate::deliver::pace::{Clock, Pace};
use crate::deliver::wait_for_deliveries;
use crate::load::Budget;
use crate::plan::Plan;
use crate::server::Server;
use crate::tally::to_f64;

const PATH: &str = "/api/v1/events/stream?types=deployment.*";
const BARE_PATH: &str = "/stream";

/// Reports per second: a thousand subscribers then hear twenty thousand times a second.
const RATE: u32 = 20;
const CONNECTIONS: u32 = 4;
const WAIT_S_MAX: u64 = 30;
/// What a process has open beside its streams, at most.
const OTHER_FILES: u64 = 100;

/// A round of either server.
struct Round {
    heard: Deliveries,
    refused: u64,
}

pub(super) fn measure(suite: &mut Suite) {
    let of = format!("{} subscribers, {RATE} reports/s", suite.setting.subscribers);
    suite.attempt(Part::Stream, &of, follow);
}

fn follow(suite: &Suite) -> anyhow::Result<Vec<Row>> {
    let subscribers = suite.setting.subscribers;
    ensure_files(subscribers)?;
    let directory = suite.launcher.directory()?;
    let instance = suite.start(directory.path())?;
    let (mut bare, mut landfall) = (Vec::new(), Vec::new());
    for _ in 0..suite.setting.rounds {
        let length = suite.setting.length;
        let plan = suite.plan(APPLICATIONS, ENVIRONMENTS)?;
        let run = round(&suite.bare.server, BARE_PATH, plan, subscribers, length);
        bare.push(suite.block_on(run)?);
        let plan = suite.plan(APPLICATIONS, ENVIRONMENTS)?;
        let run = round(&instance.server, PATH, plan, subscribers, length);
        landfall.push(suite.block_on(run)?);
    }
    let resident = instance.resident_mb()?;
    instance.stop()?;
    Ok(rows(&bare, &landfall, resident))
}

/// A server that may not open enough files would refuse some of them.
fn ensure_files(subscribers: u32) -> anyhow::Result<()> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let most = files_in(&limits).context("/proc/self/limits is not understood")?;
    let wanted = u64::from(subscribers) + OTHER_FILES;
    ensure!(most >= wanted, "only {most} files may be open; `ulimit -n {wanted}` first");
    Ok(())
}

fn files_in(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let most = line.split_whitespace().next()?;
    if most == "unlimited" { Some(u64::MAX) } else { most.parse().ok() }
}

async fn round(
    server: &Server,
    path: &str,
    plan: Plan,
    subscribers: u32,
    length: Duration,
) -> anyhow::Result<Round> {
    let book = Arc::new(Book::new(plan.clone(), subscribers));
    let mut hearing = JoinSet::new();
    for number in 0..subscribers {
        let subscriber = Subscriber::open(server, path, number).await?;
        hearing.spawn(subscriber.hear(Arc::clone(&book)));
    }
    let clock = Clock::new(Pace::PerSecond(RATE), Budget::Time(length));
    let generation = Generation {
        server: server.clone(),
        connections: CONNECTIONS,
        clock,
        plan,
        book: Arc::clone(&book),
    };
    let reports = generation.run().await?;
    ensure!(reports.accepted > 0, "no report was accepted:\n{reports}");
    wait_for_deliveries(&book, WAIT_S_MAX).await;
    Ok(Round { heard: book.deliveries(), refused: reports.failures() })
}

fn rows(bare: &[Round], landfall: &[Round], resident: f64) -> Vec<Row> {
    let row = |what: &str, number: fn(&Round) -> f64| {
        Row::of_rounds(what, Unit::Milliseconds, landfall.iter().map(number))
            .beside(BARE, bare.iter().map(number))
    };
    let amiss = |it: &Round| it.refused + it.heard.missing + it.heard.duplicates + it.heard.strange;
    let heard = landfall.iter().map(|it| it.heard.delivered_per_s);
    vec![
        Row::of_rounds("events heard, all subscribers together", Unit::PerSecond, heard)
            .beside(BARE, bare.iter().map(|it| it.heard.delivered_per_s)),
        row("report to subscriber, p50", |it| it.heard.latency.p50_ms),
        row("report to subscriber, p99", |it| it.heard.latency.p99_ms),
        Row::single(
            "not heard exactly once",
            Unit::Count,
            to_f64(landfall.iter().map(amiss).sum()),
        )
        .goal(goal::NONE_LOST),
        Row::single("resident memory afterwards", Unit::Megabytes, resident),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_is_read() {
        let line = "Max processes  5 6 processes\nMax open files            1024   4096   files\n";
        assert_eq!(files_in(line), Some(1_024));
        assert_eq!(files_in("Max open files  unlimited unlimited files"), Some(u64::MAX));
        assert_eq!(files_in(""), None);
    }
}
