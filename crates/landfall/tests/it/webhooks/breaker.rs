//! A receiver that is down: it costs no row per event, and catches up in order when it returns.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::{deploy, health, hook, move_clock, once_each, runs, settled, show, tally, until};
use crate::harness::Server;
use crate::harness::receiver::{Received, Receiver, Refusing, Reply};

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_down_costs_no_row_per_event_and_catches_up_in_order() {
    let server = Server::start().await;
    let refusing = Refusing::start();
    let fields = json!({ "events": ["deployment.started"], "concurrency": 4 });
    let hook = hook(&server.client, &refusing.url(), fields).await;
    for run in 0..30 {
        deploy(&server.client, "checkout", run).await;
    }
    // Until ten answers in a row were none; a failed delivery is tried again only after seconds.
    until(|| async { health(&server.client, &hook).await["breaker"] == "open" }, "it opens").await;
    for run in 30..400 {
        deploy(&server.client, "checkout", run).await;
    }
    for _ in 0..12 {
        move_clock(&server, Duration::from_mins(5)).await;
        let before = health(&server.client, &hook).await["last_failure_at"].clone();
        until(
            || async {
                let now = health(&server.client, &hook).await;
                now["last_failure_at"] != before || now["in_flight"] == 0
            },
            "it is probed",
        )
        .await;
    }
    let sick = health(&server.client, &hook).await;
    assert_eq!(sick["breaker"], "open");
    assert!(sick["retrying"].as_u64() <= Some(14 + 12), "{sick}");
    assert!(sick["behind"].as_u64() >= Some(370), "{sick}");

    let receiver = refusing.accept(|_| Reply::Status(200));
    until(
        || async {
            move_clock(&server, Duration::from_mins(5)).await;
            health(&server.client, &hook).await["breaker"] == "closed"
        },
        "it is found to be well",
    )
    .await;
    settled(&server.client, &hook).await;
    let received = receiver.requests();
    assert_eq!(tally(&received), once_each(400));
    // One whose attempt failed comes again later; the others begin in the order of the log, so that
    // when one is there, of those before it only the three may be missing that are under way with it.
    let listed = show(&server.client, &hook.path("/deliveries?limit=500")).await;
    let is_at_once = |request: &Received| {
        let (_, sequence) = request.id().rsplit_once('_').unwrap();
        let sequence: u64 = sequence.parse().unwrap();
        let mut items = listed["items"].as_array().unwrap().iter();
        items.any(|item| item["sequence"] == sequence && item["attempts"] == 1)
    };
    let at_once: Vec<Received> = received.into_iter().filter(is_at_once).collect();
    assert!(at_once.len() > 300, "only {} came at once", at_once.len());
    let number = |run: &String| run.trim_start_matches("run-").parse::<u64>().unwrap();
    let mut missing: BTreeSet<u64> = runs(&at_once).iter().map(number).collect();
    for run in runs(&at_once).iter().map(number) {
        missing.remove(&run);
        let overtaken: Vec<_> = missing.range(..run).collect();
        assert!(overtaken.len() <= 3, "run {run} came before {overtaken:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_webhook_waits_for_each_delivery() {
    let server = Server::start().await;
    let refusing = Refusing::start();
    let fields = json!({
        "events": ["deployment.started"], "ordered": true, "retry_schedule": [1, 1, 1, 1],
    });
    let hook = hook(&server.client, &refusing.url(), fields).await;
    for run in 0..20 {
        deploy(&server.client, "checkout", run).await;
    }
    until(|| async { health(&server.client, &hook).await["retrying"] == 1 }, "the first fails")
        .await;
    let receiver = refusing.accept(|_| Reply::Status(200));
    move_clock(&server, Duration::from_secs(2)).await;
    settled(&server.client, &hook).await;
    let wanted: Vec<String> = (0..20).map(|run| format!("run-{run}")).collect();
    assert_eq!(runs(&receiver.requests()), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_uses_up_no_delivery() {
    let server = Server::start().await;
    let refusing = Refusing::start();
    let fields = json!({ "events": ["deployment.started"], "retry_schedule": [60, 60] });
    let hook = hook(&server.client, &refusing.url(), fields).await;
    for run in 0..10 {
        deploy(&server.client, "checkout", run).await;
    }
    until(|| async { health(&server.client, &hook).await["breaker"] == "open" }, "it opens").await;
    // Far more probes than a delivery has attempts.
    for _ in 0..40 {
        let before = health(&server.client, &hook).await["last_failure_at"].clone();
        move_clock(&server, Duration::from_mins(6)).await;
        until(
            || async { health(&server.client, &hook).await["last_failure_at"] != before },
            "it is probed",
        )
        .await;
    }
    let sick = health(&server.client, &hook).await;
    assert_eq!((&sick["dead"], &sick["retrying"]), (&json!(0), &json!(10)), "{sick}");
    let receiver = refusing.accept(|_| Reply::Status(200));
    move_clock(&server, Duration::from_mins(6)).await;
    settled(&server.client, &hook).await;
    assert_eq!(tally(&receiver.requests()), once_each(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_never_taken_does_not_hold_back_the_others() {
    let server = Server::start().await;
    let receiver = Receiver::start(|request| {
        let is_poison = request.json()["data"]["application"]["name"] == "poison";
        Reply::Status(if is_poison { 500 } else { 200 })
    });
    let fields = json!({ "events": ["deployment.started"], "concurrency": 1 });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    for run in 0..10 {
        deploy(&server.client, "poison", run).await;
    }
    until(|| async { health(&server.client, &hook).await["breaker"] == "open" }, "it opens").await;
    for run in 10..30 {
        deploy(&server.client, "checkout", run).await;
    }
    move_clock(&server, Duration::from_secs(31)).await;
    receiver.wait_until(|received| tally(received).len() == 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_breaker_with_nothing_to_probe_waits_for_an_event() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(500));
    let fields = json!({ "events": ["deployment.started"], "retry_schedule": [] });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    for run in 0..10 {
        deploy(&server.client, "checkout", run).await;
    }
    until(|| async { health(&server.client, &hook).await["dead"] == 10 }, "all are dead").await;
    receiver.set(|_| Reply::Status(200));
    move_clock(&server, Duration::from_mins(10)).await;
    deploy(&server.client, "checkout", 10).await;
    receiver.wait_for(11).await;
    until(|| async { health(&server.client, &hook).await["breaker"] == "closed" }, "it closes")
        .await;
}
