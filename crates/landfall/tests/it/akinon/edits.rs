//! PATCH: only what is sent changes.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Shop, rest};
use crate::harness::Call;

#[tokio::test]
async fn each_field_changes_alone() {
    let shop = Shop::open().await;
    for (name, value) in [
        ("name", json!("Back office")),
        ("url", json!("http://other.example/?a=1&a=2")),
        ("headers", json!({"x-other": "1"})),
        ("headers", json!({})),
        ("active", json!(false)),
        ("events", json!(["distribution.failed"])),
        ("events", json!(["shop.opened", "deployment.codepush.created"])),
        ("events", json!([])),
    ] {
        let made = shop.make(json!({})).await;
        let before = shop.get(&rest(&made)).await.ok().json();
        shop.server.ambient.set(shop.server.ambient.now() + Duration::from_millis(1_500));
        let edited = shop.patch(&made, json!({ name: value })).await;
        assert_eq!(edited[name], value);
        assert_ne!(edited["updatedAt"], before["updatedAt"]);
        for (other, value) in before.as_object().unwrap() {
            let is_same = other == name || other == "updatedAt" || edited[other] == *value;
            assert!(is_same, "{name} changed {other}: {edited}");
        }
        assert_eq!(shop.get(&rest(&made)).await.ok().json(), edited);
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn all_fields_change_at_once_and_unknown_ones_are_ignored() {
    let shop = Shop::open().await;
    let made = shop.make(json!({"active": false})).await;
    let body = json!({
        "_id": "x", "name": "Other", "url": "https://other.example/", "headers": {"a": "b"},
        "active": true, "events": ["x.y"], "createdAt": 5, "slug": [], "more": {"a": [1]},
    });
    let edited = shop.patch(&made, body.clone()).await;
    for name in ["name", "url", "headers", "active", "events"] {
        assert_eq!(edited[name], body[name]);
    }
    assert_eq!((&edited["_id"], &edited["createdAt"]), (&made["_id"], &made["createdAt"]));
    shop.server.stop().await;
}

#[tokio::test]
async fn what_was_read_can_be_sent_back_and_changes_nothing() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let shown = shop.get(&rest(&made)).await.ok().json();
    assert_eq!(shop.patch(&made, shown.clone()).await, shown);
    assert_eq!(shop.patch(&made, json!({})).await, shown);
    shop.server.stop().await;
}

#[tokio::test]
async fn what_is_deleted_is_gone_for_every_method() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let path = shop.path(&rest(&made));
    assert_eq!(shop.server.send(Call::new("DELETE", &path)).await.status, 204);
    for method in ["GET", "PATCH", "DELETE"] {
        let answer = shop.server.send(Call::post(&path, "{}").method(method)).await;
        super::assert_error(&answer, 404, "there is no webhook");
    }
    assert_eq!(shop.get("").await.ok().json(), Value::Array(Vec::new()));
    shop.server.stop().await;
}
