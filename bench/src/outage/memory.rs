//! The memory that the server holds during a run: at its turns, and the most in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::machine;

const SAMPLE_EVERY: Duration = Duration::from_millis(250);

/// Resident memory in kibibytes; none of a server whose process is not known.
#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name, also in the JSON")]
pub(super) struct Samples {
    pub(super) before_kib: Option<u64>,
    pub(super) outage_end_kib: Option<u64>,
    pub(super) caught_up_kib: Option<u64>,
    /// The most that was seen, four times a second.
    pub(super) max_kib: Option<u64>,
}

/// Looks at the memory until it is dropped.
pub(super) struct Memory {
    process_id: Option<u32>,
    max_kib: Arc<AtomicU64>,
    samples: Samples,
    /// Held only for what its drop ends.
    _looking: JoinSet<()>,
}

impl Memory {
    pub(super) fn watch(process_id: Option<u32>) -> Self {
        let max_kib = Arc::new(AtomicU64::new(0));
        let mut looking = JoinSet::new();
        if let Some(process_id) = process_id {
            looking.spawn(look(process_id, Arc::clone(&max_kib)));
        }
        Self { process_id, max_kib, samples: Samples::default(), _looking: looking }
    }

    pub(super) fn note_before(&mut self) {
        self.samples.before_kib = self.now();
    }

    pub(super) fn note_outage_end(&mut self) {
        self.samples.outage_end_kib = self.now();
    }

    pub(super) fn note_caught_up(&mut self) {
        self.samples.caught_up_kib = self.now();
    }

    pub(super) fn into_samples(self) -> Samples {
        let max_kib = self.max_kib.load(Ordering::Relaxed);
        Samples { max_kib: self.process_id.map(|_| max_kib), ..self.samples }
    }

    /// None also of a process that is gone, which the run itself will tell.
    fn now(&self) -> Option<u64> {
        self.process_id.and_then(|id| machine::resident_kib(id).ok())
    }
}

async fn look(process_id: u32, max_kib: Arc<AtomicU64>) {
    let mut ticks = interval(SAMPLE_EVERY);
    while let Ok(resident_kib) = machine::resident_kib(process_id) {
        max_kib.fetch_max(resident_kib, Ordering::Relaxed);
        ticks.tick().await;
    }
}
