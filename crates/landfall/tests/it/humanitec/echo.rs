//! What a client sends comes back as it was sent; anything else breaks Terraform.

use serde_json::{Value, json};

use super::{WEBHOOKS, delete, get, make, patch};
use crate::harness::Server;

#[tokio::test]
async fn null_and_an_empty_object_come_back_as_they_were_sent() {
    let server = Server::start().await;
    let values = [json!(null), json!({}), json!({ "a": "b", "z": "${env_id}" })];
    let pairs =
        values.iter().flat_map(|headers| values.iter().map(move |payload| (headers, payload)));
    for (index, (headers, payload)) in pairs.enumerate() {
        let id = index.to_string();
        let sent = json!({ "id": id, "headers": headers, "payload": payload });
        let made = make(&server, &sent).await;
        assert_eq!((&made["headers"], &made["payload"]), (headers, payload));
        let path = format!("{WEBHOOKS}/{id}");
        assert_eq!(get(&server, &path).await.ok().json(), made);
        // Each can become each of the others.
        for value in &values {
            let change = json!({ "headers": value, "payload": value });
            let changed = patch(&server, &path, &change).await.ok().json();
            assert_eq!((&changed["headers"], &changed["payload"]), (value, value));
            let shown = get(&server, &path).await.ok().json();
            assert_eq!((&shown["headers"], &shown["payload"]), (value, value));
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_payload_of_any_values_comes_back_verbatim() {
    let server = Server::start().await;
    let payload = json!({
        "text": "${foo} $${status} ✓ \" \\ \n", "": "", "number": 1.5, "none": null,
        "deep": { "list": ["${event}", true, []] },
    });
    let made = make(&server, &json!({ "payload": payload })).await;
    assert_eq!(made["payload"], payload);
    server.stop().await;
}

#[tokio::test]
async fn a_url_comes_back_verbatim_with_or_without_its_scheme() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let path = format!("{WEBHOOKS}/my-hook");
    for (sent, whole) in [
        ("example.com/hook", "https://example.com/hook"),
        ("https://example.com/hook", "https://example.com/hook"),
        ("http://Example.com", "http://Example.com"),
        ("Example.com:8443/a?to=http://b&c=%20", "https://Example.com:8443/a?to=http://b&c=%20"),
        ("https://example.com", "https://example.com"),
        ("example.com", "https://example.com"),
        ("1.1.1.1/x", "https://1.1.1.1/x"),
    ] {
        let changed = patch(&server, &path, &json!({ "url": sent })).await.ok().json();
        assert_eq!(changed["url"], sent);
        assert_eq!(get(&server, &path).await.ok().json()["url"], sent);
        assert_eq!(super::natives(&server).await[0]["url"], whole);
        let made = make(&server, &json!({ "id": "made-so", "url": sent })).await;
        assert_eq!(made["url"], sent);
        assert_eq!(delete(&server, &format!("{WEBHOOKS}/made-so")).await.status, 204);
    }
    server.stop().await;
}

#[tokio::test]
async fn disabled_may_be_null() {
    let server = Server::start().await;
    let path = format!("{WEBHOOKS}/my-hook");
    assert_eq!(make(&server, &json!({ "disabled": null })).await["disabled"], false);
    for (sent, shown) in [(json!(true), true), (json!(null), false), (json!(false), false)] {
        let changed = patch(&server, &path, &json!({ "disabled": sent })).await.ok().json();
        assert_eq!(changed["disabled"], shown);
    }
    server.stop().await;
}

/// What Terraform's provider sends of a resource: everything, whether it is set or not.
fn resource(payload: &Value, url: &str, disabled: bool) -> Value {
    json!({
        "id": "my-hook", "disabled": disabled, "headers": {}, "payload": payload, "url": url,
        "triggers": [
            { "scope": "environment", "type": "deleted" },
            { "scope": "environment", "type": "created" },
        ],
    })
}

/// Terraform calls any difference between what it sent and what it reads an inconsistent result.
#[track_caller]
fn assert_consistent(answer: &Value, resource: &Value) {
    for (field, sent) in resource.as_object().unwrap() {
        assert_eq!(&answer[field], sent, "{field} of {answer}");
    }
}

#[tokio::test]
async fn terraform_applies_changes_refreshes_and_destroys() {
    let server = Server::start().await;
    let path = format!("{WEBHOOKS}/my-hook");
    let url = "https://example.com/hook";
    let first = resource(&json!(null), url, false);
    let made = super::made(&server.post(WEBHOOKS, &first).await);
    assert_consistent(&made, &first);
    for resource in [
        resource(&json!({ "status": "${status}" }), url, true),
        resource(&json!({}), "example.com/hook", false),
        first,
    ] {
        let changed = patch(&server, &path, &resource).await.ok().json();
        // Older releases of the provider read the id of what a change is answered with.
        assert_consistent(&changed, &resource);
        let read = get(&server, &path).await.ok().json();
        assert_eq!(read, changed);
        assert_eq!(read["created_at"], made["created_at"]);
    }
    assert_eq!(delete(&server, &path).await.status, 204);
    assert_eq!(get(&server, &path).await.status, 404);
    server.stop().await;
}
