//! What an operator asks of one node is done for a webhook that another one sends for.

use serde_json::{Value, json};

use super::fixture::{Cluster, Node};
use crate::harness::Call;
use crate::harness::receiver::{Receiver, Reply};
use crate::webhooks::{Hook, deploy, runs, settled, show, until};

/// A webhook of the second node whose first delivery failed, with the number of that.
async fn failed(
    cluster: &Cluster,
    a: &Node,
    b: &Node,
    receiver: &Receiver,
    fields: Value,
) -> (Hook, u64) {
    receiver.set(|request| {
        let is_first = request.json()["data"]["deployment"]["invoke_id"] == "run-0";
        Reply::Status(if is_first { 500 } else { 200 })
    });
    let hook = cluster.hook_of(b, a, &receiver.url(), fields).await;
    deploy(&b.client, "checkout", 0).await;
    let path = hook.path("/deliveries");
    until(
        || async { !show(&a.client, &path).await["items"].as_array().unwrap().is_empty() },
        "the first delivery failed",
    )
    .await;
    let items = show(&a.client, &path).await["items"].clone();
    (hook, items[0]["sequence"].as_u64().unwrap())
}

async fn post(node: &Node, path: &str, body: Value) -> Value {
    let answer = node.client.send(Call::post(path, body.to_string())).await;
    assert!((200..300).contains(&answer.status), "{path}: {}", answer.body);
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

/// Tried again in an hour, one by one: nothing goes on while one fails.
fn patient() -> Value {
    json!({ "events": ["deployment.*"], "retry_schedule": [3_600], "ordered": true })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_skipped_through_another_node_lets_an_ordered_webhook_go_on() {
    let (cluster, a, b) = Cluster::of_two().await;
    let receiver = Receiver::ok();
    let (hook, sequence) = failed(&cluster, &a, &b, &receiver, patient()).await;
    deploy(&b.client, "checkout", 1).await;
    post(&a, &hook.path(&format!("/deliveries/{sequence}/skip")), json!({})).await;
    receiver.wait_for(2).await;
    settled(&b.client, &hook).await;
    assert_eq!(runs(&receiver.requests()), ["run-0", "run-1"]);
    let path = hook.path(&format!("/deliveries/{sequence}"));
    assert_eq!(show(&b.client, &path).await["state"], "skipped");
    b.stop().await;
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_resent_through_another_node_is_not_tried_again() {
    let (cluster, a, b) = Cluster::of_two().await;
    let receiver = Receiver::ok();
    let (hook, sequence) = failed(&cluster, &a, &b, &receiver, patient()).await;
    deploy(&b.client, "checkout", 1).await;
    receiver.set(|_| Reply::Status(200));
    let path = hook.path(&format!("/deliveries/{sequence}"));
    let resent = post(&a, &format!("{path}/resend"), json!({})).await;
    assert_eq!(resent["delivered"], true);
    // Only a delivery that is settled lets the next one go out.
    receiver.wait_for(3).await;
    settled(&b.client, &hook).await;
    assert_eq!(runs(&receiver.requests()), ["run-0", "run-0", "run-1"]);
    assert_eq!(show(&a.client, &path).await["state"], "delivered");
    b.stop().await;
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_and_a_resend_of_all_that_failed_run_on_the_node_that_sends() {
    let (cluster, a, b) = Cluster::of_two().await;
    let receiver = Receiver::ok();
    let fields = json!({ "events": ["deployment.*"], "retry_schedule": [] });
    let (hook, sequence) = failed(&cluster, &a, &b, &receiver, fields).await;
    deploy(&b.client, "checkout", 1).await;
    receiver.wait_for(2).await;
    settled(&b.client, &hook).await;
    receiver.set(|_| Reply::Status(200));
    let range = json!({ "first": 1, "last": 1_000 });
    let resent = post(&a, &hook.path("/resend-failed"), range.clone()).await;
    finished(&b, &hook, &resent).await;
    assert_eq!(runs(&receiver.requests()), ["run-0", "run-1", "run-0"]);
    let path = hook.path(&format!("/deliveries/{sequence}"));
    assert_eq!(show(&b.client, &path).await["state"], "delivered");
    let replayed = post(&a, &hook.path("/replay"), range).await;
    let job = finished(&b, &hook, &replayed).await;
    assert_eq!((&job["delivered"], &job["failed"]), (&json!(2), &json!(0)), "{job}");
    assert_eq!(receiver.requests().len(), 5);
    // The sample goes out from whoever is asked.
    assert_eq!(post(&a, &hook.path("/test"), json!({})).await["delivered"], true);
    b.stop().await;
    a.stop().await;
}

/// Waits until a job has ended, and gives it.
async fn finished(node: &Node, hook: &Hook, job: &Value) -> Value {
    let path = hook.path(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    until(|| async { show(&node.client, &path).await["state"] == "finished" }, "the job ends")
        .await;
    show(&node.client, &path).await
}
