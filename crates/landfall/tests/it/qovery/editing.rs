//! Edits: what is left out stays, what is empty clears, and what is sent back as shown changes
//! nothing.

use serde_json::{Value, json};

use super::{NAMES, body, get, make, native, patch, path_of, put};
use crate::harness::{Call, Server};

fn everything() -> Value {
    json!({"target_secret": "s", "description": "told\nof it", "enabled": false,
        "events": NAMES, "project_names_filter": ["shop", "web-*"],
        "environment_types_filter": ["PRODUCTION", "DEVELOPMENT"]})
}

/// Without what every edit changes.
fn timeless(shown: &Value) -> Value {
    let mut shown = shown.clone();
    for name in ["updated_at", "revision"] {
        shown.as_object_mut().unwrap().remove(name);
    }
    shown
}

#[tokio::test]
async fn what_is_left_out_or_null_stays() {
    let server = Server::start().await;
    let made = make(&server, everything()).await;
    for absent in [
        json!({"events": NAMES}),
        json!({"events": NAMES, "target_secret": null, "description": null, "enabled": null,
            "project_names_filter": null, "environment_types_filter": null}),
    ] {
        let edited = put(&server, &made, &body(&absent)).await;
        assert_eq!(timeless(&edited), timeless(&made));
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_empty_clears() {
    let server = Server::start().await;
    let made = make(&server, everything()).await;
    let empty = json!({"description": "", "target_secret": "", "events": [],
        "project_names_filter": [], "environment_types_filter": []});
    let edited = put(&server, &made, &body(&empty)).await;
    assert_eq!(edited["description"], "");
    assert_eq!(edited["target_secret_set"], false);
    for list in ["events", "project_names_filter", "environment_types_filter"] {
        assert_eq!(edited[list], json!([]), "{list}");
    }
    let shown = get(&server, &native(&made)).await;
    assert_eq!(shown["description"], Value::Null);
    assert_eq!(shown["events"], json!(["none"]), "an empty list asks for nothing");
    server.stop().await;
}

#[tokio::test]
async fn every_field_is_changed_by_an_edit() {
    let server = Server::start().await;
    let made = make(&server, everything()).await;
    let fields = json!({
        "kind": "SLACK",
        "target_url": "https://hooks.slack.com/services/a",
        "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STARTED"],
        "description": "other",
        "enabled": true,
        "project_names_filter": ["*"],
        "environment_types_filter": ["STAGING", "PREVIEW"],
    });
    server.ambient.set(server.ambient.now() + std::time::Duration::from_mins(1));
    let edited = put(&server, &made, &fields).await;
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&edited[name], value, "{name}");
    }
    assert_eq!(edited["created_at"], made["created_at"]);
    assert_eq!(edited["updated_at"], "2026-03-01T12:01:00Z");
    assert_eq!(get(&server, &path_of(&server, &made)).await, edited);
    server.stop().await;
}

#[tokio::test]
async fn the_consoles_way_to_edit_changes_only_what_its_form_has() {
    let server = Server::start().await;
    let made = make(&server, everything()).await;
    // The console spreads its form over what it was shown, read-only fields included.
    let mut form = get(&server, &path_of(&server, &made)).await;
    form["target_secret"] = json!("SECRET_VALUE_UNCHANGED");
    let edited = put(&server, &made, &form).await;
    assert_eq!(timeless(&edited), timeless(&made));
    form["description"] = json!("in the console");
    form["id"] = json!("00000000-0000-0000-0000-000000000000");
    form["created_at"] = json!("1999-01-01T00:00:00Z");
    form["target_secret_set"] = json!(false);
    let edited = put(&server, &made, &form).await;
    let mut wanted = timeless(&made);
    wanted["description"] = json!("in the console");
    assert_eq!(timeless(&edited), wanted);
    server.stop().await;
}

#[tokio::test]
async fn what_is_sent_back_as_it_was_shown_changes_nothing() {
    let server = Server::start().await;
    for set in [
        json!({"events": ["deployment.*"]}),
        json!({"events": ["*"], "format": "slack"}),
        json!({"events": []}),
        json!({"events": ["build.*", "DEPLOYMENT_STARTED", "deployment.failed"]}),
        json!({"events": ["none"]}),
        json!({"filters": {"environment_types": ["testing"]}}),
        json!({"filters": {"environment_types": ["production", "development"]}}),
        json!({"filters": {"applications": ["a*"], "environments": ["eu-*"], "history": true}}),
        json!({"format": "template", "template": {"a": "${environment.code}"}}),
        json!({"format": "standard", "rate_per_second": 7, "concurrency": 2, "ordered": true}),
        json!({"name": "Mine", "headers": {"x-team": "a"}, "timeout_ms": 900}),
    ] {
        let made = make(&server, everything()).await;
        patch(&server, &made, &set).await;
        let before = get(&server, &native(&made)).await;
        let shown = get(&server, &path_of(&server, &made)).await;
        put(&server, &made, &shown).await;
        assert_eq!(timeless(&get(&server, &native(&made)).await), timeless(&before), "{set}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_paused_webhook_is_shown_as_off_and_stays_paused() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    let state = async || get(&server, &native(&made)).await["state"].clone();
    server.post(&format!("{}/pause", native(&made)), &json!({})).await.ok();
    let shown = get(&server, &path_of(&server, &made)).await;
    assert_eq!(shown["enabled"], false);
    put(&server, &made, &shown).await;
    assert_eq!(state().await, "paused");
    put(&server, &made, &body(&json!({}))).await;
    assert_eq!(state().await, "paused");
    for (enabled, wanted) in [(true, "enabled"), (false, "disabled"), (true, "enabled")] {
        put(&server, &made, &body(&json!({"enabled": enabled}))).await;
        assert_eq!(state().await, wanted);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_rate_that_nobody_chose_follows_the_kind() {
    let server = Server::start().await;
    let made = make(&server, json!({"kind": "SLACK"})).await;
    let rate = async || get(&server, &native(&made)).await["rate_per_second"].clone();
    assert_eq!(rate().await, 1);
    put(&server, &made, &body(&json!({"kind": "STANDARD"}))).await;
    assert_eq!(rate().await, Value::Null);
    patch(&server, &made, &json!({"rate_per_second": 5})).await;
    put(&server, &made, &body(&json!({"kind": "SLACK"}))).await;
    assert_eq!(rate().await, 5);
    server.stop().await;
}

#[tokio::test]
async fn an_edit_asks_for_events_by_name_and_leaves_what_is_not_qoverys() {
    let server = Server::start().await;
    for (before, asked, after) in [
        (json!(["DEPLOYMENT_STARTED"]), json!([NAMES[2], NAMES[0]]), json!([NAMES[2], NAMES[0]])),
        (json!(["deployment.*"]), json!([NAMES[0]]), json!([NAMES[0]])),
        (
            json!(["deployment.started"]),
            json!([NAMES[0], NAMES[2]]),
            json!(["deployment.started", NAMES[2]]),
        ),
        (json!(["build.*", NAMES[0]]), json!([NAMES[3]]), json!(["build.*", NAMES[3]])),
        (json!(["build.*", NAMES[0]]), json!([]), json!(["build.*"])),
        (json!(["none"]), json!([NAMES[1]]), json!([NAMES[1]])),
        (json!([]), json!([NAMES[1]]), json!([NAMES[1]])),
        (json!([NAMES[1]]), json!([NAMES[1], NAMES[1]]), json!([NAMES[1]])),
    ] {
        let made = make(&server, json!({})).await;
        patch(&server, &made, &json!({"events": before})).await;
        put(&server, &made, &body(&json!({"events": asked}))).await;
        assert_eq!(get(&server, &native(&made)).await["events"], after, "{before} {asked}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_edit_that_is_refused_changes_nothing() {
    let server = Server::start().await;
    let made = make(&server, everything()).await;
    let bad = body(&json!({"description": "new", "target_url": "http://10.0.0.1/"}));
    let call = Call::post(&path_of(&server, &made), bad.to_string()).method("PUT");
    assert_eq!(server.send(call).await.status, 400);
    assert_eq!(get(&server, &path_of(&server, &made)).await, made);
    server.stop().await;
}
