//! One event from a signed notification to a receiver of the native API's webhooks.

use serde_json::json;

use super::{ASSIGN, CREATE, NOTIFY, Scene, notification, preview, with};
use crate::harness::receiver::{Received, Receiver};
use crate::webhooks::{hook, settled};

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_reaches_a_webhook_under_its_right_names() {
    let scene = Scene::start().await;
    let receiver = Receiver::ok();
    let client = &scene.server.client;
    let wanted = json!({"projects": ["my-project"], "environment_types": ["production"]});
    let wanted = json!({"events": ["deployment.completed"], "filters": wanted});
    let hook = hook(client, &receiver.url(), wanted).await;
    let told = with(notification(), &json!({"deployDate": "2026-03-01T11:59:30Z"}));
    let answer = scene.put(NOTIFY, &told).await.ok();
    // Neither of these is wanted.
    scene.put(NOTIFY, &with(notification(), &json!({"envCode": "staging"}))).await.ok();
    scene.put(NOTIFY, &with(notification(), &json!({"status": "failed"}))).await.ok();
    settled(client, &hook).await;

    let received = receiver.requests();
    assert_eq!(received.len(), 1, "{received:?}");
    let body = received[0].json();
    assert_eq!(body["type"], "deployment.completed");
    assert_eq!(body["timestamp"], "2026-03-01T11:59:30Z");
    let data = &body["data"];
    for (pointer, wanted) in [
        ("/organization/name", json!("default")),
        ("/project/name", json!("my-project")),
        ("/application/name", json!("my-app")),
        ("/environment/code", json!("production")),
        ("/environment/type", json!("production")),
        ("/version/name", json!("main#456")),
        ("/deployment/id", json!(answer.text("deploymentId"))),
        ("/deployment/status", json!("completed")),
        ("/deployment/branch", json!("main")),
        ("/deployment/build_number", json!("456")),
        ("/deployment/invoke_id", json!("456")),
        ("/became_current", json!(true)),
    ] {
        assert_eq!(data.pointer(pointer), Some(&wanted), "{pointer} of {body}");
    }
    scene.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_and_assignments_reach_webhooks_too() {
    let scene = Scene::start().await;
    let receiver = Receiver::ok();
    let client = &scene.server.client;
    let hook = hook(client, &receiver.url(), json!({})).await;
    scene.put(CREATE, &preview()).await.ok();
    let apps = json!([{"repoCode": "my-app", "envs": ["feature-preview"]}]);
    scene.put(ASSIGN, &json!({"projectCode": "my-project", "apps": apps})).await.ok();
    settled(client, &hook).await;
    let bodies: Vec<_> = receiver.requests().iter().map(Received::json).collect();
    let kinds: Vec<_> = bodies.iter().map(|body| body["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["environment.created", "application.created"]);
    assert_eq!(bodies[0]["data"]["environment"]["code"], "feature-preview");
    assert_eq!(bodies[0]["data"]["by"], json!(scene.key.id));
    assert_eq!(bodies[1]["data"]["application"]["name"], "my-app");
    scene.server.stop().await;
}
