//! Webhooks: what reaches a receiver, however it behaves.

mod breaker;
mod crash;
mod delivering;
mod edits;
mod faults;
mod libraries;
mod names;
mod retention;
mod scope;
mod verbs;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::receiver::Received;
use crate::harness::{Call, Client, Server};

/// A webhook that was made through the API.
pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Hook {
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/api/v1/webhooks/{}{rest}", self.id)
    }
}

/// Makes a webhook with these fields beside its name and URL.
pub(crate) async fn hook(client: &Client, url: &str, fields: Value) -> Hook {
    let mut body = json!({ "name": "test", "url": url });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let made = client.send(Call::post("/api/v1/webhooks", body.to_string())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    Hook { id: made.text("id"), secret: made.text("secret") }
}

/// Reports a deployment of `application` that starts, which is one event.
pub(crate) async fn deploy(client: &Client, application: &str, run: usize) {
    client.send(Call::started(application, run)).await.ok_or_created();
}

/// The run of each delivery, in the order of arrival.
pub(crate) fn runs(received: &[Received]) -> Vec<String> {
    let run = |request: &Received| {
        request.json()["data"]["deployment"]["invoke_id"].as_str().unwrap().to_owned()
    };
    received.iter().map(run).collect()
}

/// How often each run arrived.
pub(crate) fn tally(received: &[Received]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for run in runs(received) {
        *tally.entry(run).or_default() += 1;
    }
    tally
}

/// `run-0` to one before `run-<count>`, once each.
pub(crate) fn once_each(count: usize) -> BTreeMap<String, usize> {
    (0..count).map(|run| (format!("run-{run}"), 1)).collect()
}

/// What the API shows at a path.
pub(crate) async fn show(client: &Client, path: &str) -> Value {
    client.send(Call::new("GET", path)).await.ok().json()
}

/// A webhook's health.
async fn health(client: &Client, hook: &Hook) -> Value {
    show(client, &hook.path("")).await["health"].clone()
}

/// Asks again and again until it is so; each answer waits for the server, so nothing spins.
pub(crate) async fn until<F: Future<Output = bool>>(mut is_so: impl FnMut() -> F, what: &str) {
    let asking = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asking).await.expect(what);
}

/// Waits until nothing is owed to a webhook.
pub(crate) async fn settled(client: &Client, hook: &Hook) {
    until(
        || async {
            let health = health(client, hook).await;
            health["behind"] == 0 && health["in_flight"] == 0 && health["retrying"] == 0
        },
        "everything is settled",
    )
    .await;
}

/// Moves a server's clock, and lets its webhooks see it.
async fn move_clock(server: &Server, by: Duration) {
    server.ambient.set(server.ambient.now() + by);
    server.engine.nudge_webhooks().await;
}
