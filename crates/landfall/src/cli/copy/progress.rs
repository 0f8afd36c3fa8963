//! How far a copy is: a bar on a screen, and elsewhere a line from time to time.

use std::time::{Duration, Instant};

use landfall_store::{Progress, Stage};

use super::super::failure::Failure;
use super::super::output::Output;

/// The bar is drawn no more often.
const DRAWN_EVERY: Duration = Duration::from_millis(100);
const BAR_CHARS: u64 = 24;
/// Where there is no screen a line is printed for each such part.
const LINES: u64 = 10;

/// What was shown so far.
pub(super) struct Shown {
    output: Output,
    began: Instant,
    stage_began: Instant,
    drawn: Option<Instant>,
    told: Option<(Stage, u64)>,
}

impl Shown {
    pub(super) fn new(output: Output) -> Self {
        let now = Instant::now();
        Self { output, began: now, stage_began: now, drawn: None, told: None }
    }

    /// Shows how far it is, if that is news. What can't be shown is not worth stopping for.
    pub(super) fn tell(&mut self, at: &Progress) {
        let part = (at.rows * LINES).checked_div(at.rows_total).unwrap_or(LINES);
        let is_stage = self.told.is_none_or(|(stage, _)| stage != at.stage);
        if is_stage {
            self.stage_began = Instant::now();
        }
        let is_part = is_stage || self.told.is_none_or(|(_, told)| told < part);
        let is_due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= DRAWN_EVERY);
        self.told = Some((at.stage, part));
        if self.output.is_screen && (is_part || is_due) {
            self.drawn = Some(Instant::now());
            drop(self.output.progress(&bar(at, self.stage_began.elapsed())));
        } else if !self.output.is_screen && is_part {
            drop(self.output.text(&line(at, self.stage_began.elapsed())));
        }
    }

    /// Leaves the bar.
    pub(super) fn end(&self) -> Result<(), Failure> {
        if self.output.is_screen && self.told.is_some() { self.output.text("") } else { Ok(()) }
    }

    /// How much was done in all, and how quickly.
    pub(super) fn summary(&self, rows: u64) -> String {
        let took = self.began.elapsed();
        format!("{rows} rows in {:.1} s: {} rows/s", took.as_secs_f64(), rate(rows, took))
    }
}

const fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Copying => "Copying",
        Stage::Checking => "Checking",
    }
}

fn rate(rows: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    (rows * 1_000).checked_div(millis).unwrap_or(rows)
}

fn line(at: &Progress, took: Duration) -> String {
    let Progress { stage, table, rows, rows_total } = *at;
    format!("{} {table}: {rows} of {rows_total} rows, {}/s", word(stage), rate(rows, took))
}

fn bar(at: &Progress, took: Duration) -> String {
    let full = (at.rows * BAR_CHARS).checked_div(at.rows_total).unwrap_or(BAR_CHARS);
    let chars = (0..BAR_CHARS).map(|place| if place < full { '█' } else { '░' });
    format!("{} {}", chars.collect::<String>(), line(at, took))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_the_copy() {
        let at =
            |rows, rows_total| Progress { stage: Stage::Copying, table: "cells", rows, rows_total };
        let took = Duration::from_secs(2);
        assert_eq!(
            bar(&at(50, 100), took),
            "████████████░░░░░░░░░░░░ Copying cells: 50 of 100 rows, 25/s"
        );
        assert!(bar(&at(0, 0), Duration::ZERO).starts_with("████████████████████████ "));
        assert!(bar(&at(0, 9), Duration::ZERO).starts_with("░░░░░░░░░░░░░░░░░░░░░░░░ "));
    }
}
