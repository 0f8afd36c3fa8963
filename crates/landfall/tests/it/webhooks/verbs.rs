//! What an operator does by hand: test, resend, skip, preview, jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::sync::Semaphore;

use super::{deploy, hook, settled, show, tally, until};
use crate::harness::Server;
use crate::harness::receiver::{Receiver, Reply};

#[tokio::test(flavor = "multi_thread")]
async fn a_test_event_goes_out_and_says_what_came_back() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(418));
    let hook = hook(&server.client, &receiver.url(), json!({})).await;
    let tested = server.post(&hook.path("/test"), &json!({})).await.ok().json();
    assert_eq!((&tested["delivered"], &tested["status"]), (&json!(false), &json!(418)));
    assert_eq!(receiver.requests()[0].json()["type"], "deployment.completed");
    let deliveries = show(&server.client, &hook.path("/deliveries")).await;
    assert_eq!(deliveries["items"], json!([]), "it counts towards nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_delivery_is_resent_with_the_same_id() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::Status(500));
    let fields = json!({ "events": ["deployment.*"], "retry_schedule": [] });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    deploy(&server.client, "checkout", 0).await;
    until(
        || async { super::health(&server.client, &hook).await["dead"] == 1 },
        "the delivery is dead",
    )
    .await;
    receiver.set(|_| Reply::Status(200));
    let listed = show(&server.client, &hook.path("/deliveries?state=dead")).await;
    let sequence = &listed["items"][0]["sequence"];
    let path = hook.path(&format!("/deliveries/{sequence}"));
    let resent = server.post(&format!("{path}/resend"), &json!({})).await.ok().json();
    assert_eq!(resent["delivered"], true);
    let received = receiver.requests();
    assert_eq!(received[0].id(), received[1].id());
    assert_eq!(received[0].body, received[1].body);
    let shown = show(&server.client, &path).await;
    assert_eq!(
        (&shown["state"], shown["attempts"].as_array().unwrap().len()),
        (&json!("delivered"), 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_webhook_goes_on_when_its_first_delivery_is_skipped() {
    let server = Server::start().await;
    let receiver = Receiver::start(|request| {
        let is_first = request.json()["data"]["deployment"]["invoke_id"] == "run-0";
        Reply::Status(if is_first { 500 } else { 200 })
    });
    let fields = json!({ "events": ["deployment.*"], "ordered": true });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    deploy(&server.client, "checkout", 0).await;
    deploy(&server.client, "checkout", 1).await;
    until(
        || async { super::health(&server.client, &hook).await["retrying"] == 1 },
        "the first one fails",
    )
    .await;
    let listed = show(&server.client, &hook.path("/deliveries?state=retrying")).await;
    let path = hook.path(&format!("/deliveries/{}/skip", listed["items"][0]["sequence"]));
    assert_eq!(server.post(&path, &json!({})).await.status, 204);
    settled(&server.client, &hook).await;
    assert_eq!(tally(&receiver.requests())["run-1"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_each_format_without_sending() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let hook = hook(&server.client, &receiver.url(), json!({})).await;
    for asked in [
        json!({ "event_type": "deployment.failed" }),
        json!({ "event_type": "deployment.failed", "format": "slack" }),
        json!({
            "event_type": "deployment.failed", "format": "template",
            "template": { "app": "${application.name}", "status": "${deployment.status}" },
        }),
    ] {
        let shown = server.post(&hook.path("/preview"), &asked).await.ok().json();
        assert!(shown["body"].is_object(), "{shown}");
    }
    assert!(receiver.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_sent_to_is_refused_when_it_is_saved() {
    let server = Server::start().await;
    for (fields, word) in [
        (json!({ "url": "http://10.0.0.1/" }), "LANDFALL_EGRESS_ALLOW"),
        (json!({ "url": "http://[::1]/" }), "LANDFALL_EGRESS_ALLOW"),
        (json!({ "url": "http://169.254.169.254/latest" }), "LANDFALL_EGRESS_ALLOW"),
        (json!({ "url": "ftp://example.com/" }), "http"),
        (json!({ "headers": { "webhook-id": "x" } }), "webhook-"),
        (json!({ "headers": { "host": "x" } }), "host"),
        (json!({ "headers": { "x-a": "b\r\nc: d" } }), "x-a"),
        (json!({ "secret": "whsec_short" }), "secret"),
        (
            json!({ "format": "template", "template": { "a": "${nothing.like.it}" } }),
            "application.name",
        ),
        (json!({ "concurrency": 65 }), "64"),
        (json!({ "timeout_ms": 99 }), "100"),
        (json!({ "sepcret": "x" }), "sepcret"),
    ] {
        let mut body = json!({ "name": "test", "url": "https://example.com/hook" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = server.post("/api/v1/webhooks", &body).await;
        assert!((400..=422).contains(&answer.status), "{body} {answer:?}");
        assert!(answer.text("detail").contains(word), "{body} {}", answer.body);
    }
    let listed = show(&server.client, "/api/v1/webhooks").await;
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_skipped_while_its_attempt_is_under_way_stays_skipped() {
    let server = Server::start().await;
    let held = Arc::new(Semaphore::new(0));
    let (counted, waiting) = (AtomicUsize::new(0), Arc::clone(&held));
    let receiver = Receiver::start(move |request| {
        let is_first = request.json()["data"]["deployment"]["invoke_id"] == "run-0";
        match (is_first, counted.fetch_add(1, Ordering::SeqCst)) {
            (true, 0) => Reply::Status(500),
            (true, _) => Reply::Hold(Arc::clone(&waiting)),
            (false, _) => Reply::Status(200),
        }
    });
    let fields = json!({
        "events": ["deployment.*"], "ordered": true, "retry_schedule": [1, 1, 1],
        "timeout_ms": 600,
    });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    deploy(&server.client, "checkout", 0).await;
    deploy(&server.client, "checkout", 1).await;
    until(
        || async { super::health(&server.client, &hook).await["retrying"] == 1 },
        "the first one fails",
    )
    .await;
    super::move_clock(&server, std::time::Duration::from_secs(5)).await;
    // Its second attempt is under way now, and will end in a timeout.
    receiver.wait_for(2).await;
    let listed = show(&server.client, &hook.path("/deliveries?state=retrying")).await;
    let path = hook.path(&format!("/deliveries/{}", listed["items"][0]["sequence"]));
    assert_eq!(server.post(&format!("{path}/skip"), &json!({})).await.status, 204);
    settled(&server.client, &hook).await;
    until(
        || async { show(&server.client, &path).await["attempts"].as_array().unwrap().len() == 2 },
        "the attempt is recorded",
    )
    .await;
    assert_eq!(show(&server.client, &path).await["state"], "skipped");
    assert_eq!(tally(&receiver.requests())["run-1"], 1);
}
