//! Every endpoint and what it answers when all is well.

use std::time::Duration;

use landfall_domain::access::Scope;
use serde_json::{Value, json};

use super::{body, get, make, native, path_of, put, webhooks};
use crate::harness::{Call, Server};

#[tokio::test]
async fn a_webhook_is_made_listed_shown_edited_and_deleted() {
    let server = Server::start().await;
    let list = webhooks(&server);
    assert_eq!(get(&server, &list).await, json!({"results": []}));
    let first = make(&server, json!({})).await;
    server.ambient.set(server.ambient.now() + Duration::from_secs(1));
    let second = make(&server, json!({})).await;
    assert_eq!(get(&server, &list).await, json!({"results": [first, second]}), "oldest first");
    assert_eq!(get(&server, &path_of(&server, &first)).await, first);
    assert_eq!(
        get(&server, &format!("{}/event", path_of(&server, &first))).await["results"],
        json!([])
    );

    let edited = put(&server, &first, &body(&json!({"description": "both"}))).await;
    assert_eq!(edited["description"], "both");
    assert_eq!(get(&server, &path_of(&server, &first)).await, edited);

    let gone = server.send(Call::new("DELETE", &path_of(&server, &first))).await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    assert_eq!(server.send(Call::new("GET", &path_of(&server, &first))).await.status, 404);
    assert_eq!(get(&server, &list).await, json!({"results": [second]}));
    server.stop().await;
}

#[tokio::test]
async fn every_optional_field_has_its_default() {
    let server = Server::start().await;
    for absent in [
        json!({}),
        json!({"target_secret": null, "description": null, "enabled": null,
        "project_names_filter": null, "environment_types_filter": null}),
    ] {
        let made = make(&server, absent).await;
        assert_eq!(made["enabled"], true, "the console leaves it out");
        assert_eq!(made["target_secret_set"], false);
        assert_eq!(made["description"], "");
        assert_eq!(made["project_names_filter"], json!([]));
        assert_eq!(made["environment_types_filter"], json!([]));
    }
    server.stop().await;
}

#[tokio::test]
async fn no_member_of_an_answer_is_missing_or_null() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    let shown = get(&server, &path_of(&server, &made)).await;
    for answer in [&made, &shown] {
        let names: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names.len(), 11, "{names:?}");
        assert!(answer.as_object().unwrap().values().all(|value| !value.is_null()), "{answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_key_may_come_after_either_word_in_any_case() {
    let server = Server::start().await;
    for scheme in ["Token", "Bearer", "token", "bearer", "TOKEN", "BeArEr"] {
        let value = format!("{scheme} {}", server.admin_key);
        let call = Call::new("GET", &webhooks(&server)).with("authorization", &value);
        server.send(call).await.ok();
        let call = Call::new("GET", "/organization").with("authorization", &value);
        server.send(call).await.ok();
        let call = Call::post(&webhooks(&server), body(&json!({})).to_string());
        let made = server.send(call.with("authorization", &value)).await;
        assert_eq!(made.status, 201, "{scheme}: {}", made.body);
    }
    server.stop().await;
}

#[tokio::test]
async fn fields_that_are_not_known_are_ignored() {
    let server = Server::start().await;
    let made = make(&server, json!({"id": "mine", "created_at": 7, "new_field": {"a": []}})).await;
    assert_ne!(made["id"], "mine");
    server.stop().await;
}

#[tokio::test]
async fn who_may_only_read_sees_the_url_without_what_may_be_a_credential() {
    let server = Server::start().await;
    let url = "https://hooks.slack.com/services/T0/B0/token";
    let made = make(&server, json!({"kind": "SLACK", "target_url": url})).await;
    assert_eq!(made["target_url"], url);
    let reader = server.key(&[Scope::Read], None).await;
    let shown = server.send(Call::new("GET", &path_of(&server, &made)).key(&reader)).await.ok();
    assert_eq!(shown.text("target_url"), "https://hooks.slack.com/…");
    let listed = server.send(Call::new("GET", &webhooks(&server)).key(&reader)).await.ok();
    assert_eq!(listed.json()["results"][0], shown.json());

    // What a reader saw and a manager sends back leaves the URL as it is.
    put(&server, &made, &shown.json()).await;
    assert_eq!(get(&server, &path_of(&server, &made)).await["target_url"], url);
    server.stop().await;
}

#[tokio::test]
async fn only_webhooks_that_were_made_here_are_listed() {
    let server = Server::start().await;
    let other = json!({"name": "native", "url": "https://example.com", "format": "qovery"});
    let other = server.post("/api/v1/webhooks", &other).await.json();
    let made = make(&server, json!({})).await;
    assert_eq!(get(&server, &webhooks(&server)).await, json!({"results": [made]}));
    for method in ["GET", "PUT", "DELETE"] {
        let call = Call::post(&path_of(&server, &other), body(&json!({})).to_string());
        assert_eq!(server.send(call.method(method)).await.status, 404, "{method}");
    }
    let event = format!("{}/event", path_of(&server, &other));
    assert_eq!(server.send(Call::new("GET", &event)).await.status, 404);
    get(&server, &native(&other)).await;
    server.stop().await;
}

#[tokio::test]
async fn what_the_url_has_around_it_is_trimmed() {
    let server = Server::start().await;
    let made = make(&server, json!({"target_url": "  http://example.com/a?b=c \n"})).await;
    assert_eq!(made["target_url"], "http://example.com/a?b=c");
    server.stop().await;
}

#[tokio::test]
async fn the_native_api_names_it_after_its_description() {
    let server = Server::start().await;
    let name = async |made: &Value| get(&server, &native(made)).await["name"].clone();
    let made = make(&server, json!({"target_url": "https://hooks.example.com:8443/x?y"})).await;
    assert_eq!(name(&made).await, "Qovery webhook hooks.example.com:8443");
    put(&server, &made, &body(&json!({"description": "To the ledger\nof the bank"}))).await;
    assert_eq!(name(&made).await, "To the ledger");
    let long = make(&server, json!({"description": "ä".repeat(2_000)})).await;
    assert_eq!(name(&long).await, "ä".repeat(100));
    server.stop().await;
}
