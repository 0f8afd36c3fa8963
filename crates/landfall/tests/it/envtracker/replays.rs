//! A signed request counts once: sent again, it gets the answer that it got, and changes nothing.

use std::time::Duration;

use landfall_store::idempotency;
use serde_json::json;

use super::{
    ASSIGN, CREATE, LEGACY, NOTIFY, Scene, assert_error, assignments, notification, preview,
};
use crate::harness::Call;

#[tokio::test]
async fn the_same_notification_twice_is_one_deployment_and_one_event() {
    let scene = Scene::start().await;
    let body = notification().to_string();
    let call = scene.key.put(&scene.server, NOTIFY, body.as_bytes());
    let first = scene.server.send(call.clone()).await.ok();
    let head = scene.told().await;
    // Meanwhile it was deployed elsewise, so without its stored answer it would count as news.
    let other = super::with(notification(), &json!({"pipeline": 457}));
    scene.put(NOTIFY, &other).await.ok();
    scene.server.ambient.set(scene.server.ambient.now() + Duration::from_secs(299));
    let again = scene.server.send(call).await.ok();
    assert_eq!(again.body, first.body);
    assert_eq!(scene.told().await.len(), head.len() + 1);
    scene.server.stop().await;
}

#[tokio::test]
async fn the_same_environment_twice_is_made_once_and_answered_twice() {
    let scene = Scene::start().await;
    let body = preview().to_string();
    let call = scene.key.put(&scene.server, CREATE, body.as_bytes());
    let first = scene.server.send(call.clone()).await.ok();
    let again = scene.server.send(call.clone()).await.ok();
    assert_eq!(again.body, first.body);
    // Nor does a replay make it again once it is gone.
    scene.native("DELETE", "/environments/feature-preview", &json!({})).await;
    assert_eq!(scene.server.send(call).await.ok().body, first.body);
    let made = scene.told().await.into_iter().filter(|kind| kind == "environment.created").count();
    assert_eq!(made, 1);
    assert_eq!(scene.show("/environments").await["items"], json!([]));
    scene.server.stop().await;
}

#[tokio::test]
async fn the_same_assignments_twice_do_not_undo_what_came_between() {
    let scene = Scene::start().await;
    for code in ["production", "staging"] {
        scene.native("POST", "/environments", &json!({ "code": code })).await;
    }
    let body = assignments().to_string();
    let call = scene.key.put(&scene.server, ASSIGN, body.as_bytes());
    let first = scene.server.send(call.clone()).await.ok();
    scene.native("PATCH", "/applications/my-app", &json!({"environments": []})).await;
    assert_eq!(scene.server.send(call).await.ok().body, first.body);
    assert_eq!(scene.show("/applications/my-app").await["environments"], json!([]));
    scene.server.stop().await;
}

#[tokio::test]
async fn a_refusal_is_answered_again_until_the_request_is_signed_anew() {
    let scene = Scene::start().await;
    let body = super::with(notification(), &json!({"projectCode": "new"})).to_string();
    let call = scene.key.put(&scene.server, NOTIFY, body.as_bytes());
    let refused = scene.server.send(call.clone()).await;
    assert_error(&refused, 403, "not_found");
    scene.native("POST", "/projects", &json!({"name": "new"})).await;
    assert_eq!(scene.server.send(call).await.body, refused.body);
    scene.tick();
    scene.server.send(scene.key.put(&scene.server, NOTIFY, body.as_bytes())).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn another_way_to_write_the_path_makes_no_other_request() {
    let scene = Scene::start().await;
    let body = preview().to_string();
    let first = scene.server.send(scene.key.put(&scene.server, CREATE, body.as_bytes())).await.ok();
    for path in [
        "/webhook/create-environment/",
        "//webhook/create-environment",
        "/webhook/create-environment?x=1",
    ] {
        let again = scene.server.send(scene.key.put(&scene.server, path, body.as_bytes())).await;
        assert_eq!(again.ok().body, first.body, "{path}");
    }
    let told = json!({"pipeline": 1, "status": "success"}).to_string();
    let first = scene.server.send(scene.key.put(&scene.server, LEGACY, told.as_bytes())).await.ok();
    let head = scene.told().await;
    for path in [
        format!("{LEGACY}/"),
        LEGACY.replace("my-app", "%6dy-app"),
        LEGACY.replace("default", &scene.server.admin.organization.to_string()),
    ] {
        let again = scene.server.send(scene.key.put(&scene.server, &path, told.as_bytes())).await;
        assert_eq!(again.ok().body, first.body, "{path}");
    }
    assert_eq!(scene.told().await, head);
    scene.server.stop().await;
}

#[tokio::test]
async fn one_second_of_one_pipeline_may_deploy_to_several_places_by_the_legacy_url() {
    let scene = Scene::start().await;
    let told = json!({"pipeline": 1, "status": "success"}).to_string();
    for env in ["production", "staging"] {
        let path = LEGACY.replace("production", env);
        scene.server.send(scene.key.put(&scene.server, &path, told.as_bytes())).await.ok();
    }
    let record = scene.server.record(scene.server.admin.organization).await;
    assert_eq!(record.deployments.len(), 2);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_request_for_one_url_does_nothing_at_another() {
    let scene = Scene::start().await;
    let bodies = [notification(), preview(), assignments()];
    for (body, own) in bodies.iter().zip([NOTIFY, CREATE, ASSIGN]) {
        for other in [NOTIFY, CREATE, ASSIGN, LEGACY].into_iter().filter(|other| *other != own) {
            let call = scene.key.put(&scene.server, other, body.to_string().as_bytes());
            assert_error(&scene.server.send(call).await, 400, "invalid_field");
        }
    }
    assert_eq!(scene.told().await, ["project.created", "project.created"]);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_refused_request_is_kept_once_however_often_it_is_sent() {
    let scene = Scene::start().await;
    let unknown = super::with(notification(), &json!({"projectCode": "new"}));
    let unread = super::with(notification(), &json!({"status": null}));
    for (path, body) in [(NOTIFY, unknown), (NOTIFY, unread), (LEGACY, notification())] {
        scene.tick();
        let call = scene.key.put(&scene.server, path, body.to_string().as_bytes());
        let first = scene.server.send(call.clone()).await;
        assert!((400..500).contains(&first.status), "{}", first.body);
        for _ in 0..3 {
            assert_eq!(scene.server.send(call.clone()).await.body, first.body);
        }
    }
    let codes: Vec<_> = scene.server.refused().await.into_iter().map(|kept| kept.code).collect();
    assert_eq!(codes, ["invalid_field", "invalid_field", "not_found"]);
    for counted in ["{code=\"invalid_field\"} 2", "{code=\"not_found\"} 1"] {
        let shown = scene.server.engine.shown_metrics().unwrap();
        assert!(shown.contains(&format!("refused_reports_total{counted}\n")), "{shown}");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_request_that_can_not_be_read_is_kept_once_wherever_it_is_sent() {
    let scene = Scene::start().await;
    let body = notification().to_string();
    for number in 0..3 {
        let path = LEGACY.replace("my-app", &format!("app-{number}"));
        let call = scene.key.put(&scene.server, &path, body.as_bytes());
        assert_error(&scene.server.send(call).await, 400, "invalid_field");
    }
    assert_eq!(scene.server.refused().await.len(), 1, "its path is not signed");
    // Signed anew it is another one.
    scene.put(LEGACY, &notification()).await;
    assert_eq!(scene.server.refused().await.len(), 2);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_report_is_counted_once_however_often_it_is_sent() {
    let scene = Scene::start().await;
    let body = notification().to_string();
    let call = scene.key.put(&scene.server, NOTIFY, body.as_bytes());
    for _ in 0..3 {
        scene.server.send(call.clone()).await.ok();
    }
    let shown = scene.server.engine.shown_metrics().unwrap();
    let counted: Vec<_> = shown.lines().filter(|line| line.contains("reports_total{")).collect();
    assert!(matches!(counted[..], [line] if line.ends_with(" 1")), "{counted:?}");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_signed_outcome_is_kept_as_long_as_its_request_can_be_sent_again() {
    let scene = Scene::start().await;
    let keyed = json!({"application": "my-app", "version": "1", "environment": "production"});
    let keyed = Call::post("/api/v1/deployments", keyed.to_string());
    let answer = scene.server.send(keyed.with("idempotency-key", "kept for a day")).await;
    assert!((200..300).contains(&answer.status), "{}", answer.body);
    let body = notification().to_string();
    let ahead = landfall_domain::signing::seconds(scene.server.ambient.now()) + 300;
    let call = scene.key.put_at(NOTIFY, body.as_bytes(), &ahead.to_string());
    let first = scene.server.send(call.clone()).await.ok();
    let received_at = scene.server.ambient.now();
    scene.server.ambient.set(received_at + Duration::from_mins(10));
    assert_eq!(forgotten(&scene).await, 0);
    assert_eq!(scene.server.send(call).await.ok().body, first.body);
    assert_eq!(scene.server.record(scene.server.admin.organization).await.deployments.len(), 2);
    scene.server.ambient.set(received_at + Duration::from_mins(15));
    assert_eq!(forgotten(&scene).await, 1, "the signed one");
    scene.server.ambient.set(received_at + Duration::from_hours(24));
    assert_eq!(forgotten(&scene).await, 1, "the one under an Idempotency-Key");
    scene.server.stop().await;
}

/// Has the outcomes forgotten that are old enough, and counts them.
async fn forgotten(scene: &Scene) -> u64 {
    let (organization, now) = (scene.server.admin.organization, scene.server.ambient.now());
    let (count, counted) = tokio::sync::oneshot::channel();
    let job = Box::new(move |db: &mut landfall_store::Connection| {
        count.send(idempotency::prune(db, organization, now)?).unwrap();
        Ok(())
    });
    scene.server.writer.run(job).await.unwrap();
    counted.await.unwrap()
}
