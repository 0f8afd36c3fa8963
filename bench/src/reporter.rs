//! One connection's share of a run: takes deployments one after the other and reports each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::load::{Budget, Load};
use crate::sender::Sender;
use crate::tally::Tally;

/// What all connections of a run share.
pub(crate) struct Run {
    load: Load,
    next: AtomicU64,
    started_at: Instant,
}

/// One connection at work.
pub(crate) struct Reporter {
    run: Arc<Run>,
    sender: Sender,
}

impl Run {
    /// The clock of the run starts now.
    pub(crate) fn start(load: Load) -> Self {
        Self { load, next: AtomicU64::new(0), started_at: Instant::now() }
    }

    pub(crate) fn started_at(&self) -> Instant {
        self.started_at
    }

    /// The number of the next deployment, until the budget is spent.
    fn claim(&self) -> Option<u64> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let is_within = match self.load.budget {
            Budget::Deployments(count) => n < count,
            // However late it begins, a run has a first one.
            Budget::Time(length) => n == 0 || self.started_at.elapsed() < length,
        };
        is_within.then_some(n)
    }
}

impl Reporter {
    pub(crate) fn new(run: Arc<Run>, sender: Sender) -> Self {
        Self { run, sender }
    }

    /// Reports whole lifecycles until the budget is spent.
    pub(crate) async fn work(self) -> Tally {
        let Self { run, mut sender } = self;
        while sender.is_hopeful()
            && let Some(n) = run.claim()
        {
            let deployment = run.load.plan.deployment(n);
            for status in run.load.statuses {
                sender.render(&run.load.template, &deployment, status);
                // The sender has counted it, whatever it was.
                sender.send().await;
            }
        }
        sender.into_tally()
    }
}
