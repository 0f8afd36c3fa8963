//! One connection's share of a run: takes deployments one after the other and reports each.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::client::{Client, ClientError};
use crate::load::{Budget, Load};
use crate::plan::Deployment;
use crate::response::Head;
use crate::tally::Tally;

/// So many reports in a row without an answer, and the connection gives up: the server is gone.
const ERRORS_IN_A_ROW_MAX: u32 = 10;

/// What all connections of a run share.
pub(crate) struct Run {
    load: Load,
    request_head: String,
    next: AtomicU64,
    started_at: Instant,
}

/// One connection and its buffers.
pub(crate) struct Reporter {
    run: Arc<Run>,
    client: Option<Client>,
    tally: Tally,
    body: Vec<u8>,
    request: Vec<u8>,
    errors_in_a_row: u32,
}

impl Run {
    /// The clock of the run starts now.
    pub(crate) fn start(load: Load) -> Self {
        let request_head = load.server.post_until_length(&load.path);
        Self { load, request_head, next: AtomicU64::new(0), started_at: Instant::now() }
    }

    pub(crate) fn started_at(&self) -> Instant {
        self.started_at
    }

    /// The number of the next deployment, until the budget is spent.
    fn claim(&self) -> Option<u64> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let is_within = match self.load.budget {
            Budget::Deployments(count) => n < count,
            Budget::Time(length) => self.started_at.elapsed() < length,
        };
        is_within.then_some(n)
    }
}

impl Reporter {
    pub(crate) fn new(run: Arc<Run>, client: Client) -> Self {
        Self {
            run,
            client: Some(client),
            tally: Tally::default(),
            body: Vec::new(),
            request: Vec::new(),
            errors_in_a_row: 0,
        }
    }

    /// Reports whole lifecycles until the budget is spent.
    pub(crate) async fn work(mut self) -> Tally {
        let run = Arc::clone(&self.run);
        while self.errors_in_a_row < ERRORS_IN_A_ROW_MAX
            && let Some(n) = run.claim()
        {
            let deployment = run.load.plan.deployment(n);
            for status in run.load.statuses {
                self.report(&deployment, status).await;
            }
        }
        self.tally
    }

    async fn report(&mut self, deployment: &Deployment<'_>, status: &str) {
        self.render(deployment, status);
        let sent_at = Instant::now();
        match self.exchange().await {
            Ok((client, head)) => {
                self.errors_in_a_row = 0;
                self.tally.answered(head.status, sent_at.elapsed(), client.body());
                self.client = (!head.closes).then_some(client);
            }
            Err(error) => {
                self.errors_in_a_row += 1;
                self.tally.failed(error);
            }
        }
    }

    /// Takes the connection, or makes a new one, and gives it back only when it is still good.
    async fn exchange(&mut self) -> Result<(Client, Head), ClientError> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => Client::connect(&self.run.load.server).await?,
        };
        let head = client.exchange(&self.request).await?;
        Ok((client, head))
    }

    fn render(&mut self, deployment: &Deployment<'_>, status: &str) {
        self.body.clear();
        self.run.load.template.render(deployment, status, &mut self.body);
        self.request.clear();
        self.request.extend_from_slice(self.run.request_head.as_bytes());
        write!(self.request, "{}\r\n\r\n", self.body.len()).expect("a Vec takes every write");
        self.request.extend_from_slice(&self.body);
    }
}
