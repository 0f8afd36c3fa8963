//! Triggers: as they are sent, and as filters that were set in the native API are shown.

use serde_json::{Value, json};

use super::{WEBHOOKS, all_triggers, get, make, native, patch};
use crate::harness::Server;

const PATH: &str = "/orgs/default/apps/shop/webhooks/my-hook";

fn trigger(name: &str) -> Value {
    let (scope, kind) = name.split_once('.').unwrap();
    json!({ "scope": scope, "type": kind })
}

fn triggers(names: &[&str]) -> Value {
    names.iter().map(|name| trigger(name)).collect()
}

#[tokio::test]
async fn triggers_come_back_in_their_order_and_once() {
    let server = Server::start().await;
    let sent = triggers(&["deployment.finished", "environment.created", "deployment.finished"]);
    let made = make(&server, &json!({ "triggers": sent })).await;
    assert_eq!(made["triggers"], triggers(&["deployment.finished", "environment.created"]));
    for sent in [all_triggers(), json!([]), triggers(&["environment.deleted"])] {
        let changed = patch(&server, PATH, &json!({ "triggers": sent })).await.ok().json();
        assert_eq!(changed["triggers"], sent);
    }
    let emptied = patch(&server, PATH, &json!({ "triggers": null })).await.ok().json();
    assert_eq!(emptied["triggers"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn triggers_are_vendors_names_in_the_native_api() {
    let server = Server::start().await;
    make(&server, &json!({ "triggers": all_triggers() })).await;
    let shown = &super::natives(&server).await[0]["events"];
    let names =
        ["environment.created", "environment.deleted", "deployment.started", "deployment.finished"];
    assert_eq!(shown, &json!(names));
    patch(&server, PATH, &json!({ "triggers": [] })).await.ok();
    assert_eq!(super::natives(&server).await[0]["events"], json!(["none"]));
    server.stop().await;
}

#[tokio::test]
async fn patterns_of_the_native_api_are_shown_as_the_triggers_they_come_to() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let native = native(&server, "my-hook").await.path("");
    for (events, shown) in [
        (json!(["deployment.*"]), vec!["deployment.started", "deployment.finished"]),
        (json!(["deployment.aborted"]), vec!["deployment.finished"]),
        (json!(["build.*", "project.*"]), vec![]),
        (
            json!(["environment.*", "deployment.finished"]),
            vec!["deployment.finished", "environment.created", "environment.deleted"],
        ),
        (
            json!(["DEPLOYMENT_STARTED", "Deployment.Finished"]),
            vec!["deployment.finished", "deployment.started"],
        ),
        (json!(["none"]), vec![]),
    ] {
        patch(&server, &native, &json!({ "events": events })).await.ok();
        assert_eq!(get(&server, PATH).await.json()["triggers"], triggers(&shown), "{events}");
    }
    for everything in [json!(null), json!([]), json!(["*"])] {
        patch(&server, &native, &json!({ "events": everything })).await.ok();
        assert_eq!(get(&server, PATH).await.json()["triggers"], all_triggers());
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_sent_back_as_it_was_shown_changes_nothing() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let native = native(&server, "my-hook").await.path("");
    let set = json!({
        "events": ["deployment.*"], "format": "slack", "filters": { "applications": ["web"] },
    });
    patch(&server, &native, &set).await.ok();
    let before = get(&server, &native).await.ok().json();
    let shown = get(&server, PATH).await.ok().json();
    assert_eq!(shown["payload"], Value::Null);
    patch(&server, PATH, &shown).await.ok();
    let after = get(&server, &native).await.ok().json();
    for field in ["events", "format", "filters", "url", "headers", "state", "state_since"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    // Another set of triggers takes the place of the patterns, and leaves the other filters.
    let fewer = triggers(&["deployment.finished"]);
    patch(&server, PATH, &json!({ "triggers": fewer, "payload": {} })).await.ok();
    let changed = get(&server, &native).await.ok().json();
    assert_eq!(changed["events"], json!(["deployment.finished"]));
    assert_eq!(changed["filters"], before["filters"]);
    assert_eq!((&changed["format"], &changed["template"]), (&json!("humanitec"), &json!({})));
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_trigger_is_answered_with_those_that_are_known() {
    let server = Server::start().await;
    let sent = json!({ "url": "example.com", "triggers": triggers(&["deployment.paused"]) });
    let refused = server.post(WEBHOOKS, &sent).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.text("message"),
        "Field 'triggers[0]' is no scope and type that events have; known are \
         environment.created, environment.deleted, deployment.started, deployment.finished"
    );
    server.stop().await;
}
