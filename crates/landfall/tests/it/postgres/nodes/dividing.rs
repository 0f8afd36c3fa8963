//! Slots are divided over the nodes that live, and move when one ends.

use serde_json::json;

use super::fixture::{Cluster, Node};
use crate::harness::Call;
use crate::harness::receiver::{Received, Receiver};
use crate::webhooks::{Hook, deploy, hook, once_each, settled, show, tally};

const HOOKS: usize = 12;

async fn hooks(node: &Node, receiver: &Receiver) -> Vec<Hook> {
    let mut hooks = Vec::new();
    for number in 0..HOOKS {
        let url = format!("{}/{number}", receiver.url());
        hooks.push(hook(&node.client, &url, json!({ "events": ["deployment.*"] })).await);
    }
    hooks
}

/// Waits until each webhook got each of so many runs, and says how often all of them came.
async fn until_all_came(receiver: &Receiver, runs: usize) -> Vec<usize> {
    let came = |requests: &[Received], number: usize| {
        let path = format!("/{number}");
        let own = requests.iter().filter(|one| one.path.ends_with(&path));
        tally(&own.cloned().collect::<Vec<_>>())
    };
    let have_all =
        |requests: &[Received]| (0..HOOKS).all(|number| came(requests, number).len() == runs);
    receiver.wait_until(have_all).await;
    let requests = receiver.requests();
    (0..HOOKS).map(|number| came(&requests, number).values().sum()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_share_the_slots_and_one_that_ends_gives_its_own_back_at_once() {
    let cluster = Cluster::new();
    let a = cluster.start("a").await;
    assert_eq!(a.metric("landfall_slots_held"), 64, "a node alone has everything");
    let receiver = Receiver::ok();
    let hooks = hooks(&a, &receiver).await;
    let b = cluster.start("b").await;
    let c = cluster.start("c").await;
    // 64 in three: nobody has more than 22.
    let nodes = [&a, &b, &c];
    for node in nodes {
        crate::webhooks::until(
            || async {
                let held: Vec<u64> =
                    nodes.iter().map(|node| node.metric("landfall_slots_held")).collect();
                held.iter().sum::<u64>() == 64 && held.iter().all(|held| *held <= 22)
            },
            "the slots are divided",
        )
        .await;
        assert_eq!(node.client.send(Call::new("GET", "/readyz")).await.status, 200);
    }
    deploy(&a.client, "checkout", 0).await;
    assert_eq!(until_all_came(&receiver, 1).await, [1; HOOKS], "each is sent by one node");

    b.stop().await;
    c.stop().await;
    a.holds(64).await;
    assert_eq!(a.metric("landfall_leases_lost_total"), 0);
    deploy(&a.client, "checkout", 1).await;
    assert_eq!(until_all_came(&receiver, 2).await, [2; HOOKS], "nothing is sent anew");
    for hook in &hooks {
        settled(&a.client, hook).await;
    }
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_the_others_thought_dead_goes_on_under_another_name() {
    let (cluster, a, b) = Cluster::of_two().await;
    let receiver = Receiver::ok();
    hooks(&a, &receiver).await;
    super::fencing::bury(&cluster, "b").await;
    // It hears that it is dead when it next says that it lives; what it had is divided anew.
    b.loses(32).await;
    for run in 0..10 {
        let node = if run % 2 == 0 { &a } else { &b };
        deploy(&node.client, "checkout", run).await;
    }
    a.holds(32).await;
    b.holds(32).await;
    until_all_came(&receiver, 10).await;
    b.stop().await;
    a.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_doing_the_same_whichever_node_is_asked() {
    let (cluster, a, b) = Cluster::of_two().await;
    let receiver = Receiver::ok();
    let fields = json!({ "events": ["deployment.*"] });
    let hook = cluster.hook_of(&b, &a, &receiver.url(), fields).await;
    for run in 0..5 {
        deploy(&a.client, "checkout", run).await;
    }
    // The webhook does not want this, so its owner has no reason to store that it saw it.
    let build = Call::post("/api/v1/builds", r#"{ "application": "noise", "version": "1" }"#);
    a.client.send(build).await.ok_or_created();
    settled(&b.client, &hook).await;
    assert_eq!(tally(&receiver.requests()), once_each(5));
    settled(&a.client, &hook).await;
    let of = |node: &Node| {
        let (client, path) = (node.client.clone(), hook.path(""));
        async move {
            let health = show(&client, &path).await["health"].clone();
            ["seen", "head", "behind", "breaker", "last_success_at"]
                .map(|name| health[name].clone())
        }
    };
    assert_eq!(of(&a).await, of(&b).await);
    b.stop().await;
    a.stop().await;
}
