//! Telling PostgreSQL early how its tables have grown.
//!
//! It chooses among indexes by what it knows of a table, and learns that by itself within a minute or
//! so. A fresh installation that takes in much at once would be slow until then.

use tokio::sync::{mpsc, oneshot};

use super::queue::Request;
use crate::driver::Connection;
use crate::stats::Stats;

/// After so many rows written since the start the tables are looked at; later they change slowly enough.
const LOOKED_AT: [u64; 3] = [500, 5_000, 50_000];

/// The tables that grow with every report.
const ANALYZE: &str =
    "ANALYZE applications, environments, versions, builds, deployments, cells, event_blocks";

/// Has the tables looked at when it is time.
pub(super) struct Plans {
    /// The rows that were written when this was called last.
    rows: u64,
    /// The way to the thread that does it, beside groups.
    jobs: mpsc::Sender<Request>,
}

impl Plans {
    pub(super) const fn new(jobs: mpsc::Sender<Request>) -> Self {
        Self { rows: 0, jobs }
    }

    /// Called between groups.
    pub(super) fn after_group(&mut self, stats: &Stats) {
        let before = std::mem::replace(&mut self.rows, Stats::value(&stats.rows_written));
        if LOOKED_AT.iter().any(|at| (before..self.rows).contains(at)) {
            let job = Box::new(|db: &mut Connection| db.postgres()?.run(ANALYZE));
            // Nobody waits for it, and where that thread has too much to do it is left out.
            drop(self.jobs.try_send(Request::Run(job, oneshot::channel().0)));
        }
    }
}
