//! What the receiver of a webhook that was made here gets.

use serde_json::{Value, json};

use super::{Shop, object_id, path, rest};
use crate::harness::Call;
use crate::harness::receiver::Receiver;
use crate::webhooks::settled;

const SHA: &str = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

/// Reports the end of a deployment of the service through Versioner's API.
async fn deploy(shop: &Shop, status: &str, run: &str) -> Value {
    let body = json!({
        "product_name": "my-service", "version": "1.2.3", "environment_name": "production",
        "status": status, "invoke_id": run, "scm_sha": SHA, "scm_repository": "acme/my-service",
        "build_number": "7", "deploy_url": "https://ci.example/runs/42", "deployed_by": "octo",
    });
    shop.server.post("/deployment-events/", &body).await.ok().json()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_goes_from_versioners_endpoint_to_akinons_receiver() {
    let shop = Shop::open().await;
    let receiver = Receiver::ok();
    let url = format!("{}?token=a%20b&x=1&x=2", receiver.url());
    let headers = json!({"X-Api-Key": "k, \"1\"", "Authorization": "Bearer their-own"});
    let events = json!(["distribution.succeeded"]);
    let made = shop.make(json!({"url": url, "headers": headers, "events": events})).await;
    let reported = deploy(&shop, "success", "42").await;
    settled(&shop.server.client, &shop.hook(&made).await).await;
    let [request] = &receiver.requests()[..] else { panic!("{:?}", receiver.requests()) };
    let events = shop.server.send(Call::new("GET", "/api/v1/events?after=0")).await.ok().json();
    let mut told = events["items"].as_array().unwrap().iter();
    let told = told.find(|event| event["type"] == "deployment.completed").unwrap();
    let application = told["data"]["application"]["id"].as_str().unwrap();
    let id = |name: &str| object_id(reported[name].as_str().unwrap());
    let wanted = format!(
        concat!(
            r#"{{"event":"distribution.succeeded","createdAt":"2026-03-01T12:00:00.000Z","data":{{"#,
            r#""organization":{{"_id":"{}","name":"default"}},"#,
            r#""project":{{"_id":"{}","name":"default"}},"#,
            r#""application":{{"_id":"{}","name":"my-service"}},"#,
            r#""version":{{"_id":"{}","name":"1.2.3","commitSha":"{sha}"}},"#,
            r#""environment":{{"_id":"{}","code":"production","name":"production","#,
            r#""type":"production"}},"distribution":{{"_id":"{}","status":"succeeded","#,
            r#""startedAt":"2026-03-01T12:00:00.000Z","finishedAt":"2026-03-01T12:00:00.000Z","#,
            r#""url":"https://ci.example/runs/42","buildNumber":"7","#,
            r#""repository":"acme/my-service","commitSha":"{sha}","actor":{{"login":"octo"}}}}}}}}"#
        ),
        shop.organization,
        shop.project,
        object_id(application),
        id("version_id"),
        id("environment_id"),
        id("id"),
        sha = SHA
    );
    assert_eq!(String::from_utf8_lossy(&request.body), wanted);
    assert_eq!(request.path, "/hook?token=a%20b&x=1&x=2");
    for (name, value) in [
        ("content-type", "application/json"),
        ("x-api-key", "k, \"1\""),
        ("authorization", "Bearer their-own"),
        ("webhook-timestamp", "1772366400"),
    ] {
        assert_eq!(request.header(name), value);
    }
    assert!(request.header("webhook-signature").starts_with("v1,"), "{:?}", request.headers);
    assert!(request.id().starts_with("evt_"), "{:?}", request.headers);
    shop.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_active_webhook_fires() {
    let shop = Shop::open().await;
    let receiver = Receiver::ok();
    let fields = json!({"url": receiver.url(), "active": false, "events": ["distribution.failed"]});
    let made = shop.make(fields).await;
    let hook = shop.hook(&made).await;
    for (run, is_active) in [("1", false), ("2", true), ("3", false)] {
        shop.patch(&made, json!({"active": is_active})).await;
        deploy(&shop, "failed", run).await;
        // What happens while it is off is skipped for good.
        shop.patch(&made, json!({"active": true})).await;
        settled(&shop.server.client, &hook).await;
    }
    assert_eq!(receiver.requests().len(), 1, "{:?}", receiver.requests());
    shop.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_a_deletion_act_at_once() {
    let shop = Shop::open().await;
    let (old, new) = (Receiver::ok(), Receiver::ok());
    let made = shop.make(json!({"url": old.url(), "events": ["distribution.failed"]})).await;
    let hook = shop.hook(&made).await;
    let edit =
        json!({"url": new.url(), "headers": {"x-new": "1"}, "events": ["distribution.canceled"]});
    shop.patch(&made, edit).await;
    deploy(&shop, "failed", "1").await;
    deploy(&shop, "aborted", "2").await;
    settled(&shop.server.client, &hook).await;
    let [request] = &new.requests()[..] else { panic!("{:?}", new.requests()) };
    assert_eq!(
        (&request.json()["event"], request.header("x-new")),
        (&json!("distribution.canceled"), "1")
    );
    shop.patch(&made, json!({"events": []})).await;
    deploy(&shop, "aborted", "3").await;
    settled(&shop.server.client, &hook).await;
    let gone = shop.server.send(Call::new("DELETE", &shop.path(&rest(&made)))).await;
    assert_eq!(gone.status, 204);
    deploy(&shop, "aborted", "4").await;
    assert_eq!((old.requests().len(), new.requests().len()), (0, 1));
    shop.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_hears_of_its_own_project_only_whatever_that_is_called() {
    let shop = Shop::open().await;
    let receiver = Receiver::ok();
    let other = shop.server.post("/api/v1/projects", &json!({"name": "Web Shop"})).await;
    let theirs = path(&shop.organization, &other.text("object_id"), "");
    let mut hooks = Vec::new();
    for (path, name) in [(shop.path(""), "ours"), (theirs, "theirs")] {
        let url = format!("{}?{name}", receiver.url());
        let body = super::with(json!({"url": url, "events": ["distribution.succeeded"]}));
        let made = shop.server.post(&path, &body).await.ok_or_created().json();
        hooks.push(shop.hook(&made).await);
    }
    for (project, run) in [("Web Shop", 1), ("default", 2), ("Web Shop", 3), ("Mobile", 4)] {
        if project == "Mobile" {
            let rename = format!("/api/v1/projects/{}", other.text("id"));
            let rename = Call::post(&rename, r#"{"name": "Mobile"}"#).method("PATCH");
            shop.server.send(rename).await.ok();
        }
        let body = json!({
            "project": project, "application": "app", "version": "1", "environment": "production",
            "status": "completed", "invoke_id": format!("run-{run}"),
        });
        shop.server.post("/api/v1/deployments", &body).await.ok_or_created();
    }
    for hook in &hooks {
        settled(&shop.server.client, hook).await;
    }
    let mut heard: Vec<(String, Value)> = receiver
        .requests()
        .iter()
        .map(|request| (request.path.clone(), request.json()["data"]["project"]["name"].clone()))
        .collect();
    heard.sort_by_key(|(path, name)| (path.clone(), name.to_string()));
    let of = |path: &str, name: &str| (path.to_owned(), json!(name));
    let wanted = [
        of("/hook?ours", "default"),
        of("/hook?theirs", "Mobile"),
        of("/hook?theirs", "Web Shop"),
        of("/hook?theirs", "Web Shop"),
    ];
    assert_eq!(heard, wanted);
    shop.server.stop().await;
}
