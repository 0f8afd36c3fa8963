//! Clients that report whole lifecycles, and know what they were told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::harness::{Call, Client, Record, is_postgres};

/// One client. Its `n`th report is always the same, so what had no answer is sent again as it was.
#[derive(Clone, Debug)]
struct Worker {
    number: u64,
    acknowledged: u64,
}

/// The status of each report of a lifecycle.
const LIFECYCLE: [&str; 2] = ["started", "completed"];

impl Worker {
    /// What a report is known by: the run, and the event that it appends.
    fn name(&self, report: u64) -> (String, String) {
        let lifecycle = LIFECYCLE.len() as u64;
        let status = LIFECYCLE[usize::try_from(report % lifecycle).unwrap()];
        let run = report / lifecycle;
        (format!("{}-{run}", self.number), format!("deployment.{status}"))
    }

    /// Every second client has cells of its own; the others share theirs and send a key with each
    /// report, since otherwise a retry after others' reports would tell of a new deployment.
    fn call(&self, report: u64) -> Call {
        let (invoke_id, event) = self.name(report);
        let is_alone = self.number.is_multiple_of(2);
        let application = if is_alone { format!("app-{}", self.number) } else { "shared".into() };
        let body = json!({
            "product_name": application,
            "version": format!("1.{}", report / 10),
            "environment_name": if report % 4 < 2 { "staging" } else { "production" },
            "status": event.trim_start_matches("deployment."),
            "invoke_id": invoke_id,
        });
        let call = Call::post("/deployment-events/", body.to_string());
        if is_alone {
            return call;
        }
        call.with("idempotency-key", &format!("{}-{report}", self.number))
    }

    /// Reports until the server is gone or the load ends, one for each permit. What a server could not
    /// say whether it stored is sent again.
    async fn work(
        mut self,
        client: Client,
        permits: Arc<Semaphore>,
        count: watch::Sender<u64>,
    ) -> Self {
        while let Ok(permit) = permits.acquire().await {
            permit.forget();
            let Some(answer) = client.try_send(self.call(self.acknowledged)).await else { break };
            if is_postgres() && answer.status == 503 {
                permits.add_permits(1);
                continue;
            }
            answer.ok();
            self.acknowledged += 1;
            count.send_modify(|count| *count += 1);
        }
        self
    }
}

/// Several clients at rest.
pub(crate) struct Load {
    workers: Vec<Worker>,
}

/// Several clients at work.
pub(crate) struct Running {
    workers: JoinSet<Worker>,
    permits: Arc<Semaphore>,
    count: watch::Receiver<u64>,
}

impl Load {
    pub(crate) fn new(clients: u64) -> Self {
        let workers = (0..clients).map(|number| Worker { number, acknowledged: 0 });
        Self { workers: workers.collect() }
    }

    /// Lets every client go on where it was, each over a connection of its own.
    pub(crate) fn start(self, client: &Client) -> Running {
        self.start_on(std::slice::from_ref(client))
    }

    /// The same on several servers of the same data, in turn.
    pub(crate) fn start_on(self, clients: &[Client]) -> Running {
        let running = self.start_bounded_on(clients);
        running.allow(Semaphore::MAX_PERMITS);
        running
    }

    /// The same, only as many reports as are allowed.
    pub(crate) fn start_bounded_on(self, clients: &[Client]) -> Running {
        let (sender, count) = watch::channel(0);
        let permits = Arc::new(Semaphore::new(0));
        let mut workers = JoinSet::new();
        for (worker, client) in self.workers.into_iter().zip(clients.iter().cycle()) {
            workers.spawn(worker.work(client.clone(), Arc::clone(&permits), sender.clone()));
        }
        Running { workers, permits, count }
    }

    /// Panics unless every acknowledged report is there once, and nothing is there twice.
    pub(crate) fn assert_kept(&self, record: &Record) {
        let mut told: BTreeMap<(String, String), u32> = BTreeMap::new();
        for event in &record.events {
            let data: Value = serde_json::from_str(&event.data).unwrap();
            if let Some(invoke_id) = data["deployment"]["invoke_id"].as_str() {
                *told.entry((invoke_id.to_owned(), event.kind.to_string())).or_default() += 1;
            }
        }
        assert!(told.values().all(|count| *count == 1), "told twice: {told:#?}");
        let mut unanswered = told;
        for worker in &self.workers {
            for report in 0..worker.acknowledged {
                let name = worker.name(report);
                assert!(unanswered.remove(&name).is_some(), "{name:?} is lost");
            }
            // At most the one report is stored that the client had no answer to.
            unanswered.remove(&worker.name(worker.acknowledged));
        }
        assert!(unanswered.is_empty(), "nobody sent {unanswered:#?}");
        let runs: Vec<_> = record.deployments.iter().map(|found| &found.run.invoke_id).collect();
        assert_eq!(runs.iter().collect::<BTreeSet<_>>().len(), runs.len(), "a run is there twice");
    }

    /// Panics if anything is stored that was not acknowledged.
    pub(crate) fn assert_nothing_else(&self, record: &Record) {
        let acknowledged: u64 = self.workers.iter().map(|worker| worker.acknowledged).sum();
        let told = record.told().iter().filter(|kind| kind.starts_with("deployment.")).count();
        assert_eq!(told as u64, acknowledged);
    }
}

impl Running {
    /// Lets so many more reports be sent.
    pub(crate) fn allow(&self, reports: usize) {
        self.permits.add_permits(reports);
    }

    /// Waits until so many reports were acknowledged since the start.
    pub(crate) async fn wait_for(&self, reports: u64) {
        self.count.clone().wait_for(|count| *count >= reports).await.expect("the clients report");
    }

    /// The reports that were acknowledged since the start.
    pub(crate) fn acknowledged(&self) -> u64 {
        *self.count.borrow()
    }

    /// Waits until every client has noticed that the server is gone, or is allowed nothing more.
    pub(crate) async fn end(self) -> Load {
        if self.permits.available_permits() < Semaphore::MAX_PERMITS / 2 {
            self.permits.close();
        }
        let mut workers = self.workers.join_all().await;
        workers.sort_by_key(|worker| worker.number);
        Load { workers }
    }
}
