//! The result of a run, as numbers and as a Markdown table.

use std::fmt;

use serde::Serialize;

use super::book::Deliveries;
use crate::tally::{LoadResult, to_f64};

/// Reports, deliveries, and what the machine had to do with it.
#[derive(Debug, Serialize)]
pub(super) struct DeliverResult {
    pub(super) setting: Setting,
    /// For the floor: the deliveries, as their sender saw them.
    pub(super) reports: LoadResult,
    pub(super) deliveries: Deliveries,
    pub(super) webhooks_created_s: f64,
    /// The server's memory after the run.
    pub(super) resident_kib: Option<u64>,
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    pub(super) subject: &'static str,
    pub(super) cores: usize,
    pub(super) webhooks: u32,
    pub(super) concurrency: u32,
    pub(super) not_matching: u32,
    pub(super) connections: u32,
    /// Reports per second, unless as many as were answered.
    pub(super) rate: Option<u32>,
    pub(super) seconds: u64,
}

impl DeliverResult {
    /// Whether every report was accepted, and reached each webhook exactly once.
    pub(super) fn is_clean(&self) -> bool {
        let Deliveries { duplicates, missing, strange, .. } = self.deliveries;
        self.reports.failures() == 0 && (duplicates, missing, strange) == (0, 0, 0)
    }
}

impl fmt::Display for DeliverResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, reports, deliveries, .. } = self;
        writeln!(f, "{setting}\n\n| | {} |\n| --- | ---: |", setting.subject)?;
        let mut row = |name: &str, cell: String| writeln!(f, "| {name} | {cell} |");
        row("reports/s, accepted", format!("{:.0}", reports.accepted_per_s))?;
        row("deliveries/s, first to last", format!("{:.0}", deliveries.delivered_per_s))?;
        row("report to receiver, p50 (ms)", format!("{:.2}", deliveries.latency.p50_ms))?;
        row("report to receiver, p99 (ms)", format!("{:.2}", deliveries.latency.p99_ms))?;
        row("report to receiver, max (ms)", format!("{:.2}", deliveries.latency.max_ms))?;
        row("report to answer, p50 (ms)", format!("{:.2}", reports.latency.p50_ms))?;
        row("report to answer, p99 (ms)", format!("{:.2}", reports.latency.p99_ms))?;
        row("accepted", reports.accepted.to_string())?;
        row("not accepted", reports.failures().to_string())?;
        row("delivered", deliveries.delivered.to_string())?;
        row("duplicates", deliveries.duplicates.to_string())?;
        row("missing", deliveries.missing.to_string())?;
        row("strange", deliveries.strange.to_string())?;
        row("creating the webhooks (s)", format!("{:.2}", self.webhooks_created_s))?;
        write!(f, "| resident memory (MiB) | {} |", self.resident_mib())?;
        if let Some(strange) = &deliveries.first_strange {
            write!(f, "\n\nThe first that is strange: {strange}")?;
        }
        if reports.failures() > 0 {
            write!(f, "\n\nNot all reports were accepted:\n{reports}")?;
        }
        Ok(())
    }
}

impl DeliverResult {
    fn resident_mib(&self) -> String {
        let mib = |kib| format!("{:.1}", to_f64(kib) / 1024.0);
        self.resident_kib.map_or_else(|| "not known".to_owned(), mib)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { webhooks, concurrency, connections, seconds, cores, .. } = self;
        write!(f, "{webhooks} webhooks of concurrency {concurrency}, ")?;
        if self.not_matching > 0 {
            write!(f, "{} that match nothing, ", self.not_matching)?;
        }
        match self.rate {
            Some(rate) => write!(f, "{rate} reports/s ")?,
            None => write!(f, "as many reports as are answered ")?,
        }
        write!(f, "over {connections} connections for {seconds} s, {cores} cores")
    }
}
