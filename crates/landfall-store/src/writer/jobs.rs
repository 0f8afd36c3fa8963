//! The thread that runs jobs beside groups, on a connection of its own: where a database takes several
//! transactions at a time.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Job;
use super::queue::{Reply, Request};
use crate::driver::Connection;
use crate::stats::Stats;

pub(super) struct Jobs {
    pub db: Connection,
    pub stats: Arc<Stats>,
}

impl Jobs {
    /// Works until the queue is closed and empty.
    pub(super) fn serve(mut self, mut queue: mpsc::Receiver<Request>) {
        while let Some(request) = queue.blocking_recv() {
            if let Request::Run(job, reply) = request {
                self.run(job, reply);
            }
            Stats::count(&self.stats.rows_written, self.db.take_rows_written());
        }
    }

    fn run(&mut self, job: Job, reply: Reply<()>) {
        let outcome = super::guarded(&mut self.db, &self.stats, |db| super::run_job(db, job));
        // An error means that the caller went away.
        drop(reply.send(outcome));
    }
}
