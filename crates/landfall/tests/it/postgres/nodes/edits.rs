//! An edit through one node is in force on the node that sends, when it is answered.

use serde_json::{Value, json};

use super::fixture::{Cluster, Node};
use crate::harness::receiver::Receiver;
use crate::harness::{Answer, Call};
use crate::webhooks::{Hook, deploy, runs, settled};

async fn edit(node: &Node, hook: &Hook, fields: Value) -> Answer {
    let call = Call::post(&hook.path(""), fields.to_string()).method("PATCH");
    node.client.send(call).await
}

fn wanted() -> Value {
    json!({ "events": ["deployment.*"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_one_node_changed_is_the_one_that_the_other_sends_to() {
    let (cluster, a, b) = Cluster::of_two().await;
    let (old, new) = (Receiver::ok(), Receiver::ok());
    let hook = cluster.hook_of(&b, &a, &old.url(), wanted()).await;
    deploy(&b.client, "checkout", 0).await;
    old.wait_for(1).await;
    edit(&a, &hook, json!({ "url": new.url() })).await.ok();
    deploy(&b.client, "checkout", 1).await;
    assert_eq!(runs(&new.wait_for(1).await), ["run-1"]);
    assert_eq!(runs(&old.requests()), ["run-0"]);
    b.stop().await;
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_one_node_paused_resumed_and_deleted_obeys_on_the_other() {
    let (cluster, a, b) = Cluster::of_two().await;
    let (receiver, control) = (Receiver::ok(), Receiver::ok());
    let hook = cluster.hook_of(&b, &a, &receiver.url(), wanted()).await;
    // What comes there was handed out after what should not come.
    let beside = cluster.hook_of(&b, &a, &control.url(), wanted()).await;
    let pause = |verb: &str| Call::post(&hook.path(verb), "{}");
    a.client.send(pause("/pause")).await.ok();
    deploy(&b.client, "checkout", 0).await;
    control.wait_for(1).await;
    settled(&b.client, &beside).await;
    assert!(receiver.requests().is_empty(), "it is paused");
    a.client.send(pause("/resume")).await.ok();
    assert_eq!(runs(&receiver.wait_for(1).await), ["run-0"]);

    settled(&b.client, &hook).await;
    assert_eq!(a.client.send(Call::new("DELETE", &hook.path(""))).await.status, 204);
    assert_eq!(b.client.send(Call::new("GET", &hook.path(""))).await.status, 404);
    deploy(&b.client, "checkout", 1).await;
    control.wait_for(2).await;
    settled(&b.client, &beside).await;
    assert_eq!(receiver.requests().len(), 1, "it is deleted");
    let store = cluster.store();
    let left = store.reader.read(landfall_store::rows::webhook::all_progress).await.unwrap();
    store.close();
    assert_eq!(left.len(), 1, "nothing of it is left: {left:?}");
    b.stop().await;
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_through_two_nodes_at_once_are_not_lost() {
    let (cluster, a, b) = Cluster::of_two().await;
    let receiver = Receiver::ok();
    let hook = cluster.hook_of(&b, &a, &receiver.url(), wanted()).await;
    let (mut done, mut refused) = (1, 0);
    for number in 0..10 {
        let concurrency = json!({ "concurrency": number + 1 });
        let description = json!({ "description": number.to_string() });
        let (first, second) =
            tokio::join!(edit(&a, &hook, concurrency), edit(&b, &hook, description));
        for answer in [first, second] {
            match answer.status {
                200 => done += 1,
                409 => refused += 1,
                other => panic!("{other}: {}", answer.body),
            }
        }
    }
    assert_eq!(done + refused, 21);
    let shown = a.client.send(Call::new("GET", &hook.path(""))).await.ok().json();
    assert_eq!(shown["revision"], done, "each edit is on top of the one before: {shown}");
    b.stop().await;
    a.stop().await;
}
