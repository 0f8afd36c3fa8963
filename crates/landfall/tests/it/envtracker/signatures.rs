//! Who signed: three headers, the raw bytes of the body, five minutes on either side of now.

use landfall_domain::signing::{SECRET_OF_NO_KEY, seconds, sign};
use serde_json::json;

use super::{Key, NOTIFY, Scene, assert_error, notification};
use crate::harness::{Call, noon};

const HEADERS: [&str; 3] = ["x-webhook-key-id", "x-webhook-timestamp", "x-webhook-signature"];

/// A body as a person may write it: white space counts, since bytes are signed.
const SPACED: &[u8] = br#"{ "projectCode": "my-project", "envCode": "production",
    "repoCode": "my-app", "pipeline": 456, "status": "success" }
"#;

fn at(offset: i64) -> String {
    (seconds(noon()) + offset).to_string()
}

#[tokio::test]
async fn a_request_is_taken_to_the_second_five_minutes_before_and_after() {
    let scene = Scene::start().await;
    let body = notification().to_string();
    for (offset, status) in [(-301, 401), (-300, 200), (0, 200), (300, 200), (301, 401)] {
        let call = scene.key.put_at(NOTIFY, body.as_bytes(), &at(offset));
        let answer = scene.server.send(call).await;
        assert_eq!(answer.status, status, "{offset}: {}", answer.body);
        if status == 401 {
            assert_error(&answer, 401, "expired_timestamp");
            assert!(answer.text("message").contains("1772366400"), "the server's time helps");
        }
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn the_bytes_are_signed_as_they_are_sent() {
    let scene = Scene::start().await;
    scene.server.send(scene.key.put_at(NOTIFY, SPACED, &at(0))).await.ok();
    let signature = sign(&scene.key.secret, &at(0), SPACED);
    let compact: serde_json::Value = serde_json::from_slice(SPACED).unwrap();
    let call = scene.key.put_at(NOTIFY, compact.to_string().as_bytes(), &at(0));
    let answer = scene.server.send(call.with("x-webhook-signature", &signature)).await;
    assert_error(&answer, 401, "invalid_signature");
    scene.server.stop().await;
}

#[tokio::test]
async fn every_header_is_needed_once() {
    let scene = Scene::start().await;
    let good = || scene.key.put_at(NOTIFY, SPACED, &at(0));
    for header in HEADERS {
        let missing = scene.server.send(good().without(header)).await;
        assert_error(&missing, 401, "missing_header");
        assert!(missing.text("message").to_lowercase().contains(header), "{}", missing.body);
        let twice = scene.server.send(good().and(header, "x")).await;
        assert_error(&twice, 401, "missing_header");
        let blank = scene.server.send(good().with(header, "")).await;
        assert_eq!(blank.status, 401, "{header}");
        let no_text = scene.server.send(good().with(header, "é")).await;
        assert_eq!(no_text.status, 401, "{header}");
    }
    let bearer = Call::post(NOTIFY, notification().to_string()).method("PUT");
    assert_error(&scene.server.send(bearer).await, 401, "missing_header");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_signature_is_exactly_lower_case_hexadecimal() {
    let scene = Scene::start().await;
    let good = sign(&scene.key.secret, &at(0), SPACED);
    let others = [
        good.to_uppercase(),
        format!("sha256={good}"),
        format!("0x{good}"),
        good[..63].to_owned(),
        format!("{good}0"),
        good.replace(|c: char| c.is_ascii_digit(), "0"),
        sign("another secret", &at(0), SPACED),
        sign(&scene.key.secret, &at(1), SPACED),
        sign(&scene.key.secret, "", SPACED),
    ];
    for signature in others {
        let call = scene.key.put_at(NOTIFY, SPACED, &at(0));
        let answer = scene.server.send(call.with("x-webhook-signature", &signature)).await;
        assert_error(&answer, 401, "invalid_signature");
        assert_eq!(answer.header("www-authenticate"), "HMAC-SHA256");
    }
    assert_eq!(scene.told().await, ["project.created", "project.created"]);
    scene.server.stop().await;
}

#[tokio::test]
async fn a_timestamp_is_decimal_seconds() {
    let scene = Scene::start().await;
    let now = at(0);
    for timestamp in [
        format!("{now}000"),
        format!("+{now}"),
        format!("-{now}"),
        format!("{now}.0"),
        format!("{now}.5"),
        "2026-03-01T12:00:00Z".to_owned(),
        "0".to_owned(),
        "now".to_owned(),
        "0x69a42c40".to_owned(),
        "9".repeat(400),
    ] {
        // Signed as it is sent, so that nothing else is wrong with it.
        let answer = scene.server.send(scene.key.put_at(NOTIFY, SPACED, &timestamp)).await;
        assert_error(&answer, 401, "expired_timestamp");
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn nobody_learns_which_keys_there_are() {
    let scene = Scene::start().await;
    let revoked = Key::new(&scene.server).await;
    scene.native("DELETE", &format!("/signing-keys/{}", revoked.id), &json!({})).await;
    let mut answers = Vec::new();
    for (id, secret) in [
        (&*scene.key.id, "a wrong secret"),
        (&*revoked.id, &*revoked.secret),
        ("wk_default_unknown", &*scene.key.secret),
        ("wk_nowhere_unknown", &*scene.key.secret),
        ("wk_default_unknown", SECRET_OF_NO_KEY),
        ("wk_nowhere_unknown", SECRET_OF_NO_KEY),
        (&*scene.key.id, SECRET_OF_NO_KEY),
        (&*revoked.id, SECRET_OF_NO_KEY),
        ("k1", &*scene.key.secret),
        ("wk_default_", &*scene.key.secret),
        ("' OR 1=1 --", &*scene.key.secret),
        (&*scene.server.admin_key, &*scene.key.secret),
    ] {
        let key = Key { id: id.to_owned(), secret: secret.to_owned() };
        answers.push(scene.server.send(key.put_at(NOTIFY, SPACED, &at(0))).await);
    }
    for answer in &answers {
        assert_error(answer, 401, "invalid_signature");
        assert_eq!(answer.body, answers[0].body);
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_then_on_and_others_go_on() {
    let scene = Scene::start().await;
    let next = Key::new(&scene.server).await;
    for key in [&scene.key, &next] {
        scene.tick();
        scene.server.send(key.put(&scene.server, NOTIFY, SPACED)).await.ok();
    }
    scene.native("DELETE", &format!("/signing-keys/{}", scene.key.id), &json!({})).await;
    scene.tick();
    let answer = scene.server.send(scene.key.put(&scene.server, NOTIFY, SPACED)).await;
    assert_error(&answer, 401, "invalid_signature");
    scene.server.send(next.put(&scene.server, NOTIFY, SPACED)).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn the_tenant_is_the_one_of_the_key_whatever_the_host_says() {
    let scene = Scene::start().await;
    let (api_key, acme) = scene.server.organization("acme").await;
    let key = Key::of(&scene.server, &api_key, true).await;
    assert!(key.id.starts_with("wk_acme_"), "{}", key.id);
    let call = key.put_at(NOTIFY, SPACED, &at(0)).with("host", "default.envtracker.io");
    assert_error(&scene.server.send(call.clone()).await, 403, "not_found");
    let project = Call::post("/api/v1/projects", r#"{"name":"my-project"}"#).key(&api_key);
    assert_eq!(scene.server.send(project).await.status, 201);
    let call = key.put_at(NOTIFY, SPACED, &at(1)).with("host", "default.envtracker.io");
    scene.server.send(call).await.ok();
    assert_eq!(scene.server.record(acme.organization).await.deployments.len(), 1);
    assert_eq!(scene.server.record(scene.server.admin.organization).await.deployments.len(), 0);
    scene.server.stop().await;
}
