//! Retention: what was forgotten before a webhook was sent it is told, never passed over in silence.

use std::time::Duration;

use serde_json::{Value, json};

use super::{deploy, health, hook, settled, show, until};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::{Call, Server};

/// Longer than events are kept.
const LONG: Duration = Duration::from_hours(401 * 24);

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_slept_too_long_is_told_what_it_missed() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let hook = hook(&server.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    server.post(&hook.path("/pause"), &json!({})).await.ok();
    deploy(&server.client, "checkout", 0).await;
    // With another filter it reads the log once more instead of what waits in memory.
    let wanted = json!({ "events": ["deployment.*", "webhook.skipped"] });
    server.send(Call::post(&hook.path(""), wanted.to_string()).method("PATCH")).await.ok();
    let last_forgotten =
        show(&server.client, "/api/v1/organization").await["last_sequence"].clone();
    server.ambient.set(server.ambient.now() + LONG);
    server.engine.tidy().await.unwrap();
    deploy(&server.client, "checkout", 1).await;
    server.post(&hook.path("/resume"), &json!({})).await.ok();
    let received = receiver.wait_for(2).await;
    settled(&server.client, &hook).await;
    let mut kinds: Vec<Value> = received.iter().map(|r| r.json()["type"].clone()).collect();
    kinds.sort_by_key(Value::to_string);
    assert_eq!(kinds, ["deployment.started", "webhook.skipped"]);
    let missed = show(&server.client, &hook.path("")).await["health"]["missed"].clone();
    assert_eq!(missed["last"], last_forgotten);
    let told = received.iter().find(|r| r.json()["type"] == "webhook.skipped").unwrap().json();
    assert_eq!(told["data"]["webhook"]["id"], hook.id);
    let numbers = format!("events {} to {last_forgotten} ", missed["first"]);
    assert!(told["data"]["reason"].as_str().unwrap().starts_with(&numbers), "{told}");
}

/// More than one transaction removes.
const MANY: usize = 520;

#[tokio::test(flavor = "multi_thread")]
async fn all_that_failed_for_good_is_forgotten_in_time_however_much_it_is() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(422));
    let fields = json!({ "events": ["deployment.started"], "retry_schedule": [] });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    for run in 0..MANY {
        deploy(&server.client, "checkout", run).await;
    }
    until(|| async { health(&server.client, &hook).await["dead"] == MANY }, "all are dead").await;
    let a_month = Duration::from_hours(31 * 24);
    server.ambient.set(server.ambient.now() + a_month);
    server.engine.tidy().await.unwrap();
    assert_eq!(health(&server.client, &hook).await["dead"], 0);
    let deliveries = show(&server.client, &hook.path("/deliveries")).await;
    assert_eq!(deliveries["items"], json!([]));
}
