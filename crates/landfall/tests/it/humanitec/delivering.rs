//! What reaches a receiver of a webhook that was made through Humanitec's API.

use std::time::Duration;

use landfall_domain::webhook::signature::{Key, verify};
use serde_json::{Value, json};

use super::{WEBHOOKS, all_triggers, delete, made, make, native, patch};
use crate::harness::Server;
use crate::harness::receiver::{Received, Receiver};
use crate::webhooks::settled;

/// Reports of Versioner's clients go to the project `default`, unless their key says otherwise.
const DEFAULTS: &str = "/orgs/default/apps/default/webhooks";

/// Reports a deployment of 1.2.3 to production through Versioner's API, and returns its id.
async fn deploy(server: &Server, further: Value) -> String {
    let mut report = json!({
        "product_name": "my-service", "version": "1.2.3", "environment_name": "production",
        "deployed_by": "ada", "scm_sha": "abc123def456", "invoke_id": "run-1",
    });
    report.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    server.post("/deployment-events/", &report).await.ok().text("id")
}

/// A webhook with these fields in the app `default`.
async fn listen(server: &Server, receiver: &Receiver, further: Value) {
    let mut body = json!({ "id": "my-hook", "url": receiver.url(), "triggers": all_triggers() });
    body.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    made(&server.post(DEFAULTS, &body).await);
}

/// Everything that the receiver has once nothing more is owed.
async fn all(server: &Server, receiver: &Receiver) -> Vec<Received> {
    settled(&server.client, &native(server, "my-hook").await).await;
    receiver.requests()
}

fn bodies(received: &[Received]) -> Vec<Value> {
    received.iter().map(Received::json).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_comes_through_byte_for_byte() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let payload = json!({
        "application": "${app_id}", "environment": "${env_id}", "deployment": "${deploy_id}",
        "status": "${status}",
    });
    let triggers = json!([{ "scope": "deployment", "type": "finished" }]);
    let headers = json!({ "Authorization": "Bearer of ours", "X-Team": "platform" });
    let further = json!({ "payload": payload, "triggers": triggers, "headers": headers });
    listen(&server, &receiver, further).await;
    let hook = native(&server, "my-hook").await;
    let rotated = server.post(&hook.path("/rotate-secret"), &json!({})).await.ok();

    let id = deploy(&server, json!({ "status": "success" })).await;
    let received = receiver.wait_for(1).await.remove(0);
    let body = format!(
        r#"{{"application":"default","deployment":"{id}","environment":"production","status":"succeeded"}}"#
    );
    assert_eq!(String::from_utf8(received.body.clone()).unwrap(), body);
    assert_eq!(received.path, "/hook");
    for (name, value) in [
        ("content-type", "application/json"),
        ("authorization", "Bearer of ours"),
        ("x-team", "platform"),
        ("webhook-timestamp", "1772366400"),
    ] {
        assert_eq!(received.header(name), value, "{name}");
    }
    assert!(received.header("user-agent").starts_with("Landfall/"));
    let key = Key::parse(&rotated.text("secret")).unwrap();
    let signature = received.header("webhook-signature");
    assert!(verify(&key, signature, received.id(), 1_772_366_400, &received.body));
    assert_eq!(all(&server, &receiver).await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_payload_the_default_one_is_sent() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let triggers = json!([{ "scope": "deployment", "type": "started" }]);
    listen(&server, &receiver, json!({ "triggers": triggers })).await;
    server.ambient.set(server.ambient.now() + Duration::from_micros(436_635));
    deploy(&server, json!({ "status": "started" })).await;
    let received = receiver.wait_for(1).await.remove(0);
    assert_eq!(
        String::from_utf8(received.body).unwrap(),
        r#"{"event":"deployment.started","triggered_at":"2026-03-01T12:00:00.436635000Z","triggered_by":"ada","org_id":"default","app_id":"default","env_id":"production"}"#
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_payload_is_sent_empty() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    listen(&server, &receiver, json!({ "payload": {} })).await;
    deploy(&server, json!({ "status": "started" })).await;
    let received = receiver.wait_for(1).await.remove(0);
    assert_eq!(received.body, b"{}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deployments_start_and_finish_in_humanitecs_words() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let payload = json!({ "event": "${event}", "status": "${status}", "id": "${deploy_id}" });
    let triggers = json!([
        { "scope": "deployment", "type": "started" },
        { "scope": "deployment", "type": "finished" },
    ]);
    listen(&server, &receiver, json!({ "payload": payload, "triggers": triggers })).await;
    let hook = native(&server, "my-hook").await;
    patch(&server, &hook.path(""), &json!({ "ordered": true })).await.ok();
    let mut wanted = Vec::new();
    for (run, told, shown) in
        [("a", "success", "succeeded"), ("b", "failed", "failed"), ("c", "aborted", "failed")]
    {
        for status in ["pending", "started", told] {
            let id = deploy(&server, json!({ "status": status, "invoke_id": run })).await;
            let (event, shown) = match status {
                "pending" => continue,
                "started" => ("deployment.started", "in progress"),
                _ => ("deployment.finished", shown),
            };
            wanted.push(json!({ "event": event, "status": shown, "id": id }));
        }
    }
    assert_eq!(bodies(&all(&server, &receiver).await), wanted);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_variable_of_a_deployment_is_filled() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let triggers = json!([{ "scope": "deployment", "type": "finished" }]);
    let payload = json!({
        "event": "${event}", "at": "${triggered_at}", "by": "${triggered_by}", "org": "${org_id}",
        "app": "${app_id}", "env": "${env_id}", "deploy": "${deploy_id}", "delta": "${delta_id}",
        "set": "${set_id}", "comment": "${comment}", "status": "${status}", "own": "${own}",
    });
    listen(&server, &receiver, json!({ "payload": payload, "triggers": triggers })).await;
    let report = json!({
        "application": "web", "version": "1", "environment": "production", "status": "failed",
        "commit_sha": "abc123def456", "actor": { "login": "ada" }, "description": "A \"comment\"\\",
    });
    let told = server.post("/api/v1/deployments", &report).await.ok_or_created().json();
    assert_eq!(
        receiver.wait_for(1).await[0].json(),
        json!({
            "event": "deployment.finished", "at": "2026-03-01T12:00:00.000000000Z", "by": "ada",
            "org": "default", "app": "default", "env": "production",
            "deploy": told["deployment"]["id"], "delta": "abc123def456",
            "set": told["deployment"]["version"]["id"], "comment": "A \"comment\"\\",
            "status": "failed", "own": "${own}",
        })
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_come_and_go_for_every_app() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let payload = json!({
        "event": "${event}", "app": "${app_id}", "env": "${env_id}", "name": "${name}",
        "type": "${type}", "by": "${triggered_by}", "status": "${status}", "id": "${deploy_id}",
    });
    let further = json!({ "url": receiver.url(), "payload": payload, "triggers": all_triggers() });
    make(&server, &further).await;
    let made = json!({ "code": "qa-eu", "name": "Quality", "type": "testing" });
    assert_eq!(server.post("/api/v1/environments", &made).await.status, 201);
    receiver.wait_for(1).await;
    assert_eq!(delete(&server, "/api/v1/environments/qa-eu").await.status, 204);
    let wanted = |event: &str| {
        json!({
            "event": event, "app": "shop", "env": "qa-eu", "name": "Quality", "type": "testing",
            "by": "k1", "status": "", "id": "",
        })
    };
    let received = all(&server, &receiver).await;
    assert_eq!(bodies(&received), [wanted("environment.created"), wanted("environment.deleted")]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_triggers_is_sent() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    listen(&server, &receiver, json!({ "triggers": [], "payload": { "event": "${event}" } })).await;
    let run = |run: &str| json!({ "status": "success", "invoke_id": run });
    deploy(&server, run("a")).await;
    assert!(all(&server, &receiver).await.is_empty());
    let path = format!("{DEFAULTS}/my-hook");
    let finished = json!({ "triggers": [{ "scope": "deployment", "type": "finished" }] });
    patch(&server, &path, &finished).await.ok();
    server
        .post(
            "/build-events/",
            &json!({ "product_name": "x", "version": "1", "status": "success" }),
        )
        .await
        .ok();
    deploy(&server, run("b")).await;
    patch(&server, &path, &json!({ "disabled": true })).await.ok();
    deploy(&server, run("c")).await;
    patch(&server, &path, &json!({ "disabled": false, "headers": { "X-Late": "1" } })).await.ok();
    deploy(&server, run("d")).await;
    let received = all(&server, &receiver).await;
    assert_eq!(bodies(&received), vec![json!({ "event": "deployment.finished" }); 2]);
    assert_eq!(received[1].header("x-late"), "1");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_was_deleted_hears_nothing_more() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    listen(&server, &receiver, json!({})).await;
    assert_eq!(delete(&server, "/orgs/default/apps/default/jobs").await.status, 204);
    deploy(&server, json!({ "status": "success" })).await;
    // Another one that hears of it shows that the first one would have by now.
    let later = Receiver::ok();
    make(&server, &json!({ "url": later.url(), "triggers": all_triggers() })).await;
    let made = json!({ "code": "qa", "name": "QA", "type": "testing" });
    assert_eq!(server.post("/api/v1/environments", &made).await.status, 201);
    later.wait_for(1).await;
    assert!(receiver.requests().is_empty());
    assert_eq!(super::ids(&server, WEBHOOKS).await, ["my-hook"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_type_that_every_delivery_has_may_be_set_and_is_sent_once() {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    let headers = json!({ "Content-Type": "application/json; charset=utf-8", "x-own": "1" });
    listen(&server, &receiver, json!({ "headers": headers })).await;
    let shown = super::get(&server, &format!("{DEFAULTS}/my-hook")).await.ok().json();
    assert_eq!(shown["headers"], headers);
    deploy(&server, json!({ "status": "started" })).await;
    let received = receiver.wait_for(1).await.remove(0);
    let types = received.headers.iter().filter(|(name, _)| name == "content-type");
    assert_eq!(types.count(), 1);
    assert_eq!(received.header("x-own"), "1");
    let other = json!({ "headers": { "content-type": "text/plain" } });
    assert_eq!(patch(&server, &format!("{DEFAULTS}/my-hook"), &other).await.status, 400);
    server.stop().await;
}
