//! The result, as numbers and as Markdown.

use std::fmt;

use serde::Serialize;

use super::receivers::Misbehaving;
use super::sample::Sample;
use super::verdict::Verdict;
use super::{backups, queries, streams};
use crate::deliver::book::Deliveries;
use crate::tally::LoadResult;

/// Everything that a soak found.
#[derive(Debug, Serialize)]
pub(super) struct SoakResult {
    pub(super) setting: Setting,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) reports: LoadResult,
    pub(super) deliveries: Deliveries,
    pub(super) queries: queries::Outcome,
    pub(super) streams: streams::Outcome,
    pub(super) backups: backups::Outcome,
    pub(super) receivers: Vec<Misbehaving>,
    pub(super) samples: Vec<Sample>,
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    pub(super) cores: usize,
    pub(super) minutes: f64,
    pub(super) rate: u32,
    pub(super) burst_seconds: u64,
    pub(super) connections: u32,
    pub(super) queries: u32,
    pub(super) streams: u32,
    pub(super) webhooks: u32,
}

impl SoakResult {
    /// Whether nothing was lost, and everything stayed as it was.
    pub(super) fn is_clean(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.holds) && self.is_whole()
    }

    /// Whether nothing was lost, refused or broken.
    pub(super) fn is_whole(&self) -> bool {
        let Deliveries { missing, strange, .. } = self.deliveries;
        let lost = missing + strange + self.streams.gaps;
        let failed = self.reports.failures() + self.streams.failed + self.backups.failed;
        lost + failed == 0 && self.queries.failures.is_empty()
    }
}

impl fmt::Display for SoakResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n| | | |\n| --- | ---: | ---: |", self.setting)?;
        for Verdict { what, found, bound, unit, holds } in &self.verdicts {
            let word = if *holds { "" } else { " **too much**" };
            write!(f, "\n| {what} | {found:.1} {unit} | at most {bound:.1} {unit}{word} |")?;
        }
        write!(f, "\n\n| | |\n| --- | ---: |")?;
        for (name, cell) in self.rows() {
            write!(f, "\n| {name} | {cell} |")?;
        }
        self.failures(f)
    }
}

impl SoakResult {
    fn rows(&self) -> Vec<(String, String)> {
        let Self { reports, deliveries, queries, streams, backups, .. } = self;
        let mut rows = vec![
            ("reports accepted".to_owned(), reports.accepted.to_string()),
            ("reports not accepted".to_owned(), reports.failures().to_string()),
            ("deliveries to receivers that are well".to_owned(), deliveries.delivered.to_string()),
            ("of them twice".to_owned(), deliveries.duplicates.to_string()),
            ("missing there".to_owned(), deliveries.missing.to_string()),
            ("questions answered".to_owned(), queries.answered.to_string()),
            ("live streams".to_owned(), streams.opened.to_string()),
            ("events over them".to_owned(), streams.events.to_string()),
            ("gaps in them".to_owned(), streams.gaps.to_string()),
            ("copies made and found intact".to_owned(), backups.made.to_string()),
        ];
        for Misbehaving { name, health } in &self.receivers {
            let cell = format!("{} behind, {} to retry", health.behind, health.retrying);
            rows.push((format!("the receiver that is {name}, in the end"), cell));
        }
        rows
    }

    fn failures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reports.failures() > 0 {
            write!(f, "\n\nNot all reports were accepted:\n{}", self.reports)?;
        }
        for (what, count) in &self.queries.failures {
            write!(f, "\n\nA question that failed, {count} times: {what}")?;
        }
        if self.streams.failed > 0 {
            write!(f, "\n\nStreams that did not open or broke: {}", self.streams.failed)?;
        }
        let strange = self.deliveries.first_strange.as_ref();
        for what in strange.into_iter().chain(&self.backups.first_failure) {
            write!(f, "\n\nThe first that is strange: {what}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, minutes, rate, burst_seconds, connections, queries, streams, webhooks } =
            self;
        write!(
            f,
            "{minutes:.1} minutes, {rate} reports a second over {connections} connections, those of \
             {burst_seconds} seconds of each minute at once; {queries} questions a second; {streams} \
             streams; {webhooks} webhooks whose receiver is well and 3 others; {cores} cores"
        )
    }
}
