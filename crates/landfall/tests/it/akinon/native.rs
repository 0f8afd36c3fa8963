//! One webhook, two APIs: what one changes the other shows.

use serde_json::{Value, json};

use super::{Shop, rest, with};
use crate::harness::Call;

#[tokio::test]
async fn a_webhook_that_was_made_here_is_a_webhook_like_others() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let native = shop.native(&made).await;
    let projects = shop.server.send(Call::new("GET", "/api/v1/projects")).await.ok().json();
    let project = &projects["items"][0]["id"];
    for (name, value) in [
        ("made_through", json!("akinon")),
        ("format", json!("akinon")),
        ("name", made["name"].clone()),
        ("url", made["url"].clone()),
        ("headers", made["headers"].clone()),
        ("events", made["events"].clone()),
        ("state", json!("enabled")),
    ] {
        assert_eq!(native[name], value);
    }
    assert_eq!((&native["project"]["id"], &native["filters"]["projects"][0]), (project, project));
    shop.server.stop().await;
}

#[tokio::test]
async fn an_edit_in_the_native_api_is_shown_here() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let fields = json!({
        "name": "Native", "url": "https://native.example/?k=1", "headers": {"x-native": "1"},
        "enabled": false, "events": ["distribution.failed", "shop.opened"],
    });
    shop.patch_native(&made, fields.clone()).await;
    let shown = shop.get(&rest(&made)).await.ok().json();
    for name in ["name", "url", "headers", "events"] {
        assert_eq!(shown[name], fields[name]);
    }
    assert_eq!(shown["active"], false);
    assert_eq!(shop.get("").await.ok().json(), json!([shown]));
    shop.server.stop().await;
}

#[tokio::test]
async fn an_edit_here_is_shown_in_the_native_api_and_leaves_its_own_fields_alone() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let own = json!({
        "description": "for the app", "ordered": true, "concurrency": 3, "rate_per_second": 7,
        "timeout_ms": 900, "retry_schedule": [1, 2], "filters": {"applications": ["shop-*"]},
    });
    shop.patch_native(&made, own.clone()).await;
    let before = shop.native(&made).await;
    let fields = json!({
        "name": "Akinon", "url": "https://akinon.example/", "headers": {"a": "b"},
        "active": false, "events": ["distribution.canceled"],
    });
    shop.patch(&made, fields.clone()).await;
    let after = shop.native(&made).await;
    for name in ["name", "url", "headers", "events"] {
        assert_eq!(after[name], fields[name]);
    }
    let state = (&after["state"], &after["disabled_reason"]);
    assert_eq!(state, (&json!("disabled"), &json!("disabled by hand")));
    for name in own.as_object().unwrap().keys().chain([&"format".to_owned(), &"project".to_owned()])
    {
        assert_eq!(after[name], before[name], "{name}");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn patterns_are_shown_as_the_events_that_they_ask_for() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let shown = async |events: Value| {
        shop.patch_native(&made, json!({ "events": events })).await;
        let shown = shop.get(&rest(&made)).await.ok().json();
        // A client that sends all of it back leaves the pattern as it is.
        assert_eq!(shop.patch(&made, shown.clone()).await["events"], shown["events"]);
        let kept = shop.native(&made).await["events"].clone();
        assert_eq!(kept, if events.is_null() { json!([]) } else { events });
        shown["events"].clone()
    };
    let distributions = json!([
        "distribution.created",
        "distribution.succeeded",
        "distribution.failed",
        "distribution.canceled"
    ]);
    assert_eq!(shown(json!(["deployment.*"])).await, distributions);
    let mixed = json!(["build.failed", "*.aborted", "distribution.canceled"]);
    let as_shown = json!(["build.failed", "distribution.canceled", "deployment.build.canceled"]);
    assert_eq!(shown(mixed).await, as_shown);
    assert_eq!(shown(Value::Null).await.as_array().unwrap().len(), 8);
    assert_eq!(shown(json!(["none"])).await, json!([]));
    shop.server.stop().await;
}

#[tokio::test]
async fn a_paused_webhook_is_shown_as_off_and_stays_paused_when_that_is_sent_back() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let pause = format!("/api/v1/webhooks/{}/pause", shop.hook(&made).await.id);
    shop.server.post(&pause, &json!({})).await.ok();
    let shown = shop.get(&rest(&made)).await.ok().json();
    assert_eq!(shown["active"], false);
    shop.patch(&made, shown).await;
    assert_eq!(shop.native(&made).await["state"], "paused");
    assert_eq!(shop.patch(&made, json!({"active": true})).await["active"], true);
    assert_eq!(shop.native(&made).await["state"], "enabled");
    shop.server.stop().await;
}

#[tokio::test]
async fn what_one_api_deletes_is_gone_in_the_other() {
    let shop = Shop::open().await;
    let (one, other) = (shop.make(json!({})).await, shop.make(json!({})).await);
    let hooks = [shop.hook(&one).await.id, shop.hook(&other).await.id];
    let [one_natively, other_natively] = hooks.map(|id| format!("/api/v1/webhooks/{id}"));
    let gone = shop.server.send(Call::new("DELETE", &one_natively)).await;
    assert_eq!(gone.status, 204);
    assert_eq!(shop.get(&rest(&one)).await.status, 404);
    let gone = shop.server.send(Call::new("DELETE", &shop.path(&rest(&other)))).await;
    assert_eq!(gone.status, 204);
    assert_eq!(shop.server.send(Call::new("GET", &other_natively)).await.status, 404);
    shop.server.stop().await;
}

#[tokio::test]
async fn a_new_name_of_the_project_changes_its_slug_and_no_path() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    assert_eq!(made["slug"], "default");
    let id = shop.native(&made).await["project"]["id"].as_str().unwrap().to_owned();
    let rename = Call::post(&format!("/api/v1/projects/{id}"), r#"{"name": "Mobile"}"#);
    shop.server.send(rename.method("PATCH")).await.ok();
    shop.get(&rest(&made)).await.ok();
    let made = shop.server.post(&shop.path(""), &with(json!({}))).await;
    assert_eq!(made.text("slug"), "mobile");
    shop.server.stop().await;
}
