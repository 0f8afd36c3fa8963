//! Latencies of everything that is asked of the server, by kind, gathered from sample to sample.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::histogram::Histogram;

/// The latencies of one kind between two samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Timing {
    pub(super) count: u64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Timing {
    /// None if there were none.
    pub(super) fn of(histogram: &Histogram) -> Option<Self> {
        let (count, summary) = (histogram.samples(), histogram.summary());
        let timing = Self { count, p50_ms: summary.p50_ms, p99_ms: summary.p99_ms };
        (count > 0).then_some(timing)
    }
}

/// Gathers latencies.
#[derive(Debug, Default)]
pub(super) struct Meter {
    kinds: Mutex<BTreeMap<&'static str, Histogram>>,
}

impl Meter {
    pub(super) fn record(&self, kind: &'static str, latency: Duration) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.entry(kind).or_default().record(latency);
    }

    /// What was recorded since this was asked the last time.
    pub(super) fn take(&self) -> BTreeMap<&'static str, Timing> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = std::mem::take(&mut *kinds).into_iter();
        kinds.filter_map(|(kind, found)| Some((kind, Timing::of(&found)?))).collect()
    }
}
