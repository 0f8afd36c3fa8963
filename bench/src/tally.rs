//! What became of the reports of a run. Everything that was sent is counted somewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::client::ClientError;
use crate::histogram::{Histogram, Latency};

/// How much of a refusal's body is kept, to show why.
const REFUSAL_BYTES_MAX: usize = 300;

/// The counts of one connection, or of all.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    accepted: Histogram,
    statuses: BTreeMap<u16, u64>,
    errors: BTreeMap<String, u64>,
    first_refusal: Option<String>,
}

/// The result of one run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LoadResult {
    /// Reports that were answered with 2xx.
    pub(crate) accepted: u64,
    pub(crate) seconds: f64,
    pub(crate) accepted_per_s: f64,
    /// From the first byte sent to the last byte received, of accepted reports.
    pub(crate) latency: Latency,
    /// Answers by status code.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Reports without an answer, by reason.
    pub(crate) errors: BTreeMap<String, u64>,
    /// The first answer that was not 2xx.
    pub(crate) first_refusal: Option<String>,
}

impl Tally {
    pub(crate) fn answered(&mut self, status: u16, latency: Duration, body: &[u8]) {
        *self.statuses.entry(status).or_default() += 1;
        if is_accepted(status) {
            self.accepted.record(latency);
        } else if self.first_refusal.is_none() {
            let shown = &body[..body.len().min(REFUSAL_BYTES_MAX)];
            let shown = String::from_utf8_lossy(shown);
            self.first_refusal = Some(format!("{status} {shown}"));
        }
    }

    pub(crate) fn failed(&mut self, error: ClientError) {
        // With its causes: the operating system's word on a broken connection is the useful part.
        let reason = format!("{:#}", anyhow::Error::new(error));
        *self.errors.entry(reason).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Self) {
        let Self { accepted, statuses, errors, first_refusal } = other;
        self.accepted.add(&accepted);
        for (status, count) in statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (error, count) in errors {
            *self.errors.entry(error).or_default() += count;
        }
        self.first_refusal = self.first_refusal.take().or(first_refusal);
    }

    pub(crate) fn result(self, elapsed: Duration) -> LoadResult {
        let Self { accepted: latencies, statuses, errors, first_refusal } = self;
        let accepted = statuses.iter().filter(|(status, _)| is_accepted(**status));
        let accepted = accepted.map(|(_, count)| count).sum();
        let seconds = elapsed.as_secs_f64();
        LoadResult {
            accepted,
            seconds,
            accepted_per_s: to_f64(accepted) / seconds.max(f64::EPSILON),
            latency: latencies.summary(),
            statuses,
            errors,
            first_refusal,
        }
    }
}

impl LoadResult {
    /// Reports that were not accepted, for whatever reason.
    pub(crate) fn failures(&self) -> u64 {
        let answered: u64 = self.statuses.values().sum();
        answered - self.accepted + self.errors.values().sum::<u64>()
    }
}

impl fmt::Display for LoadResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, seconds, accepted_per_s, latency, .. } = self;
        writeln!(f, "accepted  {accepted} reports in {seconds:.2} s = {accepted_per_s:.0} /s")?;
        writeln!(f, "latency   {latency}")?;
        write!(f, "answers  ")?;
        for (status, count) in &self.statuses {
            write!(f, " {status}: {count}")?;
        }
        for (error, count) in &self.errors {
            write!(f, "\nerror     {error}: {count}")?;
        }
        if let Some(refusal) = &self.first_refusal {
            write!(f, "\nrefusal   {refusal}")?;
        }
        Ok(())
    }
}

/// Counts here stay far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits than a float has")]
pub(crate) fn to_f64(count: u64) -> f64 {
    count as f64
}

pub(crate) fn is_accepted(status: u16) -> bool {
    (200..300).contains(&status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_2xx_is_a_failure_and_is_shown() {
        let mut tally = Tally::default();
        let latency = Duration::from_millis(2);
        tally.answered(200, latency, b"{}");
        tally.answered(201, latency, b"{}");
        tally.answered(503, latency, b"queue is full");
        tally.failed(ClientError::Closed);
        let mut all = Tally::default();
        all.add(tally);

        let result = all.result(Duration::from_secs(2));

        assert_eq!((result.accepted, result.failures()), (2, 2));
        assert!((result.accepted_per_s - 1.0).abs() < 1e-9);
        assert_eq!(result.first_refusal.as_deref(), Some("503 queue is full"));
    }
}
