//! A webhook is one thing in both APIs: what one of them changes, the other shows.

use landfall_domain::access::Scope;
use serde_json::{Value, json};

use super::{WEBHOOKS, body, get, ids, make, native, natives, patch};
use crate::harness::receiver::Receiver;
use crate::harness::{Call, Server};
use crate::webhooks::hook;

const PATH: &str = "/orgs/default/apps/shop/webhooks/my-hook";

#[tokio::test]
async fn what_humanitecs_api_makes_and_changes_is_shown_in_the_native_one() {
    let server = Server::start().await;
    make(&server, &json!({ "headers": { "X-Token": "t" }, "disabled": true })).await;
    let shown = natives(&server).await.remove(0);
    for (field, wanted) in [
        ("name", json!("my-hook")),
        ("made_through", json!("humanitec")),
        ("url", json!("https://example.com/hook")),
        ("format", json!("humanitec")),
        ("template", Value::Null),
        ("headers", json!({ "X-Token": "t" })),
        ("events", json!(["deployment.finished"])),
        ("state", json!("disabled")),
    ] {
        assert_eq!(shown[field], wanted, "{field}");
    }
    assert_eq!(shown["project"]["name"], "shop");
    assert_eq!(shown["filters"]["projects"], json!([shown["project"]["id"]]));

    let change = json!({ "payload": { "a": "${status}" }, "headers": null, "disabled": false });
    patch(&server, PATH, &change).await.ok();
    let shown = natives(&server).await.remove(0);
    assert_eq!(shown["template"], json!({ "a": "${status}" }));
    assert_eq!((&shown["headers"], &shown["state"]), (&json!({}), &json!("enabled")));
    server.stop().await;
}

#[tokio::test]
async fn what_the_native_api_changes_is_shown_in_humanitecs() {
    let server = Server::start().await;
    let before = make(&server, &json!({ "headers": null })).await;
    let path = native(&server, "my-hook").await.path("");
    for (change, field, shown) in [
        (json!({ "url": "https://b.example/x" }), "url", json!("b.example/x")),
        (json!({ "url": "http://b.example/x" }), "url", json!("http://b.example/x")),
        (json!({ "headers": { "A": "b" } }), "headers", json!({ "A": "b" })),
        (json!({ "headers": null }), "headers", json!(null)),
        (json!({ "template": { "k": "v" } }), "payload", json!({ "k": "v" })),
        (json!({ "enabled": false }), "disabled", json!(true)),
        (json!({ "enabled": true }), "disabled", json!(false)),
        (json!({ "name": "other" }), "id", json!("my-hook")),
    ] {
        patch(&server, &path, &change).await.ok();
        assert_eq!(get(&server, PATH).await.ok().json()[field], shown, "{change}");
    }
    let after = get(&server, PATH).await.ok().json();
    assert_eq!(after["created_at"], before["created_at"]);
    let gone = super::delete(&server, &path).await;
    assert_eq!((gone.status, get(&server, PATH).await.status), (204, 404));
    server.stop().await;
}

#[tokio::test]
async fn a_webhook_that_was_paused_is_shown_as_off_and_stays_paused() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let hook = native(&server, "my-hook").await;
    server.post(&hook.path("/pause"), &json!({})).await.ok();
    let shown = get(&server, PATH).await.ok().json();
    assert_eq!(shown["disabled"], true);
    patch(&server, PATH, &shown).await.ok();
    assert_eq!(natives(&server).await[0]["state"], "paused");
    patch(&server, PATH, &json!({ "disabled": false })).await.ok();
    assert_eq!(natives(&server).await[0]["state"], "enabled");
    server.stop().await;
}

#[tokio::test]
async fn webhooks_of_other_apis_are_not_there() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let fields = json!({ "format": "humanitec", "project": "shop" });
    let other = hook(&server.client, "https://example.com", fields).await;
    assert_eq!(ids(&server, WEBHOOKS).await, ["my-hook"]);
    for id in ["test", &other.id] {
        assert_eq!(get(&server, &format!("{WEBHOOKS}/{id}")).await.status, 404);
    }
    assert_eq!(super::delete(&server, "/orgs/default/apps/shop/jobs").await.status, 204);
    assert_eq!(natives(&server).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn below_manage_what_may_be_a_credential_is_not_shown() {
    let server = Server::start().await;
    let headers = json!({ "Authorization": "secret" });
    make(&server, &json!({ "url": "example.com/secret?a=b", "headers": headers })).await;
    let key = server.key(&[Scope::Read], None).await;
    for path in [WEBHOOKS, PATH] {
        let shown = server.send(Call::new("GET", path).key(&key)).await.ok();
        assert!(!shown.body.contains("secret"), "{}", shown.body);
        assert!(shown.body.contains(r#""url":"example.com/…""#), "{}", shown.body);
        assert!(shown.body.contains(r#""headers":{"Authorization":"…"}"#), "{}", shown.body);
    }
    server.stop().await;
}

/// What a deployment makes a native webhook of this format send.
async fn sent(fields: Value) -> Value {
    let server = Server::start().await;
    let receiver = Receiver::ok();
    hook(&server.client, &receiver.url(), fields).await;
    let report = json!({
        "application": "web", "version": "1", "environment": "production", "status": "failed",
    });
    server.post("/api/v1/deployments", &report).await.ok_or_created();
    let received = receiver.wait_for(1).await.remove(0);
    server.stop().await;
    received.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_webhook_may_send_what_humanitec_sends() {
    let events = json!(["deployment.finished"]);
    let template = json!({ "text": "${event} ${status} in ${env_id} of ${app_id} ${foo}" });
    let fields = json!({ "format": "humanitec", "events": events, "template": template });
    let text = "deployment.finished failed in production of default ${foo}";
    assert_eq!(sent(fields).await, json!({ "text": text }));
    let default = sent(json!({ "format": "humanitec", "events": events })).await;
    assert_eq!(default["event"], "deployment.finished");
    assert_eq!((&default["org_id"], &default["app_id"]), (&json!("default"), &json!("default")));
}

#[tokio::test]
async fn a_payload_that_is_too_long_or_no_object_is_refused_by_both() {
    let server = Server::start().await;
    let long = json!({ "k": "x".repeat(64 * 1024) });
    let refused = server.post(WEBHOOKS, &body(&json!({ "payload": long }))).await;
    assert_eq!((refused.status, refused.text("error")), (400, "API-400".to_owned()));
    assert!(refused.text("message").starts_with("Field 'payload' is 65544 bytes long"));
    for template in [long, json!([]), json!("${event}")] {
        let body = json!({
            "name": "x", "url": "https://example.com", "format": "humanitec", "template": template,
        });
        let refused = server.post("/api/v1/webhooks", &body).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.text("detail").starts_with("Field 'template'"), "{}", refused.body);
    }
    assert!(natives(&server).await.is_empty());
    server.stop().await;
}
