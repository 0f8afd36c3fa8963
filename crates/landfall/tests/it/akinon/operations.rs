//! Every operation of the document, under both forms of its path.

use serde_json::{Value, json};

use super::{NOWHERE, Shop, assert_error, rest, with};
use crate::harness::Call;

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn every_operation_works_with_and_without_the_prefix() {
    let shop = Shop::open().await;
    for root in ["", "/api/v1"] {
        let all = format!("{root}{}", shop.path(""));
        assert_eq!(shop.server.send(Call::new("GET", &all)).await.ok().json(), json!([]));
        let made = shop.server.post(&all, &with(json!({}))).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let one = format!("{all}/{}", made.text("_id"));
        let shown = shop.server.send(Call::new("GET", &one)).await.ok().json();
        let listed = shop.server.send(Call::new("GET", &all)).await.ok().json();
        assert_eq!(listed, json!([shown]));
        let patch = Call::post(&one, r#"{"active": false}"#).method("PATCH");
        let edited = shop.server.send(patch).await.ok().json();
        assert_eq!((&edited["active"], &edited["name"]), (&json!(false), &shown["name"]));
        let gone = shop.server.send(Call::new("DELETE", &one)).await;
        assert_eq!((gone.status, gone.body.as_str()), (204, ""));
        assert_error(&shop.server.send(Call::new("GET", &one)).await, 404, "no webhook");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_webhook_has_the_documented_fields() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let shown = shop.get(&rest(&made)).await.ok();
    let wanted = format!(
        concat!(
            r#"{{"_id":{},"name":"Store front","url":"{}","headers":{{"X-Team":"mobile"}},"#,
            r#""active":true,"events":["deployment.build.created","distribution.succeeded"],"#,
            r#""createdAt":"2026-03-01T12:00:00.000Z","updatedAt":"2026-03-01T12:00:00.000Z"}}"#
        ),
        made["_id"], NOWHERE
    );
    assert_eq!(shown.body, wanted);
    let id = made["_id"].as_str().unwrap();
    assert!(id.len() == 24 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    shop.server.stop().await;
}

#[tokio::test]
async fn what_post_answers_is_a_webhook_and_what_a_project_must_have() {
    let shop = Shop::open().await;
    let projects = shop.server.send(Call::new("GET", "/api/v1/projects")).await.ok().json();
    let path = format!("/api/v1/projects/{}", projects["items"][0]["id"].as_str().unwrap());
    let edit = json!({"name": "Web Shop / DE", "description": "d".repeat(300)});
    shop.server.send(Call::post(&path, edit.to_string()).method("PATCH")).await.ok();
    let made = shop.make(json!({})).await;
    let shown = shop.get(&rest(&made)).await.ok().json();
    for member in members(&shown) {
        assert_eq!(made[member], shown[member], "{member}");
    }
    let further: Vec<&str> =
        members(&made).into_iter().filter(|name| shown.get(name).is_none()).collect();
    assert_eq!(further, ["description", "lastActivityAt", "organization", "slug", "status"]);
    assert_eq!(made["description"], "d".repeat(255));
    assert_eq!(made["lastActivityAt"], made["updatedAt"]);
    assert_eq!(made["organization"], json!(shop.organization));
    assert_eq!(made["slug"], "web-shop-de");
    assert_eq!(made["status"], "draft");
    shop.server.stop().await;
}

#[tokio::test]
async fn what_may_be_left_out_has_a_default_and_unknown_fields_are_ignored() {
    let shop = Shop::open().await;
    let body = json!({"name": "ab", "url": NOWHERE, "events": ["a.b"], "_id": 5, "retries": {}});
    let made = shop.server.post(&shop.path(""), &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!((&made["headers"], &made["active"]), (&json!({}), &json!(true)));
    assert!(made.get("description").is_none(), "{made}");
    shop.server.stop().await;
}

#[tokio::test]
async fn webhooks_are_listed_from_the_oldest_on() {
    let shop = Shop::open().await;
    let mut names = Vec::new();
    for number in 0..12 {
        let name = format!("hook {number}");
        shop.server.ambient.set(shop.server.ambient.now() + std::time::Duration::from_millis(3));
        shop.make(json!({"name": name})).await;
        names.push(json!(name));
    }
    let listed = shop.get("").await.ok().json();
    let listed: Vec<Value> =
        listed.as_array().unwrap().iter().map(|shown| shown["name"].clone()).collect();
    assert_eq!(listed, names);
    shop.server.stop().await;
}

#[tokio::test]
async fn ids_are_taken_in_any_case() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let path = super::path(
        &shop.organization.to_uppercase(),
        &shop.project.to_uppercase(),
        &rest(&made).to_uppercase(),
    );
    let shown = shop.server.send(Call::new("GET", &path)).await.ok();
    assert_eq!(shown.json()["_id"], made["_id"]);
    shop.server.stop().await;
}

#[tokio::test]
async fn the_least_and_the_most_that_is_allowed_is_taken_as_it_is() {
    let shop = Shop::open().await;
    let event = format!("a.{}", "b".repeat(198));
    let events: Vec<String> = (0..50).map(|number| format!("shop.opened-{number}")).collect();
    for fields in [
        json!({"name": "ab"}),
        json!({"name": "ä".repeat(100)}),
        json!({"url": "http://hooks.example"}),
        json!({"url": format!("https://hooks.example/{}", "x".repeat(1_978))}),
        json!({"url": "HTTPS://Hooks.Example:8443/a/../b?x=1&x=2&empty=&plus=a+b%2F"}),
        json!({"headers": {}}),
        json!({"headers": {"x-empty": "", "X-Api-Key": "a=b;c, \"d\""}}),
        json!({"active": false}),
        json!({"events": [event]}),
        json!({"events": events}),
        json!({"events": ["a.b", "a.b", "A.B"]}),
        json!({"events": ["Deployment.CodePush.Created", "distribution.in_review", "x-1.y_2.3"]}),
    ] {
        let made = shop.make(fields.clone()).await;
        let shown = shop.get(&rest(&made)).await.ok().json();
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(&shown[name], value);
        }
    }
    shop.server.stop().await;
}
