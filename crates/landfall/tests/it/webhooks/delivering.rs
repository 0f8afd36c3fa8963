//! What a healthy receiver gets: every event that its filters want, once, signed.

use landfall_domain::webhook::signature::{Key, verify};
use serde_json::json;

use super::{deploy, hook, once_each, settled, show, tally};
use crate::harness::Server;
use crate::harness::receiver::{Received, Receiver};

#[tokio::test(flavor = "multi_thread")]
async fn every_event_arrives_once_and_says_what_happened() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let hook = hook(&server.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    for run in 0..50 {
        deploy(&server.client, "checkout", run).await;
    }
    settled(&server.client, &hook).await;
    let received = receiver.requests();
    assert_eq!(tally(&received), once_each(50));
    let first = received[0].json();
    assert_eq!(first["type"], "deployment.started");
    assert_eq!(first["data"]["application"]["name"], "checkout");
    assert_eq!(first["data"]["environment"]["code"], "production");
    assert_eq!(first["data"]["organization"]["name"], "default");
    assert!(first["timestamp"].as_str().unwrap().ends_with('Z'), "{first}");
}

#[track_caller]
fn assert_signed(request: &Received, secret: &str) {
    let seconds = request.header("webhook-timestamp").parse().unwrap();
    let key = Key::parse(secret).unwrap();
    let signature = request.header("webhook-signature");
    assert!(verify(&key, signature, request.id(), seconds, &request.body), "{signature}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_signed_with_the_old_secret_as_well_for_a_day() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let hook = hook(&server.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    deploy(&server.client, "checkout", 0).await;
    let received = receiver.wait_for(1).await;
    assert_signed(&received[0], &hook.secret);
    let rotated = server.post(&hook.path("/rotate-secret"), &json!({})).await.ok();
    let secret = rotated.text("secret");
    assert_ne!(secret, hook.secret);
    deploy(&server.client, "checkout", 1).await;
    let received = receiver.wait_for(2).await;
    assert_signed(&received[1], &secret);
    assert_signed(&received[1], &hook.secret);
    super::move_clock(&server, std::time::Duration::from_hours(25)).await;
    deploy(&server.client, "checkout", 2).await;
    let received = receiver.wait_for(3).await;
    assert_signed(&received[2], &secret);
    assert!(!received[2].header("webhook-signature").contains(' '));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_decide_and_say_why() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let fields = json!({ "events": ["deployment.*"], "filters": { "applications": ["CHECK*"] } });
    let hook = hook(&server.client, &receiver.url(), fields).await;
    deploy(&server.client, "search", 0).await;
    deploy(&server.client, "checkout", 1).await;
    // The last event is one that nobody is sent: it is passed over all the same.
    deploy(&server.client, "search", 2).await;
    settled(&server.client, &hook).await;
    assert_eq!(super::runs(&receiver.requests()), ["run-1"]);
    let events = show(&server.client, "/api/v1/events?after=0").await;
    for event in events["items"].as_array().unwrap() {
        let path = hook.path(&format!("/matches/{}", event["sequence"]));
        let explained = show(&server.client, &path).await;
        let name = &event["data"]["application"]["name"];
        let is_wanted = event["type"] == "deployment.started" && name == "checkout";
        assert_eq!(explained["matches"], is_wanted, "{explained} of {event}");
        if !is_wanted {
            let checks = explained["checks"].as_array().unwrap();
            assert!(checks.iter().any(|check| check["holds"] == false), "{explained}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_webhooks_hear_of_one_event_and_none_of_them_waits_for_another() {
    let server = Server::start().await;
    let hanging = Receiver::start(|_| crate::harness::receiver::Reply::Hang);
    let fine = Receiver::ok();
    hook(&server.client, &hanging.url(), json!({ "events": ["deployment.*"] })).await;
    let healthy = hook(&server.client, &fine.url(), json!({ "events": ["deployment.*"] })).await;
    for run in 0..40 {
        deploy(&server.client, "checkout", run).await;
    }
    settled(&server.client, &healthy).await;
    assert_eq!(tally(&fine.requests()), once_each(40));
    hanging.wait_for(8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_with_what_came_back() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let hook = hook(&server.client, &receiver.url(), json!({ "events": ["deployment.*"] })).await;
    for run in 0..5 {
        deploy(&server.client, "checkout", run).await;
    }
    settled(&server.client, &hook).await;
    // What is shown is what is stored, and storing ends a moment after the answer.
    super::until(
        || async {
            let listed = show(&server.client, &hook.path("/deliveries")).await;
            listed["items"].as_array().unwrap().len() == 5
        },
        "all deliveries are listed",
    )
    .await;
    let listed = show(&server.client, &hook.path("/deliveries?limit=2")).await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items[0]["sequence"].as_u64() > items[1]["sequence"].as_u64());
    assert_eq!(items[0]["state"], "delivered");
    let path = hook.path(&format!("/deliveries/{}", items[0]["sequence"]));
    let shown = show(&server.client, &path).await;
    assert_eq!(shown["attempts"][0]["status"], 200, "{shown}");
    assert!(shown["request"]["headers"].to_string().contains("webhook-signature"), "{shown}");
}
