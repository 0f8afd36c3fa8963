//! The result, as numbers and as a Markdown table.

use std::fmt;
use std::time::Instant;

use serde::Serialize;

use super::memory::Samples;
use crate::deliver::book::{Book, Deliveries};
use crate::deliver::webhooks::Health;
use crate::tally::{LoadResult, to_f64};

/// The outage, what came after it, and the memory of both.
#[derive(Debug, Serialize)]
pub(super) struct OutageResult {
    pub(super) setting: Setting,
    pub(super) outage: Outage,
    pub(super) catch_up: CatchUp,
    pub(super) memory: Samples,
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    pub(super) cores: usize,
    pub(super) events: u64,
    /// Reports per second, unless as many as were answered.
    pub(super) rate: Option<u32>,
    pub(super) concurrency: u32,
    pub(super) connections: u32,
}

/// While the receiver was down.
#[derive(Debug, Serialize)]
pub(super) struct Outage {
    pub(super) reports: LoadResult,
    /// At its end.
    pub(super) health: Health,
}

/// Once it was back.
#[derive(Debug, Serialize)]
pub(super) struct CatchUp {
    /// Until the first delivery: how long the server took to find out.
    pub(super) seconds_until_first: f64,
    /// Until every event had arrived.
    pub(super) seconds_until_all: f64,
    pub(super) deliveries: Deliveries,
    /// By which an event overtook another, in the order of the log.
    pub(super) places_overtaken_max: usize,
    pub(super) health: Health,
}

impl CatchUp {
    pub(super) fn of(book: &Book, back_at: Instant, health: Health) -> Self {
        let deliveries = book.deliveries();
        let until_first = book.first_at().map(|at| at.saturating_duration_since(back_at));
        let seconds_until_first = until_first.unwrap_or_default().as_secs_f64();
        Self {
            seconds_until_first,
            seconds_until_all: seconds_until_first + deliveries.seconds,
            deliveries,
            places_overtaken_max: book.places_overtaken_max(),
            health,
        }
    }
}

impl OutageResult {
    /// Whether every report was accepted, and reached the webhook exactly once.
    pub(super) fn is_clean(&self) -> bool {
        let Deliveries { duplicates, missing, strange, .. } = self.catch_up.deliveries;
        self.outage.reports.failures() == 0 && (duplicates, missing, strange) == (0, 0, 0)
    }
}

impl fmt::Display for OutageResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, outage, catch_up, memory } = self;
        write!(f, "{setting}\n\n| | |\n| --- | ---: |")?;
        let mut row = |name: &str, cell: String| write!(f, "\n| {name} | {cell} |");
        outage.rows(&mut row)?;
        memory.rows(&mut row)?;
        catch_up.rows(&mut row)?;
        if let Some(strange) = &catch_up.deliveries.first_strange {
            write!(f, "\n\nThe first that is strange: {strange}")?;
        }
        if outage.reports.failures() > 0 {
            write!(f, "\n\nNot all reports were accepted:\n{}", outage.reports)?;
        }
        Ok(())
    }
}

/// Writes a line of the table.
type Row<'a> = dyn FnMut(&str, String) -> fmt::Result + 'a;

impl Outage {
    fn rows(&self, row: &mut Row<'_>) -> fmt::Result {
        let Self { reports, health } = self;
        row("accepted while it was down", reports.accepted.to_string())?;
        row("accepted per second", format!("{:.0}", reports.accepted_per_s))?;
        row("seconds of the outage", format!("{:.0}", reports.seconds))?;
        let rows = health.retrying + health.dead;
        row("rows that the outage left in `deliveries`", rows.to_string())?;
        row("of them failed for good", health.dead.to_string())
    }
}

impl CatchUp {
    fn rows(&self, row: &mut Row<'_>) -> fmt::Result {
        let Self { deliveries, health, .. } = self;
        row("seconds from its return to the first", format!("{:.1}", self.seconds_until_first))?;
        row("seconds from its return to the last", format!("{:.1}", self.seconds_until_all))?;
        row("deliveries/s in between", format!("{:.0}", deliveries.delivered_per_s))?;
        row("delivered", deliveries.delivered.to_string())?;
        row("duplicates", deliveries.duplicates.to_string())?;
        row("missing", deliveries.missing.to_string())?;
        row("strange", deliveries.strange.to_string())?;
        row("places that an event overtook, at most", self.places_overtaken_max.to_string())?;
        row("still owed afterwards", (health.retrying + health.dead).to_string())
    }
}

impl Samples {
    fn rows(&self, row: &mut Row<'_>) -> fmt::Result {
        row("resident memory before (MiB)", mib(self.before_kib))?;
        row("resident memory at the end of the outage (MiB)", mib(self.outage_end_kib))?;
        row("resident memory after catching up (MiB)", mib(self.caught_up_kib))?;
        row("resident memory, the most in between (MiB)", mib(self.max_kib))
    }
}

fn mib(kib: Option<u64>) -> String {
    let mib = |kib| format!("{:.1}", to_f64(kib) / 1024.0);
    kib.map_or_else(|| "not known".to_owned(), mib)
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, events, concurrency, connections, .. } = self;
        write!(f, "{events} events, ")?;
        match self.rate {
            Some(rate) => write!(f, "{rate} a second ")?,
            None => write!(f, "as fast as they are answered ")?,
        }
        write!(f, "over {connections} connections, ")?;
        write!(f, "to one webhook of concurrency {concurrency} that is down; {cores} cores")
    }
}
