//! What comes in through one dialect goes out through all of them, under the names of each.

use serde_json::{Value, json};

use crate::envtracker::Key;
use crate::harness::receiver::{Received, Receiver};
use crate::harness::{Call, Server};

/// A webhook of each API, each with a receiver of its own.
struct Hooks {
    receivers: Vec<(&'static str, Receiver)>,
}

async fn made(server: &Server, path: &str, body: Value) -> Value {
    let answer = server.post(path, &body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.body);
    answer.json()
}

async fn organization(server: &Server) -> Value {
    server.send(Call::new("GET", "/api/v1/organization")).await.ok().json()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

async fn qovery(server: &Server, url: &str) -> Value {
    let path = format!("/organization/{}/webhook", text(&organization(server).await, "id"));
    let events = ["STARTED", "CANCELLED", "FAILURE", "SUCCESSFUL"];
    let events: Vec<String> = events.iter().map(|event| format!("DEPLOYMENT_{event}")).collect();
    made(server, &path, json!({ "kind": "STANDARD", "target_url": url, "events": events })).await
}

async fn humanitec(server: &Server, url: &str) -> Value {
    let triggers =
        ["started", "finished"].map(|kind| json!({ "scope": "deployment", "type": kind }));
    let payload = json!({ "event": "${event}", "status": "${status}" });
    let body = json!({ "id": "hook", "url": url, "triggers": triggers, "payload": payload });
    made(server, "/orgs/default/apps/default/webhooks", body).await
}

async fn akinon(server: &Server, url: &str) -> Value {
    let organization = organization(server).await;
    let projects = server.send(Call::new("GET", "/api/v1/projects")).await.ok().json();
    let (o, p) = (text(&organization, "object_id"), text(&projects["items"][0], "object_id"));
    let events = ["created", "succeeded", "failed", "canceled"];
    let events = events.map(|event| format!("distribution.{event}"));
    let path = format!("/api/v1/organizations/{o}/projects/{p}/settings/webhooks");
    made(server, &path, json!({ "name": "hook", "url": url, "events": events })).await
}

async fn native(server: &Server, url: &str, format: &str) -> Value {
    let events = ["started", "completed", "failed", "aborted"];
    let events = events.map(|event| format!("deployment.{event}"));
    let body = json!({ "name": format, "url": url, "format": format, "events": events });
    made(server, "/api/v1/webhooks", body).await
}

impl Hooks {
    async fn make(server: &Server) -> Self {
        let names = ["qovery", "humanitec", "akinon", "standard", "versioner"];
        let receivers = names.map(|name| (name, Receiver::ok()));
        for (name, receiver) in &receivers {
            let url = receiver.url();
            match *name {
                "qovery" => drop(qovery(server, &url).await),
                "humanitec" => drop(humanitec(server, &url).await),
                "akinon" => drop(akinon(server, &url).await),
                format => drop(native(server, &url, format).await),
            }
        }
        Self { receivers: receivers.into() }
    }

    /// What each of them was told of its latest event, in its own words.
    async fn told(&self, count: usize) -> Vec<String> {
        let mut told = Vec::new();
        for (name, receiver) in &self.receivers {
            let received = receiver.wait_for(count).await;
            assert_eq!(received.len(), count, "{name}");
            told.push(words(name, &received[count - 1]));
        }
        told
    }
}

fn words(name: &str, received: &Received) -> String {
    let body = received.json();
    let said = match name {
        "qovery" => vec![&body["event_type"], &body["payload"]["current_status"]],
        "humanitec" => vec![&body["event"], &body["status"]],
        "akinon" => vec![&body["event"]],
        "versioner" => vec![&body["event_type"], &body["is_successful"]],
        _ => vec![&body["type"], &body["data"]["deployment"]["status"]],
    };
    said.iter().map(|value| value.to_string().replace('"', "")).collect::<Vec<_>>().join(" ")
}

/// A report through one dialect; the version tells them apart.
async fn report(server: &Server, key: &Key, dialect: &str, status: &str, version: u32) {
    let call = match dialect {
        "versioner" => Call::post(
            "/deployment-events/",
            json!({ "product_name": "shop", "version": version.to_string(),
                "environment_name": "production", "status": status })
            .to_string(),
        ),
        "native" => Call::post(
            "/api/v1/deployments",
            json!({ "application": "shop", "version": version.to_string(),
                "environment": "production", "status": status })
            .to_string(),
        ),
        _ => {
            let body = json!({ "projectCode": "default", "envCode": "production",
                "repoCode": "shop", "pipeline": version, "branch": "main", "status": status });
            key.put(server, "/webhook/notify", body.to_string().as_bytes())
        }
    };
    server.send(call).await.ok_or_created();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_any_dialect_reaches_the_webhooks_of_every_other() {
    let server = Server::start().await;
    let hooks = Hooks::make(&server).await;
    let key = Key::of(&server, &server.admin_key, true).await;
    let expected = [
        (
            "started",
            [
                "DEPLOYMENT_STARTED DEPLOYING",
                "deployment.started in progress",
                "distribution.created",
                "deployment.started started",
                "deployment.started null",
            ],
        ),
        (
            "success",
            [
                "DEPLOYMENT_SUCCESSFUL DEPLOYED",
                "deployment.finished succeeded",
                "distribution.succeeded",
                "deployment.completed completed",
                "deployment.completed true",
            ],
        ),
        (
            "failed",
            [
                "DEPLOYMENT_FAILURE DEPLOYMENT_ERROR",
                "deployment.finished failed",
                "distribution.failed",
                "deployment.failed failed",
                "deployment.failed false",
            ],
        ),
        (
            "cancelled",
            [
                "DEPLOYMENT_CANCELLED CANCELED",
                "deployment.finished failed",
                "distribution.canceled",
                "deployment.aborted aborted",
                "deployment.aborted null",
            ],
        ),
    ];
    let mut count = 0;
    for dialect in ["versioner", "native", "envtracker"] {
        for (status, words) in expected {
            count += 1;
            report(&server, &key, dialect, status, u32::try_from(count).unwrap()).await;
            assert_eq!(hooks.told(count).await, words, "{dialect} {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_of_any_dialect_is_seen_and_edited_in_the_native_api() {
    let server = Server::start().await;
    let url = "http://127.0.0.1:9/before";
    let ids = [
        (qovery(&server, url).await["id"].clone(), "qovery"),
        (humanitec(&server, url).await["id"].clone(), "humanitec"),
        (akinon(&server, url).await["_id"].clone(), "akinon"),
    ];
    let listed = server.send(Call::new("GET", "/api/v1/webhooks")).await.ok().json();
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), ids.len());
    for (id, api) in &ids {
        let shown = listed.iter().find(|shown| shown["made_through"] == *api).unwrap();
        let names = [&shown["id"], &shown["object_id"], &shown["name"]];
        assert!(names.contains(&id), "{id}: {shown}");
        let path = format!("/api/v1/webhooks/{}", text(shown, "id"));
        let edit = json!({ "url": "http://127.0.0.1:9/after", "events": ["deployment.failed"] });
        server.send(Call::post(&path, edit.to_string()).method("PATCH")).await.ok();
    }
    let o = organization(&server).await;
    let projects = server.send(Call::new("GET", "/api/v1/projects")).await.ok().json();
    let p = text(&projects["items"][0], "object_id").to_owned();
    let lists = [
        (
            format!("/organization/{}/webhook", text(&o, "id")),
            "/results/0/target_url",
            "/results/0/events",
            json!(["DEPLOYMENT_FAILURE"]),
        ),
        (
            "/orgs/default/apps/default/webhooks".to_owned(),
            "/0/url",
            "/0/triggers",
            json!([{ "scope": "deployment", "type": "finished" }]),
        ),
        (
            format!("/organizations/{}/projects/{p}/settings/webhooks", text(&o, "object_id")),
            "/0/url",
            "/0/events",
            json!(["deployment.failed"]),
        ),
    ];
    for (path, url, events, wanted) in lists {
        let shown = server.send(Call::new("GET", &path)).await.ok().json();
        assert_eq!(shown.pointer(url).unwrap(), "http://127.0.0.1:9/after", "{path}");
        assert_eq!(shown.pointer(events).unwrap(), &wanted, "{path}");
    }
}
