//! Retention: what was forgotten before a webhook was sent it is told, never passed over in silence.

use std::time::Duration;

use serde_json::{Value, json};

use super::{deploy, hook, settled, show};
use crate::harness::receiver::Receiver;
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
