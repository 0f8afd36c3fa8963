//! `PUT /webhook/create-environment`: made as the document says, and seen in the native API.

use serde_json::json;

use super::{CREATE, NOTIFY, Scene, assert_error, notification, preview, with};

#[tokio::test]
async fn an_environment_is_made_with_all_that_is_said() {
    let scene = Scene::start().await;
    let answer = scene.put(CREATE, &preview()).await.ok();
    let shown = scene.show("/environments/feature-preview").await;
    assert_eq!(
        answer.json(),
        json!({
            "message": "Environment created successfully",
            "environmentId": shown["id"], "code": "feature-preview",
        })
    );
    for (field, wanted) in [
        ("name", json!("Feature Branch Preview")),
        ("code", json!("feature-preview")),
        ("team", json!("engineering")),
        ("url", json!("https://feature.example.com")),
        ("position", json!(3)),
        ("type", json!("development")),
    ] {
        assert_eq!(shown[field], wanted, "{field}");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn each_type_of_the_document_is_taken_in_any_case() {
    let scene = Scene::start().await;
    for word in ["DEVELOPMENT", "STAGING", "PRODUCTION", "TESTING", "staging", "Testing"] {
        let code = format!("env-{word}");
        let changes = json!({"code": code, "type": word});
        scene.put(CREATE, &with(preview(), &changes)).await.ok();
        let shown = scene.show(&format!("/environments/{code}")).await;
        assert_eq!(shown["type"], word.to_lowercase(), "{word}");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn url_and_position_may_be_left_out() {
    let scene = Scene::start().await;
    for (code, url, position) in
        [("a", json!(null), json!(null)), ("b", json!(""), json!(-4)), ("c", json!(" "), json!(0))]
    {
        let mut body = preview();
        body["code"] = json!(code);
        body["url"] = url;
        body["position"] = position.clone();
        scene.put(CREATE, &body).await.ok();
        let shown = scene.show(&format!("/environments/{code}")).await;
        assert_eq!(shown["url"], json!(null));
        assert_eq!(shown["position"], json!(position.as_i64().unwrap_or(0)));
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn position_orders_environments_of_a_type() {
    let scene = Scene::start().await;
    for (code, position) in [("third", 30), ("first", -1), ("second", 2)] {
        let changes = json!({"code": code, "position": position});
        scene.put(CREATE, &with(preview(), &changes)).await.ok();
    }
    let shown = scene.show("/environments").await;
    let codes: Vec<_> = shown["items"].as_array().unwrap().iter().map(|e| &e["code"]).collect();
    assert_eq!(codes, ["first", "second", "third"]);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_code_that_is_or_was_in_use_is_a_403() {
    let scene = Scene::start().await;
    scene.put(CREATE, &preview()).await.ok();
    let again = scene.put(CREATE, &preview()).await;
    assert_error(&again, 403, "name_taken");
    scene.native("PATCH", "/environments/feature-preview", &json!({"code": "fresh"})).await;
    let former = scene.put(CREATE, &preview()).await;
    assert_error(&former, 403, "name_taken");
    assert!(former.text("message").contains("former name"), "{}", former.body);
    scene.native("DELETE", "/environments/fresh", &json!({})).await;
    scene.put(CREATE, &preview()).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn an_unknown_team_is_a_403() {
    let scene = Scene::start().await;
    let other = with(preview(), &json!({"teamCode": "marketing"}));
    let answer = scene.put(CREATE, &other).await;
    assert_error(&answer, 403, "not_found");
    assert_eq!(answer.text("message"), "there is no team `marketing`");
    scene.native("POST", "/teams", &json!({"code": "marketing"})).await;
    scene.put(CREATE, &other).await.ok();
    scene.native("DELETE", "/teams/engineering", &json!({})).await;
    let gone = scene.put(CREATE, &with(preview(), &json!({"code": "other"}))).await;
    assert_error(&gone, 403, "not_found");
    scene.server.stop().await;
}

#[tokio::test]
async fn tier_limits_are_a_403_and_archived_environments_do_not_count() {
    let scene = Scene::start().await;
    scene.set(json!({"environments_max": 1})).await;
    scene.put(CREATE, &preview()).await.ok();
    let other = with(preview(), &json!({"code": "other"}));
    assert_error(&scene.put(CREATE, &other).await, 403, "quota_reached");
    scene.native("PATCH", "/environments/feature-preview", &json!({"archived": true})).await;
    scene.put(CREATE, &other).await.ok();
    scene.set(json!({"environments_max": null})).await;
    scene.put(CREATE, &with(preview(), &json!({"code": "third"}))).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn a_strict_organization_lets_environments_be_made_by_name() {
    let scene = Scene::start().await;
    scene.set(json!({"strict": true})).await;
    scene.put(CREATE, &preview()).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn an_environment_that_was_renamed_is_still_notified_of() {
    let scene = Scene::start().await;
    scene.put(CREATE, &preview()).await.ok();
    scene.native("PATCH", "/environments/feature-preview", &json!({"code": "feature"})).await;
    let told = with(notification(), &json!({"envCode": "feature-preview"}));
    scene.put(NOTIFY, &told).await.ok();
    let shown = scene.show("/deployments").await;
    assert_eq!(shown["items"][0]["environment"]["code"], "feature");
    scene.server.stop().await;
}
