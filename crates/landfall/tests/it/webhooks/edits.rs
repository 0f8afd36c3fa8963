//! Edits act at once: after the answer no attempt starts with what was before.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;

use super::{Hook, deploy, hook, once_each, settled, show, tally};
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::{Call, Server};

async fn edit(server: &Server, hook: &Hook, fields: serde_json::Value) {
    let patch = Call::post(&hook.path(""), fields.to_string());
    server.send(patch.method("PATCH")).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_edit_nothing_goes_to_the_old_url() {
    let server = Server::start().await;
    let (old, new) = (Receiver::ok(), Receiver::ok());
    let hook = hook(&server.client, &old.url(), json!({ "events": ["deployment.*"] })).await;
    for run in 0..30 {
        deploy(&server.client, "checkout", run).await;
    }
    edit(&server, &hook, json!({ "url": new.url() })).await;
    let before = old.requests().len();
    for run in 30..60 {
        deploy(&server.client, "checkout", run).await;
    }
    settled(&server.client, &hook).await;
    // Attempts that had started may still arrive; there are at most as many as slots.
    assert!(old.requests().len() <= before + 8);
    let mut all = tally(&old.requests());
    all.extend(tally(&new.requests()));
    assert_eq!(all, once_each(60));
    let late = tally(&old.requests());
    assert!((30..60).all(|run| !late.contains_key(&format!("run-{run}"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_holds_and_disabled_skips() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let hook = hook(&server.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    server.post(&hook.path("/pause"), &json!({})).await.ok();
    deploy(&server.client, "checkout", 0).await;
    assert!(receiver.requests().is_empty());
    server.post(&hook.path("/resume"), &json!({})).await.ok();
    settled(&server.client, &hook).await;
    edit(&server, &hook, json!({ "enabled": false })).await;
    deploy(&server.client, "checkout", 1).await;
    edit(&server, &hook, json!({ "enabled": true })).await;
    deploy(&server.client, "checkout", 2).await;
    settled(&server.client, &hook).await;
    assert_eq!(super::runs(&receiver.requests()), ["run-0", "run-2"]);
    let missed = show(&server.client, &hook.path("")).await["health"]["missed"].clone();
    assert_eq!(missed["first"], missed["last"], "{missed}");
    let replay = server.post(&hook.path("/replay"), &missed).await;
    assert_eq!(replay.status, 202, "{}", replay.body);
    let received = receiver.wait_for(3).await;
    assert_eq!(super::runs(&received), ["run-0", "run-2", "run-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_webhook_is_gone_at_once() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let hook = hook(&server.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    let gone = server.send(Call::new("DELETE", &hook.path(""))).await;
    assert_eq!(gone.status, 204);
    deploy(&server.client, "checkout", 0).await;
    assert_eq!(server.send(Call::new("GET", &hook.path(""))).await.status, 404);
    assert!(receiver.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_receiver_that_says_gone_does_not_disable_the_new_one() {
    let server = Server::start().await;
    let held = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&held);
    let old = Receiver::start(move |_| Reply::HoldThen(Arc::clone(&waiting), 410));
    let new = Receiver::ok();
    let hook = hook(&server.client, &old.url(), json!({ "events": ["deployment.*"] })).await;
    deploy(&server.client, "checkout", 0).await;
    old.wait_for(1).await;
    edit(&server, &hook, json!({ "url": new.url() })).await;
    held.close();
    deploy(&server.client, "checkout", 1).await;
    new.wait_for(1).await;
    super::until(
        || async { super::health(&server.client, &hook).await["in_flight"] == 0 },
        "the old attempt has ended",
    )
    .await;
    assert_eq!(show(&server.client, &hook.path("")).await["state"], "enabled");
}
