//! One webhook in two APIs: what either sets, the other shows.

use serde_json::{Value, json};

use super::{body, get, make, native, patch, path_of, put};
use crate::harness::{Call, Server};

#[tokio::test]
async fn what_is_made_here_is_a_webhook_like_any_other_there() {
    let server = Server::start().await;
    let made = make(
        &server,
        json!({"target_secret": "s", "description": "For Alan",
        "project_names_filter": ["shop*"], "environment_types_filter": ["DEVELOPMENT"]}),
    )
    .await;
    let shown = get(&server, &native(&made)).await;
    for (name, value) in [
        ("made_through", json!("qovery")),
        ("name", json!("For Alan")),
        ("description", json!("For Alan")),
        ("url", json!("https://example.com/hook")),
        ("format", json!("qovery")),
        ("events", json!(["DEPLOYMENT_STARTED"])),
        ("state", json!("enabled")),
        ("vendor_secret_set", json!(true)),
        ("rate_per_second", Value::Null),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown["filters"]["projects"], json!(["shop*"]));
    assert_eq!(shown["filters"]["environment_types"], json!(["development", "testing"]));
    let listed = get(&server, "/api/v1/webhooks").await;
    assert_eq!(listed["items"][0]["id"], made["id"]);
    server.stop().await;
}

#[tokio::test]
async fn an_edit_there_is_seen_here() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    patch(
        &server,
        &made,
        &json!({"description": "theirs", "url": "https://example.org/x",
        "format": "slack", "events": ["DEPLOYMENT_FAILURE"], "enabled": false,
        "vendor_secret": "s", "filters": {"projects": ["a", "b*"], "environment_types":
        ["staging"]}}),
    )
    .await;
    let shown = get(&server, &path_of(&server, &made)).await;
    for (name, value) in [
        ("id", made["id"].clone()),
        ("kind", json!("SLACK")),
        ("target_url", json!("https://example.org/x")),
        ("target_secret_set", json!(true)),
        ("description", json!("theirs")),
        ("enabled", json!(false)),
        ("events", json!(["DEPLOYMENT_FAILURE"])),
        ("project_names_filter", json!(["a", "b*"])),
        ("environment_types_filter", json!(["STAGING"])),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_edit_here_leaves_there_what_qovery_does_not_know() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    let own = json!({"name": "Mine", "ordered": true, "concurrency": 3, "timeout_ms": 900,
        "headers": {"x-team": "core"}, "retry_schedule": [1, 2],
        "filters": {"applications": ["app*"], "environments": ["eu-*"], "history": true}});
    patch(&server, &made, &own).await;
    let all = json!({"kind": "SLACK", "target_url": "https://example.org/x", "events": [],
        "target_secret": "t", "description": "d", "enabled": false,
        "project_names_filter": ["p"], "environment_types_filter": ["PREVIEW"]});
    put(&server, &made, &body(&all)).await;
    let shown = get(&server, &native(&made)).await;
    for name in ["name", "ordered", "concurrency", "timeout_ms", "headers", "retry_schedule"] {
        assert_eq!(shown[name], own[name], "{name}");
    }
    let filters = json!({"projects": ["p"], "applications": ["app*"], "environments": ["eu-*"],
        "environment_types": ["preview"], "history": true});
    assert_eq!(shown["filters"], filters);
    server.stop().await;
}

#[tokio::test]
async fn what_is_deleted_in_one_api_is_gone_from_the_other() {
    let server = Server::start().await;
    let (first, second) = (make(&server, json!({})).await, make(&server, json!({})).await);
    for (delete, look) in
        [(native(&first), path_of(&server, &first)), (path_of(&server, &second), native(&second))]
    {
        assert_eq!(server.send(Call::new("DELETE", &delete)).await.status, 204);
        assert_eq!(server.send(Call::new("GET", &look)).await.status, 404);
    }
    server.stop().await;
}

#[tokio::test]
async fn who_made_it_is_in_the_audit_log() {
    let server = Server::start().await;
    let made = make(&server, json!({"target_secret": "s"})).await;
    let audit = get(&server, "/api/v1/audit").await;
    let told = |action: &str| {
        let id = made["id"].as_str().unwrap();
        let items = audit["items"].as_array().unwrap();
        items.iter().any(|item| item["action"] == action && item["subject"] == id)
    };
    assert!(told("webhook.created"), "{audit}");
    server.stop().await;
}
