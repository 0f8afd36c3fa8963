//! The result, as numbers and as a Markdown table.

use std::fmt;

use serde::Serialize;

use super::fault::Fault;
use super::phase::Sum;
use crate::deliver::webhooks::Health;
use crate::histogram::Latency;

/// Every fault that was measured.
#[derive(Debug, Serialize)]
pub(super) struct FaultsResult {
    pub(super) setting: Setting,
    pub(super) faults: Vec<FaultResult>,
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    pub(super) cores: usize,
    pub(super) rate: u32,
    pub(super) seconds: u64,
    pub(super) rounds: u32,
    pub(super) webhooks: u32,
    pub(super) faulty: u32,
    pub(super) concurrency: u32,
    pub(super) timeout_ms: u32,
    pub(super) connections: u32,
}

/// The latencies of webhooks that are well, without and with one fault.
#[derive(Debug, Serialize)]
pub(super) struct FaultResult {
    pub(super) fault: Fault,
    /// From sending the report to the receiver having the whole delivery.
    pub(super) alone: Latency,
    pub(super) beside: Latency,
    /// Beside the fault to alone.
    pub(super) p50_ratio: f64,
    pub(super) p99_ratio: f64,
    /// Deliveries that were measured, in both.
    pub(super) delivered: u64,
    /// Reports that were not accepted, and deliveries that are missing, doubled or strange.
    pub(super) amiss: u64,
    /// Requests that reached the receiver that misbehaves.
    pub(super) faulty_requests: u64,
    /// How one of its webhooks was doing in the end.
    pub(super) faulty_health: Option<Health>,
}

impl FaultResult {
    pub(super) fn new(fault: Fault, faulty_requests: u64, alone: &Sum, beside: &Sum) -> Self {
        let (delivered, amiss) = (alone.delivered + beside.delivered, alone.amiss + beside.amiss);
        let faulty_health = beside.health.clone();
        let (alone, beside) = (alone.latencies.summary(), beside.latencies.summary());
        Self {
            fault,
            alone,
            beside,
            p50_ratio: ratio(beside.p50_ms, alone.p50_ms),
            p99_ratio: ratio(beside.p99_ms, alone.p99_ms),
            delivered,
            amiss,
            faulty_requests,
            faulty_health,
        }
    }
}

fn ratio(beside_ms: f64, alone_ms: f64) -> f64 {
    beside_ms / alone_ms.max(f64::EPSILON)
}

impl FaultsResult {
    /// Whether every report was accepted, and reached each webhook that is well exactly once.
    pub(super) fn is_clean(&self) -> bool {
        self.faults.iter().all(|fault| fault.amiss == 0)
    }
}

impl fmt::Display for FaultsResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, faults } = self;
        writeln!(f, "{setting}\n")?;
        write!(f, "| fault | p50 (ms) alone | beside | ratio | p99 (ms) alone | beside | ratio |")?;
        writeln!(f, " amiss | requests to it | its breaker |")?;
        write!(f, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")?;
        faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
    }
}

impl fmt::Display for FaultResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, alone, beside, p50_ratio, p99_ratio, .. } = self;
        write!(f, "| {} | {:.2} | {:.2} ", fault.words(), alone.p50_ms, beside.p50_ms)?;
        write!(f, "| {p50_ratio:.2} | {:.2} | {:.2} ", alone.p99_ms, beside.p99_ms)?;
        write!(f, "| {p99_ratio:.2} | {} | {} |", self.amiss, self.faulty_requests)?;
        let breaker = self.faulty_health.as_ref().map_or("", |health| &health.breaker);
        write!(f, " {breaker} |")
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, rate, seconds, rounds, webhooks, faulty, .. } = self;
        let Self { concurrency, timeout_ms, connections, .. } = self;
        write!(
            f,
            "{rate} reports/s over {connections} connections; {webhooks} webhooks that are "
        )?;
        write!(f, "well, alone and beside {faulty} that are not; concurrency {concurrency}, ")?;
        write!(f, "timeout {timeout_ms} ms; {rounds} times {seconds} s of each, {cores} cores")
    }
}
