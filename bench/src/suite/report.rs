//! What a run found: every line in order, those that failed or were left out among them.

use serde::Serialize;

use super::database::PostgresTold;
use super::host::Host;
use super::part::Part;
use super::row::Row;
use super::setting::Setting;

/// The results of a run, and of which machine and server they are.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// As the binary tells it.
    pub(super) version: String,
    pub(super) host: Host,
    pub(super) postgres: Option<PostgresTold>,
    pub(super) setting: Setting,
    pub(super) lines: Vec<Line>,
}

/// One line of the table.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) part: Part,
    /// Under which circumstances.
    pub(super) of: String,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

/// What became of a measurement.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum Outcome {
    Measured(Row),
    Failed { why: String },
    LeftOut { why: String },
}

impl Report {
    pub(super) fn new(
        version: String,
        host: Host,
        postgres: Option<PostgresTold>,
        setting: Setting,
    ) -> Self {
        Self { version, host, postgres, setting, lines: Vec::new() }
    }

    pub(super) fn add_measured(&mut self, part: Part, of: &str, rows: Vec<Row>) {
        for row in rows {
            self.add(part, of, Outcome::Measured(row));
        }
    }

    pub(super) fn add_failed(&mut self, part: Part, of: &str, why: &str) {
        self.add(part, of, Outcome::Failed { why: why.to_owned() });
    }

    pub(super) fn add_left_out(&mut self, part: Part, of: &str, why: &str) {
        self.add(part, of, Outcome::LeftOut { why: why.to_owned() });
    }

    fn add(&mut self, part: Part, of: &str, outcome: Outcome) {
        self.lines.push(Line { part, of: of.to_owned(), outcome });
    }

    /// Whether everything that was not left out was measured.
    pub(super) fn is_whole(&self) -> bool {
        !self.lines.iter().any(|line| matches!(line.outcome, Outcome::Failed { .. }))
    }

    /// Whether no goal of what was measured is missed.
    pub(super) fn reaches_its_goals(&self) -> bool {
        !self
            .lines
            .iter()
            .any(|line| matches!(&line.outcome, Outcome::Measured(row) if row.misses_its_goal()))
    }
}
