//! The legacy URL: names in the path, on the way out, and closed to keys that need not use it.

use serde_json::{Value, json};

use super::{Key, LEGACY, Scene, assert_error};
use crate::harness::{Answer, Call};

/// The document's body, its date left out.
fn body() -> Value {
    json!({"pipeline": 456, "status": "success", "gitTracking": {"branch": "main"}})
}

#[track_caller]
fn assert_deprecated(answer: &Answer) {
    assert_eq!(answer.header("deprecation"), "true", "{answer:?}");
    assert_eq!(answer.header("link"), "</webhook/notify>; rel=\"successor-version\"", "{answer:?}");
}

#[tokio::test]
async fn the_path_names_what_the_body_does_not() {
    let scene = Scene::start().await;
    let answer = scene.put(LEGACY, &body()).await.ok();
    assert_deprecated(&answer);
    assert_eq!(answer.text("message"), "Deployment recorded");
    let found = scene.show("/deployments").await["items"][0].clone();
    assert_eq!(found["project"]["name"], "my-project");
    assert_eq!(found["application"]["name"], "my-app");
    assert_eq!(found["environment"]["code"], "production");
    assert_eq!(found["version"]["name"], "main#456");
    assert_eq!((&found["branch"], &found["invoke_id"]), (&json!("main"), &json!("456")));
    scene.server.stop().await;
}

#[tokio::test]
async fn a_body_may_lack_its_branch_and_its_date() {
    let scene = Scene::start().await;
    for (git, version) in [
        (json!({"branch": "main"}), "main#456"),
        (json!({"branch": null}), "456"),
        (json!({}), "456"),
        (Value::Null, "456"),
    ] {
        let mut told = body();
        told["gitTracking"] = git.clone();
        told["deployDate"] = Value::Null;
        let answer = scene.put(LEGACY, &told).await.ok();
        assert_eq!(answer.text("version"), version, "{git}");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn names_in_the_path_are_decoded() {
    let scene = Scene::start().await;
    let path = LEGACY.replace("my-app", "shop%2Fweb%20%C3%A9").replace("production", "pr%231");
    scene.put(&path, &body()).await.ok();
    let found = scene.show("/deployments").await["items"][0].clone();
    assert_eq!(found["application"]["name"], "shop/web é");
    assert_eq!(found["environment"]["code"], "pr#1");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_path_that_names_nothing_is_a_400() {
    let scene = Scene::start().await;
    let (long, longer) = ("x".repeat(256), "x".repeat(20_000));
    for (path, told) in [
        (LEGACY.replace("my-project", "%20"), "'projectCode' must not be empty"),
        (LEGACY.replace("my-app", "%09"), "'appCode' must not be empty"),
        (LEGACY.replace("production", "%20"), "'envCode' must not be empty"),
        (LEGACY.replace("default", "%20"), "'companyCode' must not be empty"),
        (LEGACY.replace("my-project", ""), "'projectCode' must not be empty"),
        (LEGACY.replace("my-app", ""), "'appCode' must not be empty"),
        (LEGACY.replace("default", ""), "'companyCode' must not be empty"),
        (LEGACY.replace("production", ""), "'envCode' must not be empty"),
        (LEGACY.replace("my-app", "%FF"), "'path' must be UTF-8"),
        (LEGACY.replace("my-app", "a%00b"), "'appCode' must not contain control characters"),
        (LEGACY.replace("my-app", "a%0Ab"), "'appCode' must not contain control characters"),
        (LEGACY.replace("my-app", &long), "'appCode' is 256 characters long"),
        (LEGACY.replace("production", &long), "'envCode' is 256 characters long"),
        (LEGACY.replace("my-app", &longer), "'appCode' is 20000 characters long"),
        (LEGACY.replace("my-project", &long), "'projectCode' is 256 characters long"),
    ] {
        let answer = scene.put(&path, &body()).await;
        assert_error(&answer, 400, "invalid_field");
        assert_deprecated(&answer);
        assert!(answer.text("message").contains(told), "{path}: {}", answer.body);
        let kept = &scene.server.refused().await[0];
        assert!(kept.code == "invalid_field" && kept.request.len() < 600, "{kept:?}");
    }
    assert_eq!(scene.told().await, ["project.created", "project.created"]);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_body_of_another_url_is_refused_by_the_field_that_gives_it_away() {
    let scene = Scene::start().await;
    for field in ["projectCode", "envCode", "repoCode", "apps", "teamCode"] {
        for value in [json!("my-app"), json!([{}]), Value::Null] {
            let mut told = body();
            told[field] = value;
            let answer = scene.put(LEGACY, &told).await;
            assert_error(&answer, 400, "invalid_field");
            assert_deprecated(&answer);
            let message = answer.text("message");
            assert!(message.contains(&format!("'{field}'")), "{message}");
            assert!(message.contains("this body belongs to /webhook/notify"), "{message}");
        }
        // An escape makes no other name of it, and a name further down is nobody's.
        let escaped = body().to_string().replacen(
            '{',
            &format!("{{\"\\u{:04x}{}\":1,", field.as_bytes()[0], &field[1..]),
            1,
        );
        scene.tick();
        let call = scene.key.put(&scene.server, LEGACY, escaped.as_bytes());
        assert_error(&scene.server.send(call).await, 400, "invalid_field");
        let mut within = body();
        within["gitTracking"][field] = json!("my-app");
        scene.put(LEGACY, &within).await.ok();
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn the_company_is_the_keys_own_by_slug_or_id() {
    let scene = Scene::start().await;
    let id = scene.server.admin.organization.to_string();
    for own in [id.clone(), id.to_uppercase(), "default".to_owned()] {
        scene.put(&LEGACY.replace("default", &own), &body()).await.ok();
    }
    scene.server.organization("acme").await;
    for other in ["acme", "nowhere", "Default", "018f0000-0000-7000-8000-000000000000"] {
        let answer = scene.put(&LEGACY.replace("default", other), &body()).await;
        assert_error(&answer, 403, "unknown_company");
        assert_deprecated(&answer);
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_project_that_does_not_exist_is_a_403() {
    let scene = Scene::start().await;
    let answer = scene.put(&LEGACY.replace("my-project", "moon"), &body()).await;
    assert_error(&answer, 403, "not_found");
    assert_deprecated(&answer);
    assert_eq!(scene.server.refused().await[0].code, "not_found");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_key_can_be_kept_from_the_legacy_url() {
    let scene = Scene::start().await;
    let closed = Key::of(&scene.server, &scene.server.admin_key, false).await;
    let told = body().to_string();
    let put = || {
        scene.tick();
        scene.server.send(closed.put(&scene.server, LEGACY, told.as_bytes()))
    };
    let answer = put().await;
    assert_error(&answer, 403, "legacy_not_allowed");
    assert_deprecated(&answer);
    assert_eq!(scene.server.refused().await[0].code, "legacy_not_allowed");
    let path = format!("/signing-keys/{}", closed.id);
    scene.native("PATCH", &path, &json!({"allows_legacy": true})).await;
    put().await.ok();
    scene.native("PATCH", &path, &json!({"allows_legacy": false})).await;
    assert_eq!(put().await.status, 403);
    scene
        .server
        .send(closed.put(
            &scene.server,
            super::NOTIFY,
            super::notification().to_string().as_bytes(),
        ))
        .await
        .ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn every_error_says_that_the_url_is_deprecated() {
    let scene = Scene::start().await;
    let unsigned = scene.server.send(Call::post(LEGACY, "{}").method("PUT")).await;
    assert_error(&unsigned, 401, "missing_header");
    let method = scene.server.send(Call::new("GET", LEGACY)).await;
    assert_error(&method, 405, "method_not_allowed");
    let empty = scene.server.send(Call::new("GET", &LEGACY.replace("my-app", ""))).await;
    assert_error(&empty, 405, "method_not_allowed");
    let unknown = scene.server.send(Call::new("PUT", "/v1/company/default/project/x")).await;
    assert_error(&unknown, 404, "not_found");
    let wrong = scene.put(LEGACY, &json!({"pipeline": 1})).await;
    assert_error(&wrong, 400, "invalid_field");
    for answer in [unsigned, method, empty, unknown, wrong] {
        assert_deprecated(&answer);
    }
    let successor = scene.put(super::NOTIFY, &super::notification()).await.ok();
    assert_eq!(successor.header("deprecation"), "");
    scene.server.stop().await;
}
