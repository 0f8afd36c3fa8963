//! While nodes are replaced one by one, a later release may write what this one can't read.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;

use super::fixture::Cluster;
use crate::harness::receiver::{Receiver, Reply};
use crate::harness::{Call, run_sql};
use crate::webhooks::{Hook, deploy, once_each, runs, settled, show, tally, until};

/// Edits a webhook as a node of another release would.
fn rewrite(cluster: &Cluster, hook: &Hook, config: &str) {
    let id = hook.id.replace('-', "");
    let sql = format!(
        "BEGIN;
        UPDATE webhook_changes_head SET number = number + 1;
        UPDATE webhooks SET config = {config}, revision = revision + 1 WHERE id = '\\x{id}';
        INSERT INTO webhook_changes (number, organization_id, webhook_id, kind)
            SELECT h.number, w.organization_id, w.id, 'edited'
            FROM webhook_changes_head h, webhooks w WHERE w.id = '\\x{id}';
        COMMIT;"
    );
    run_sql(&cluster.url(), &sql);
}

const LATER: &str = "'{\"later\":' || config || '}'";
const AS_IT_WAS: &str = "substr(config, 10, length(config) - 10)";
const UNREADABLE: &str = "landfall_webhooks{state=\"unreadable\",breaker=\"closed\"}";

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_a_node_cant_read_waits_and_the_others_do_not() {
    let (cluster, a, b) = Cluster::of_two().await;
    let (receiver, control) = (Receiver::ok(), Receiver::ok());
    let wanted = json!({ "events": ["deployment.*"] });
    let hook = cluster.hook_of(&b, &a, &receiver.url(), wanted.clone()).await;
    let beside = cluster.hook_of(&b, &a, &control.url(), wanted).await;
    deploy(&a.client, "checkout", 0).await;
    receiver.wait_for(1).await;

    rewrite(&cluster, &hook, LATER);
    until(|| async { b.metric(UNREADABLE) == 1 }, "it is seen that it can't be read").await;
    deploy(&a.client, "checkout", 1).await;
    assert_eq!(runs(&control.wait_for(2).await), ["run-0", "run-1"]);
    settled(&b.client, &beside).await;
    assert_eq!(runs(&receiver.requests()), ["run-0"]);
    assert_eq!(b.client.send(Call::new("GET", &hook.path(""))).await.status, 503);

    // A list of a vendor's says so: whoever misses one there makes it again.
    let organization = show(&b.client, "/api/v1/organization").await;
    let list = format!("/organization/{}/webhook", organization["id"].as_str().unwrap());
    assert_eq!(b.client.send(Call::new("GET", &list)).await.status, 503);

    // A node that starts now has the same before it.
    let c = cluster.start("c").await;
    assert_eq!(c.client.send(Call::new("GET", &hook.path(""))).await.status, 503);
    c.stop().await;

    rewrite(&cluster, &hook, AS_IT_WAS);
    assert_eq!(runs(&receiver.wait_for(2).await), ["run-0", "run-1"]);
    until(|| async { b.metric(UNREADABLE) == 0 }, "it can be read again").await;
    assert_eq!(b.client.send(Call::new("GET", &list)).await.status, 200);
    b.stop().await;
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_when_a_webhook_cant_be_read_any_more_is_not_sent_again() {
    let (cluster, a, b) = Cluster::of_two().await;
    let held = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&held);
    let receiver = Receiver::start(move |_| Reply::Hold(Arc::clone(&waiting)));
    let fields = json!({ "events": ["deployment.*"], "concurrency": 2 });
    let hook = cluster.hook_of(&b, &a, &receiver.url(), fields).await;
    for run in 0..4 {
        deploy(&a.client, "checkout", run).await;
    }
    receiver.wait_for(2).await;
    rewrite(&cluster, &hook, LATER);
    until(|| async { b.metric(UNREADABLE) == 1 }, "it is seen that it can't be read").await;
    held.close();
    receiver.set(|_| Reply::Status(200));
    rewrite(&cluster, &hook, AS_IT_WAS);
    receiver.wait_until(|received| tally(received).len() == 4).await;
    until(|| async { b.metric(UNREADABLE) == 0 }, "it can be read again").await;
    settled(&b.client, &hook).await;
    assert_eq!(tally(&receiver.requests()), once_each(4));
    b.stop().await;
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_cant_be_read_is_deleted_all_the_same() {
    let (cluster, a, b) = Cluster::of_two().await;
    let receiver = Receiver::ok();
    let hook =
        cluster.hook_of(&b, &a, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    rewrite(&cluster, &hook, LATER);
    until(|| async { b.metric(UNREADABLE) == 1 }, "it is seen that it can't be read").await;
    assert_eq!(a.client.send(Call::new("DELETE", &hook.path(""))).await.status, 204);
    until(|| async { b.metric(UNREADABLE) == 0 }, "it is gone").await;
    assert_eq!(b.client.send(Call::new("GET", &hook.path(""))).await.status, 404);
    b.stop().await;
    a.stop().await;
}
