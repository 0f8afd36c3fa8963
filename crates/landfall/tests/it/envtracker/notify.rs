//! `PUT /webhook/notify`: what a notification becomes.

use serde_json::{Value, json};

use super::{NOTIFY, Scene, assert_error, notification, with};

/// The newest deployment, as the native API shows it.
async fn newest(scene: &Scene) -> Value {
    scene.show("/deployments?limit=1").await["items"][0].clone()
}

#[tokio::test]
async fn all_seven_fields_are_recorded() {
    let scene = Scene::start().await;
    let body = with(notification(), &json!({"deployDate": "2026-03-01T11:59:00Z"}));
    let answer = scene.put(NOTIFY, &body).await.ok();
    let found = newest(&scene).await;
    for (shown, wanted) in [
        (&found["project"]["name"], json!("my-project")),
        (&found["environment"]["code"], json!("production")),
        (&found["application"]["name"], json!("my-app")),
        (&found["version"]["name"], json!("main#456")),
        (&found["status"], json!("completed")),
        (&found["branch"], json!("main")),
        (&found["build_number"], json!("456")),
        (&found["invoke_id"], json!("456")),
        (&found["ended_at"], json!("2026-03-01T11:59:00Z")),
    ] {
        assert_eq!(shown, &wanted, "{found}");
    }
    assert_eq!(
        answer.json(),
        json!({
            "message": "Deployment recorded",
            "deploymentId": found["id"], "projectId": found["project"]["id"],
            "applicationId": found["application"]["id"],
            "environmentId": found["environment"]["id"],
            "version": "main#456", "status": "completed",
        })
    );
    scene.server.stop().await;
}

#[tokio::test]
async fn the_version_is_what_there_is_of_branch_and_pipeline() {
    let scene = Scene::start().await;
    for (changes, version) in [
        (json!({}), "main#456"),
        (json!({"pipeline": "456"}), "main#456"),
        (json!({"pipeline": " 456 "}), "main#456"),
        (json!({"pipeline": "0456"}), "main#456"),
        (json!({"pipeline": null}), "main"),
        (json!({"pipeline": ""}), "main"),
        (json!({"branch": null}), "456"),
        (json!({"branch": " "}), "456"),
        (json!({"branch": "feature/x", "pipeline": 0}), "feature/x#0"),
        (json!({"pipeline": 18_446_744_073_709_551_615_u64}), "main#18446744073709551615"),
        (json!({"branch": "b".repeat(255)}), &*format!("{}#456", "b".repeat(255))),
    ] {
        let answer = scene.put(NOTIFY, &with(notification(), &changes)).await.ok();
        assert_eq!(answer.text("version"), version, "{changes}");
    }
    let neither = json!({"branch": null, "pipeline": null});
    let answer = scene.put(NOTIFY, &with(notification(), &neither)).await;
    assert_error(&answer, 400, "invalid_field");
    assert!(answer.text("message").contains("'pipeline' is required"), "{}", answer.body);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_null_counts_as_left_out_and_what_is_unknown_is_ignored() {
    let scene = Scene::start().await;
    let mut body = notification();
    for name in ["deployDate", "branch"] {
        body[name] = Value::Null;
    }
    body["jiraKey"] = json!({"deep": [1, 2]});
    scene.put(NOTIFY, &body).await.ok();
    assert_eq!(newest(&scene).await["ended_at"], "2026-03-01T12:00:01Z");
    scene.server.stop().await;
}

#[tokio::test]
async fn every_word_for_a_status_is_understood() {
    let scene = Scene::start().await;
    for (number, (word, status)) in [
        ("success", "completed"),
        ("failed", "failed"),
        ("SUCCESS", "completed"),
        (" Failed ", "failed"),
        ("running", "started"),
        ("pending", "pending"),
        ("canceled", "aborted"),
    ]
    .into_iter()
    .enumerate()
    {
        let changes = json!({"status": word, "pipeline": number});
        let answer = scene.put(NOTIFY, &with(notification(), &changes)).await.ok();
        assert_eq!(answer.text("status"), status, "{word}");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_pipeline_is_one_deployment_from_its_start_to_its_end() {
    let scene = Scene::start().await;
    let mut ids = Vec::new();
    for status in ["started", "success", "success"] {
        let changes = json!({ "status": status });
        let answer = scene.put(NOTIFY, &with(notification(), &changes)).await.ok();
        ids.push(answer.text("deploymentId"));
    }
    assert_eq!((&ids[0], &ids[1]), (&ids[1], &ids[2]));
    let told = scene.told().await;
    assert_eq!(told.iter().filter(|kind| *kind == "deployment.completed").count(), 1, "{told:?}");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_project_that_does_not_exist_is_a_403_that_is_kept() {
    let scene = Scene::start().await;
    let answer = scene.put(NOTIFY, &with(notification(), &json!({"projectCode": "moon"}))).await;
    assert_error(&answer, 403, "not_found");
    assert_eq!(answer.text("message"), "there is no project `moon`");
    let refused = scene.server.refused().await;
    let kept = &refused[0];
    assert_eq!((&*kept.dialect, &*kept.code), ("envtracker", "not_found"));
    assert_eq!(kept.request, "PUT /webhook/notify");
    assert_eq!(kept.key_id, scene.key.id);
    assert!(kept.body.contains("moon"));
    scene.server.stop().await;
}

#[tokio::test]
async fn new_names_are_made_unless_the_organization_is_strict() {
    let scene = Scene::start().await;
    scene.set(json!({"strict": true})).await;
    let answer = scene.put(NOTIFY, &notification()).await;
    assert_error(&answer, 403, "unknown_name");
    assert!(answer.text("message").contains("application `my-app` is unknown"));
    scene
        .native("POST", "/applications", &json!({"name": "my-app", "project": "my-project"}))
        .await;
    let answer = scene.put(NOTIFY, &notification()).await;
    assert!(answer.text("message").contains("environment `production` is unknown"));
    scene.set(json!({"strict": false})).await;
    scene.put(NOTIFY, &notification()).await.ok();
    let made = scene.show("/environments/production").await;
    assert_eq!(made["type"], "production");
    scene.server.stop().await;
}

#[tokio::test]
async fn tier_limits_are_a_403() {
    let scene = Scene::start().await;
    scene.put(NOTIFY, &notification()).await.ok();
    scene.set(json!({"applications_max": 1, "environments_max": 1})).await;
    for (changes, noun) in [
        (json!({"repoCode": "other"}), "application"),
        (json!({"envCode": "other"}), "environment"),
    ] {
        let answer = scene.put(NOTIFY, &with(notification(), &changes)).await;
        assert_error(&answer, 403, "quota_reached");
        let told = format!("may have 1 {noun}s and has them");
        assert!(answer.text("message").contains(&told), "{}", answer.body);
    }
    scene.put(NOTIFY, &with(notification(), &json!({"pipeline": 457}))).await.ok();
    scene.server.stop().await;
}
