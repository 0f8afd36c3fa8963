//! The reports of a soak: connections that send whole lifecycles, and keep the book.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use tokio::task::JoinSet;

use super::meter::Meter;
use super::rhythm::Rhythm;
use crate::body::Template;
use crate::deliver::book::Book;
use crate::deliver::pace::first_event;
use crate::load::{LIFECYCLE, REPORT_PATH};
use crate::plan::Plan;
use crate::sender::Sender;
use crate::server::Server;
use crate::tally::{LoadResult, Tally, is_accepted};

/// Everything that defines the reports.
pub(super) struct Reports {
    pub(super) server: Server,
    pub(super) rhythm: Rhythm,
    pub(super) plan: Plan,
    pub(super) book: Arc<Book>,
    pub(super) meter: Arc<Meter>,
}

impl Reports {
    /// Sends all of them over so many connections.
    pub(super) async fn send(self, connections: u32) -> anyhow::Result<LoadResult> {
        let run = Arc::new(self);
        let mut working = JoinSet::new();
        for _ in 0..connections {
            let sender = Sender::connect(&run.server, REPORT_PATH).await?;
            working.spawn(work(Arc::clone(&run), sender));
        }
        let mut all = Tally::default();
        while let Some(tally) = working.join_next().await {
            all.add(tally.context("a connection's task ended early")?);
        }
        Ok(all.result(run.rhythm.elapsed()))
    }
}

async fn work(run: Arc<Reports>, mut sender: Sender) -> Tally {
    let Reports { rhythm, plan, book, meter, .. } = &*run;
    let template = Template::versioner();
    while sender.is_hopeful()
        && let Some(n) = rhythm.claim()
    {
        let deployment = plan.deployment(n);
        for (event, status) in (first_event(n)..).zip(LIFECYCLE) {
            sender.render(&template, &deployment, status);
            book.sent(event, rhythm.wait_for_turn(event).await);
            let sent_at = Instant::now();
            if sender.send().await.is_some_and(is_accepted) {
                book.accepted(event);
                meter.record("report", sent_at.elapsed());
            }
        }
    }
    sender.into_tally()
}
