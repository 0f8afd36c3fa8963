//! Every kind of question, one after the other at a steady rate; and now and then a report that is
//! refused.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use super::meter::Meter;
use super::receivers::Receivers;
use crate::client::Client;
use crate::server::Server;

/// What is asked, and what the answer's status should be.
struct Query {
    kind: &'static str,
    request: String,
    status: u16,
}

/// The questions of a soak, and what became of them.
pub(super) struct Queries {
    server: Server,
    list: Vec<Query>,
    meter: Arc<Meter>,
    outcome: Mutex<Outcome>,
}

/// What became of the questions.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Outcome {
    pub(super) answered: u64,
    /// With another status than expected, or not at all, by what happened.
    pub(super) failures: BTreeMap<String, u64>,
}

/// The paths, by what a person would call them.
const PATHS: [(&str, &str); 19] = [
    ("status page", "/api/v1/status?limit=100"),
    ("status", "/api/v1/status?limit=all"),
    ("deployments", "/api/v1/deployments?limit=50"),
    ("deployments of one", "/api/v1/deployments?application=app-0001&environment=production"),
    ("builds", "/api/v1/builds"),
    ("versions", "/api/v1/versions?limit=50"),
    ("applications", "/api/v1/applications"),
    ("environments", "/api/v1/environments"),
    ("projects", "/api/v1/projects"),
    ("events", "/api/v1/events?limit=100"),
    ("audit", "/api/v1/audit"),
    ("refused", "/api/v1/refused"),
    ("keys", "/api/v1/keys"),
    ("users", "/api/v1/users"),
    ("sessions", "/api/v1/sessions"),
    ("webhooks", "/api/v1/webhooks"),
    ("metrics", "/metrics"),
    ("readiness", "/readyz"),
    ("sign-in page", "/sign-in"),
];

impl Queries {
    pub(super) fn new(server: Server, receivers: &Receivers, meter: Arc<Meter>) -> Self {
        let get = |kind, path: &str| Query { kind, request: server.get(path), status: 200 };
        let mut list: Vec<Query> = PATHS.iter().map(|(kind, path)| get(kind, path)).collect();
        for id in receivers.ids() {
            list.push(get("webhook", &format!("/api/v1/webhooks/{id}")));
            list.push(get("deliveries", &format!("/api/v1/webhooks/{id}/deliveries")));
        }
        list.push(refused(&server));
        Self { server, list, meter, outcome: Mutex::default() }
    }

    /// Asks so many a second, in turn, until it is aborted.
    pub(super) async fn ask(self: Arc<Self>, per_second: u32) {
        let mut ticks = interval(Duration::from_secs(1) / per_second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut client = None;
        for query in self.list.iter().cycle() {
            ticks.tick().await;
            let exchanged = self.exchange(query, client).await;
            client = exchanged.unwrap_or_else(|error| {
                self.note_failure(query, &error);
                None
            });
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the connection back if it is still good.
    async fn exchange(
        &self,
        query: &Query,
        client: Option<Client>,
    ) -> anyhow::Result<Option<Client>> {
        let mut client = match client {
            Some(client) => client,
            None => Client::connect(&self.server).await?,
        };
        let sent_at = Instant::now();
        let head = client.exchange(query.request.as_bytes()).await?;
        ensure!(head.status == query.status, "{} instead of {}", head.status, query.status);
        self.meter.record(query.kind, sent_at.elapsed());
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).answered += 1;
        Ok((!head.closes).then_some(client))
    }

    fn note_failure(&self, query: &Query, error: &anyhow::Error) {
        let what = format!("{}: {error:#}", query.kind);
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        *outcome.failures.entry(what).or_default() += 1;
    }
}

/// What is wrong with it is kept and shown, so refusing is work too.
fn refused(server: &Server) -> Query {
    let body =
        r#"{"application":"app-0001","version":"1","environment":"production","status":"?"}"#;
    let head = server.post_until_length("/api/v1/deployments");
    let request = format!("{head}{}\r\n\r\n{body}", body.len());
    Query { kind: "refused report", request, status: 400 }
}
