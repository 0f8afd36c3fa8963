//! A receiver that is down: it costs no row per event, and catches up in order when it returns.

use std::time::Duration;

use serde_json::json;

use super::{deploy, health, hook, move_clock, once_each, runs, settled, tally, until};
use crate::harness::Server;
use crate::harness::receiver::{Refusing, Reply};

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
    // Four at a time may overtake each other by a few, never by a page.
    let numbers: Vec<i64> =
        runs(&received).iter().map(|run| run.trim_start_matches("run-").parse().unwrap()).collect();
    for (place, number) in (0_i64..).zip(&numbers) {
        assert!((place - number).abs() <= 40, "run {number} came as number {place}");
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
