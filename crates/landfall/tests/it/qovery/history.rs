//! `/event`: what was sent lately and what came back, as Qovery's command line lists it.

use std::collections::HashSet;
use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::id::AttemptId;
use serde_json::{Value, json};

use super::{NAMES, get, make, native, patch, path_of, report, sent};
use crate::harness::receiver::{Receiver, Refusing, Reply};
use crate::harness::{Call, Server};
use crate::webhooks::until;

/// The history, once it has so many items.
async fn events(server: &Server, made: &Value, count: usize) -> Vec<Value> {
    let path = format!("{}/event", path_of(server, made));
    let listed = async || get(server, &path).await["results"].as_array().unwrap().clone();
    until(|| async { listed().await.len() == count }, "the history is that long").await;
    listed().await
}

#[tokio::test]
async fn each_request_is_listed_with_what_was_sent_and_what_came_back() {
    let server = Server::start().await;
    let receiver = Receiver::start(|_| Reply::With {
        status: 202,
        headers: Vec::new(),
        body: "taken \"in\"".to_owned(),
    });
    let made = make(&server, json!({"target_url": receiver.url(), "events": NAMES})).await;
    report(&server, json!({"status": "failed"})).await;
    let received = receiver.wait_for(1).await.remove(0);
    let listed = events(&server, &made, 1).await;
    let wanted = json!({
        "id": listed[0]["id"],
        "created_at": "2026-03-01T12:00:00Z",
        "kind": "STANDARD",
        "matched_event": "DEPLOYMENT_FAILURE",
        "target_url_used": receiver.url(),
        "request": received.json(),
        "target_response_status_code": 202,
        "target_response_body": "taken \"in\"",
    });
    assert_eq!(listed, [wanted]);
    listed[0]["id"].as_str().unwrap().parse::<AttemptId>().unwrap();
    assert_eq!(events(&server, &made, 1).await, listed, "ids stay");
    server.stop().await;
}

#[tokio::test]
async fn the_newest_is_first_and_every_id_is_another() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let made = make(&server, json!({"target_url": receiver.url(), "events": NAMES})).await;
    // The first three at the same time, the others later and later.
    for run in 0..8_u64 {
        let later = Duration::from_secs(run.saturating_sub(2));
        server.ambient.set(crate::harness::noon() + later);
        report(&server, json!({"version": run.to_string()})).await;
        receiver.wait_for(usize::try_from(run).unwrap() + 1).await;
    }
    sent(&server, &made).await;
    let listed = events(&server, &made, 8).await;
    let times: Vec<&str> = listed.iter().map(|one| one["created_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    assert_eq!(listed[0]["request"]["payload"]["applications"][0]["version"], "7");
    let ids: HashSet<&str> = listed.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 8);
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_is_missing_is_an_empty_text_and_no_answer_has_the_status_0() {
    let server = Server::start().await;
    let silent = Receiver::start(|_| Reply::Status(204));
    let refusing = Refusing::start();
    for (url, status, body) in [(silent.url(), 204, Some("")), (refusing.url(), 0, None)] {
        let made = make(&server, json!({"target_url": url})).await;
        report(&server, json!({"version": url})).await;
        let listed = events(&server, &made, 1).await;
        assert_eq!(listed[0]["target_response_status_code"], status);
        // The command line does not survive null here.
        let told = listed[0]["target_response_body"].as_str().unwrap();
        assert_eq!(Some(told).filter(|told| told.is_empty()), body, "{told}");
        let gone = server.send(Call::new("DELETE", &path_of(&server, &made))).await;
        assert_eq!(gone.status, 204);
    }
    server.stop().await;
}

#[tokio::test]
async fn retries_and_resends_are_requests_of_their_own() {
    let server = Server::start().await;
    let receiver =
        Receiver::start(|request| Reply::Status(if request.number == 1 { 500 } else { 200 }));
    let made = make(&server, json!({"target_url": receiver.url()})).await;
    report(&server, json!({})).await;
    events(&server, &made, 1).await;
    server.ambient.set(server.ambient.now() + Duration::from_mins(1));
    server.engine.nudge_webhooks().await;
    let listed = events(&server, &made, 2).await;
    let statuses = |listed: &[Value]| -> Vec<Value> {
        listed.iter().map(|one| one["target_response_status_code"].clone()).collect()
    };
    assert_eq!(statuses(&listed), [200, 500]);
    let deliveries = get(&server, &format!("{}/deliveries", native(&made))).await;
    let sequence = &deliveries["items"][0]["sequence"];
    server.ambient.set(server.ambient.now() + Duration::from_mins(1));
    let resend = format!("{}/deliveries/{sequence}/resend", native(&made));
    server.post(&resend, &json!({})).await.ok();
    assert_eq!(statuses(&events(&server, &made, 3).await), [200, 200, 500]);
    server.stop().await;
}

#[tokio::test]
async fn an_event_that_qovery_has_no_name_for_is_not_listed() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let fields = json!({"kind": "SLACK", "target_url": receiver.url()});
    let made = make(&server, fields).await;
    patch(&server, &made, &json!({"events": ["*"], "rate_per_second": null})).await;
    server.post("/build-events/", &json!({"product_name": "shop", "version": "1"})).await.ok();
    report(&server, json!({})).await;
    sent(&server, &made).await;
    assert!(receiver.requests().len() > 1);
    let listed = events(&server, &made, 1).await;
    assert_eq!(listed[0]["kind"], "SLACK");
    assert_eq!(listed[0]["matched_event"], "DEPLOYMENT_STARTED");
    assert_eq!(listed[0]["request"]["text"], "shop 1.2.3 is being deployed to production");
    server.stop().await;
}

#[tokio::test]
async fn a_request_is_an_object_whatever_a_template_made_of_it() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let made = make(&server, json!({"target_url": receiver.url()})).await;
    let template = json!({"format": "template", "template": ["${application.name}"]});
    patch(&server, &made, &template).await;
    report(&server, json!({})).await;
    assert_eq!(receiver.wait_for(1).await[0].json(), json!(["shop"]));
    let listed = events(&server, &made, 1).await;
    assert_eq!(listed[0]["request"], json!({"body": ["shop"]}));
    server.stop().await;
}

#[tokio::test]
async fn who_may_only_read_sees_no_more_of_the_url_than_elsewhere() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let made = make(&server, json!({"target_url": receiver.url()})).await;
    report(&server, json!({})).await;
    events(&server, &made, 1).await;
    let reader = server.key(&[Scope::Read], None).await;
    let path = format!("{}/event", path_of(&server, &made));
    let listed = server.send(Call::new("GET", &path).key(&reader)).await.ok().json();
    let shown = listed["results"][0]["target_url_used"].as_str().unwrap().to_owned();
    assert_eq!(shown, receiver.url().replace("/hook", "/…"));
    server.stop().await;
}

#[tokio::test]
async fn the_list_ends_after_a_hundred_deliveries() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let made = make(&server, json!({"target_url": receiver.url()})).await;
    for run in 0..120 {
        report(&server, json!({"version": run.to_string()})).await;
    }
    sent(&server, &made).await;
    let listed = events(&server, &made, 100).await;
    let version = |one: &Value| one["request"]["payload"]["applications"][0]["version"].clone();
    let versions: HashSet<String> = listed.iter().map(|one| version(one).to_string()).collect();
    assert!((20..120).all(|run| versions.contains(&format!("\"{run}\""))), "{versions:?}");
    server.stop().await;
}
