//! The result of a comparison, as numbers and as a Markdown table.

use std::fmt;

use anyhow::ensure;
use serde::Serialize;

use crate::histogram::Latency;
use crate::tally::{LoadResult, to_f64};

/// The rounds of both servers, and what the machine had to do with it.
#[derive(Debug, Serialize)]
pub(crate) struct RatioResult {
    pub(crate) cores: usize,
    pub(crate) connections: u32,
    /// Length of one round.
    pub(crate) seconds: u64,
    /// What one durable 4 KiB append costs on the data's disk.
    pub(crate) fdatasync: Latency,
    /// Landfall's memory after all rounds.
    pub(crate) resident_kib: Option<u64>,
    /// Rows that Landfall wrote in all rounds, by its own count.
    pub(crate) rows_written: Option<f64>,
    /// Landfall's median rate as a part of the floor's.
    pub(crate) landfall_per_floor: f64,
    pub(crate) floor: Summary,
    pub(crate) landfall: Summary,
}

/// The rounds of one server.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    accepted_per_s_median: f64,
    p50_ms_median: f64,
    p99_ms_median: f64,
    max_ms: f64,
    accepted: u64,
    failures: u64,
    rounds: Vec<LoadResult>,
}

impl TryFrom<Vec<LoadResult>> for Summary {
    type Error = anyhow::Error;

    fn try_from(rounds: Vec<LoadResult>) -> anyhow::Result<Self> {
        ensure!(!rounds.is_empty(), "there was no round");
        let over_rounds = |number: fn(&LoadResult) -> f64| median(rounds.iter().map(number));
        Ok(Self {
            accepted_per_s_median: over_rounds(|round| round.accepted_per_s),
            p50_ms_median: over_rounds(|round| round.latency.p50_ms),
            p99_ms_median: over_rounds(|round| round.latency.p99_ms),
            max_ms: rounds.iter().map(|round| round.latency.max_ms).fold(0.0, f64::max),
            accepted: rounds.iter().map(|round| round.accepted).sum(),
            failures: rounds.iter().map(LoadResult::failures).sum(),
            rounds,
        })
    }
}

impl Summary {
    /// This server's median rate as a part of another's.
    pub(crate) fn rate_per(&self, other: &Self) -> f64 {
        self.accepted_per_s_median / other.accepted_per_s_median
    }
}

impl RatioResult {
    /// Reports of either server that were not accepted.
    pub(crate) fn failures(&self) -> u64 {
        self.floor.failures + self.landfall.failures
    }
}

impl fmt::Display for RatioResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, connections, seconds, fdatasync, floor, landfall, .. } = self;
        let count = floor.rounds.len();
        let percent = 100.0 * self.landfall_per_floor;
        let (sync_p50_ms, sync_p99_ms) = (fdatasync.p50_ms, fdatasync.p99_ms);
        writeln!(
            f,
            "{count} rounds of {seconds} s each, {connections} connections, {cores} cores"
        )?;
        writeln!(f, "\n| | floor | landfall |\n| --- | ---: | ---: |")?;
        let mut row = |name: &str, cell: fn(&Summary) -> String| {
            writeln!(f, "| {name} | {} | {} |", cell(floor), cell(landfall))
        };
        row("reports/s, median", |it| format!("{:.0}", it.accepted_per_s_median))?;
        row("reports/s, each round", Summary::each_round)?;
        row("p50, median (ms)", |it| format!("{:.2}", it.p50_ms_median))?;
        row("p99, median (ms)", |it| format!("{:.2}", it.p99_ms_median))?;
        row("max (ms)", |it| format!("{:.2}", it.max_ms))?;
        row("accepted", |it| it.accepted.to_string())?;
        row("not accepted", |it| it.failures.to_string())?;
        writeln!(f, "\n| | |\n| --- | ---: |")?;
        writeln!(f, "| landfall / floor | {percent:.1} % |")?;
        writeln!(
            f,
            "| fdatasync of 4 KiB, p50 / p99 (ms) | {sync_p50_ms:.3} / {sync_p99_ms:.3} |"
        )?;
        writeln!(f, "| resident memory (MiB) | {} |", self.resident_mib())?;
        write!(f, "| rows written per report | {} |", self.rows_per_report())?;
        self.explain_failures(f)
    }
}

impl RatioResult {
    fn resident_mib(&self) -> String {
        let mib = |kib| format!("{:.1}", to_f64(kib) / 1024.0);
        self.resident_kib.map_or_else(|| "not known".to_owned(), mib)
    }

    fn rows_per_report(&self) -> String {
        let per_report = |rows| format!("{:.2}", rows / to_f64(self.landfall.accepted));
        self.rows_written.map_or_else(|| "not known".to_owned(), per_report)
    }

    fn explain_failures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounds = self.floor.rounds.iter().chain(&self.landfall.rounds);
        for round in rounds.filter(|round| round.failures() > 0) {
            write!(f, "\n\nA round with failures:\n{round}")?;
        }
        Ok(())
    }
}

impl Summary {
    fn each_round(&self) -> String {
        let rates = self.rounds.iter().map(|round| format!("{:.0}", round.accepted_per_s));
        rates.collect::<Vec<_>>().join(", ")
    }
}

/// The middle value, or the mean of the two; zero of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tally::Tally;

    #[test]
    fn the_median_ignores_one_bad_round() {
        assert!((median([9.0, 1.0, 8.0].into_iter()) - 8.0).abs() < 1e-9);
        assert!((median([9.0, 1.0, 8.0, 4.0].into_iter()) - 6.0).abs() < 1e-9);
    }

    #[test]
    fn the_table_shows_the_ratio_and_what_is_not_known() {
        let rounds = |seconds| {
            let mut tally = Tally::default();
            tally.answered(200, Duration::from_millis(1), b"");
            tally.answered(503, Duration::from_millis(1), b"full");
            Summary::try_from(vec![tally.result(Duration::from_secs(seconds))]).unwrap()
        };
        let (floor, landfall) = (rounds(1), rounds(4));
        let result = RatioResult {
            cores: 2,
            connections: 1,
            seconds: 1,
            fdatasync: Latency::default(),
            resident_kib: Some(2048),
            rows_written: None,
            landfall_per_floor: landfall.rate_per(&floor),
            floor,
            landfall,
        };

        let table = result.to_string();

        assert_eq!(result.failures(), 2);
        for line in [
            "| landfall / floor | 25.0 % |",
            "| resident memory (MiB) | 2.0 |",
            "| rows written per report | not known |",
            "| not accepted | 1 | 1 |",
            "refusal   503 full",
        ] {
            assert!(table.contains(line), "{line} is not in\n{table}");
        }
    }
}
