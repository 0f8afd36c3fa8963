//! `PUT /webhook/assign-apps`: where applications are meant to run, seen and set natively too.

use serde_json::{Value, json};

use super::{ASSIGN, Scene, assert_error, assignments};

async fn scene() -> Scene {
    let scene = Scene::start().await;
    for code in ["production", "staging"] {
        scene.native("POST", "/environments", &json!({ "code": code })).await;
    }
    scene
}

/// Assigns one application of `my-project`.
fn one(repo: &str, envs: &[&str]) -> Value {
    json!({"projectCode": "my-project", "apps": [{"repoCode": repo, "envs": envs}]})
}

#[tokio::test]
async fn applications_are_made_from_their_repositories_and_assigned() {
    let scene = scene().await;
    let answer = scene.put(ASSIGN, &assignments()).await.ok();
    let app = scene.show("/applications/my-app").await;
    let other = scene.show("/applications/another-service").await;
    assert_eq!(app["environments"], json!(["production", "staging"]));
    assert_eq!(other["environments"], json!(["staging"]));
    assert_eq!(app["project"]["name"], "my-project");
    assert_eq!(
        answer.json(),
        json!({
            "message": "Applications assigned successfully",
            "apps": [
                {"repoCode": "my-app", "applicationId": app["id"]},
                {"repoCode": "another-service", "applicationId": other["id"]},
            ],
        })
    );
    scene.server.stop().await;
}

#[tokio::test]
async fn assignments_add_up_and_repeats_tell_nothing() {
    let scene = scene().await;
    scene.put(ASSIGN, &one("my-app", &["staging"])).await.ok();
    scene.put(ASSIGN, &one("my-app", &["production"])).await.ok();
    let shown = scene.show("/applications/my-app").await;
    assert_eq!(shown["environments"], json!(["staging", "production"]));
    let told = scene.told().await;
    assert_eq!(told[told.len() - 2..], ["application.created", "application.updated"]);
    scene.put(ASSIGN, &one("my-app", &["production", "staging"])).await.ok();
    assert_eq!(scene.told().await, told);
    scene.server.stop().await;
}

#[tokio::test]
async fn an_assignment_is_set_natively_and_seen_by_code() {
    let scene = scene().await;
    scene.put(ASSIGN, &one("my-app", &["staging"])).await.ok();
    let edit = json!({"environments": ["production"]});
    let edited = scene.native("PATCH", "/applications/my-app", &edit).await;
    assert_eq!(edited["environments"], json!(["production"]));
    scene.put(ASSIGN, &one("my-app", &["staging"])).await.ok();
    scene.native("PATCH", "/environments/staging", &json!({"code": "stage"})).await;
    scene.native("DELETE", "/environments/production", &json!({})).await;
    let shown = scene.show("/applications/my-app").await;
    assert_eq!(shown["environments"], json!(["stage"]));
    scene.put(ASSIGN, &one("my-app", &["staging"])).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn what_does_not_exist_is_a_403_and_nothing_is_assigned() {
    let scene = scene().await;
    let before = scene.told().await;
    let mut no_project = assignments();
    no_project["projectCode"] = json!("moon");
    let mut no_environment = assignments();
    no_environment["apps"][1]["envs"] = json!(["moon"]);
    for (body, noun) in [(no_project, "project"), (no_environment, "environment")] {
        let answer = scene.put(ASSIGN, &body).await;
        assert_error(&answer, 403, "not_found");
        assert_eq!(answer.text("message"), format!("there is no {noun} `moon`"));
    }
    let empty = json!({"projectCode": "moon", "apps": []});
    assert_error(&scene.put(ASSIGN, &empty).await, 403, "not_found");
    assert_eq!(scene.told().await, before);
    scene.server.stop().await;
}

#[tokio::test]
async fn tier_limits_are_a_403_for_all_of_it() {
    let scene = scene().await;
    scene.set(json!({"applications_max": 1})).await;
    assert_error(&scene.put(ASSIGN, &assignments()).await, 403, "quota_reached");
    assert_eq!(scene.show("/applications").await["items"], json!([]));
    scene.put(ASSIGN, &one("my-app", &["staging"])).await.ok();
    scene.put(ASSIGN, &one("my-app", &["production"])).await.ok();
    assert_error(&scene.put(ASSIGN, &one("other", &["staging"])).await, 403, "quota_reached");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_strict_organization_makes_no_application_of_a_repository() {
    let scene = scene().await;
    scene.set(json!({"strict": true})).await;
    let answer = scene.put(ASSIGN, &assignments()).await;
    assert_error(&answer, 403, "unknown_name");
    scene
        .native("POST", "/applications", &json!({"name": "my-app", "project": "my-project"}))
        .await;
    scene.put(ASSIGN, &one("my-app", &["staging"])).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn an_application_may_be_assigned_nowhere_and_nothing_may_be_assigned() {
    let scene = scene().await;
    scene.put(ASSIGN, &one("my-app", &[])).await.ok();
    assert_eq!(scene.show("/applications/my-app").await["environments"], json!([]));
    let nothing = json!({"projectCode": "my-project", "apps": []});
    assert_eq!(scene.put(ASSIGN, &nothing).await.ok().json()["apps"], json!([]));
    scene.server.stop().await;
}

#[tokio::test]
async fn a_native_edit_names_environments_that_exist() {
    let scene = scene().await;
    scene.put(ASSIGN, &one("my-app", &["staging"])).await.ok();
    for (environments, status) in
        [(json!(["moon"]), 404), (json!("staging"), 400), (json!(null), 400)]
    {
        let body = json!({ "environments": environments }).to_string();
        let call = crate::harness::Call::post("/api/v1/applications/my-app", body).method("PATCH");
        let answer = scene.server.send(call).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    scene.server.stop().await;
}
