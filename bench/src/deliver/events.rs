//! The load: connections that report whole lifecycles, as `load` does, and keep the book.

use std::sync::Arc;

use anyhow::Context;
use tokio::task::JoinSet;

use super::book::Book;
use super::pace::{Clock, first_event};
use crate::body::Template;
use crate::load::{LIFECYCLE, REPORT_PATH};
use crate::plan::Plan;
use crate::sender::Sender;
use crate::server::Server;
use crate::tally::{LoadResult, Tally, is_accepted};

/// Everything that defines the reports of a run.
pub(crate) struct Generation {
    pub(crate) server: Server,
    pub(crate) connections: u32,
    pub(crate) clock: Clock,
    pub(crate) plan: Plan,
    pub(crate) book: Arc<Book>,
}

/// What the connections share.
struct Run {
    template: Template,
    clock: Clock,
    plan: Plan,
    book: Arc<Book>,
}

impl Generation {
    /// Opens all connections first, so that only reports are measured.
    pub(crate) async fn run(self) -> anyhow::Result<LoadResult> {
        let Self { server, connections, clock, plan, book } = self;
        let mut senders = Vec::new();
        for _ in 0..connections {
            senders.push(Sender::connect(&server, REPORT_PATH).await?);
        }
        let template = Template::versioner();
        let run = Arc::new(Run { template, clock: clock.restart(), plan, book });
        let works = senders.into_iter().map(|sender| work(Arc::clone(&run), sender));
        let mut working: JoinSet<Tally> = works.collect();
        let mut all = Tally::default();
        while let Some(tally) = working.join_next().await {
            all.add(tally.context("a connection's task ended early")?);
        }
        Ok(all.result(run.clock.elapsed()))
    }
}

/// Reports whole lifecycles until the run is over.
async fn work(run: Arc<Run>, mut sender: Sender) -> Tally {
    let Run { template, clock, plan, book } = &*run;
    while sender.is_hopeful()
        && let Some(n) = clock.claim()
    {
        let deployment = plan.deployment(n);
        for (event, status) in (first_event(n)..).zip(LIFECYCLE) {
            sender.render(template, &deployment, status);
            book.sent(event, clock.wait_for_turn(event).await);
            if sender.send().await.is_some_and(is_accepted) {
                book.accepted(event);
            }
        }
    }
    sender.into_tally()
}
