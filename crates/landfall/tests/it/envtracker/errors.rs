//! Statuses beside those of the document, in the same shape.

use insta::assert_snapshot;
use landfall_api::Limits;
use landfall_engine::Options;

use super::{
    ASSIGN, CREATE, LEGACY, NOTIFY, Scene, assert_error, assignments, notification, preview, with,
};
use crate::harness::{Answer, Call, Full, Setup};

/// An answer as a person would read it.
fn shown(answer: &Answer) -> String {
    let telling = ["content-type", "www-authenticate", "retry-after", "allow"];
    let headers = telling.iter().filter_map(|name| {
        let value = answer.headers.get(*name)?.to_str().unwrap();
        Some(format!("{name}: {value}\n"))
    });
    format!("{}\n{}\n{}", answer.status, headers.collect::<String>(), answer.body)
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let scene = Scene::start().await;
    let unsigned = Call::post(NOTIFY, notification().to_string()).anonymous().method("PUT");
    assert_snapshot!(shown(&scene.server.send(unsigned).await), @r#"
    401
    content-type: application/json
    www-authenticate: HMAC-SHA256

    {"message":"the header X-Webhook-Key-Id must be sent once; every request needs X-Webhook-Key-Id, X-Webhook-Timestamp and X-Webhook-Signature","error":"missing_header"}
    "#);
    let wrong = scene.key.put(&scene.server, NOTIFY, b"{}").with("x-webhook-signature", "00");
    assert_snapshot!(shown(&scene.server.send(wrong).await), @r#"
    401
    content-type: application/json
    www-authenticate: HMAC-SHA256

    {"message":"the signing key is unknown or revoked, or X-Webhook-Signature is not the lower-case hexadecimal HMAC-SHA256 of `<X-Webhook-Timestamp>.<raw body>` under its secret","error":"invalid_signature"}
    "#);
    let late = scene.key.put_at(NOTIFY, b"{}", "1700000000");
    assert_snapshot!(shown(&scene.server.send(late).await), @r#"
    401
    content-type: application/json
    www-authenticate: HMAC-SHA256

    {"message":"X-Webhook-Timestamp must be the present Unix time in whole seconds, at most 300 from the server's 1772366400","error":"expired_timestamp"}
    "#);
    assert_snapshot!(shown(&scene.put(NOTIFY, &serde_json::json!({})).await), @r#"
    400
    content-type: application/json

    {"message":"Field 'projectCode' is required","error":"invalid_field"}
    "#);
    let moon = with(notification(), &serde_json::json!({"projectCode": "moon"}));
    assert_snapshot!(shown(&scene.put(NOTIFY, &moon).await), @r#"
    403
    content-type: application/json

    {"message":"there is no project `moon`","error":"not_found"}
    "#);
    scene.server.stop().await;
}

#[tokio::test]
async fn another_method_than_put_is_a_405() {
    let scene = Scene::start().await;
    for path in [NOTIFY, CREATE, ASSIGN, LEGACY, "/webhook/notify/"] {
        for method in ["GET", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let answer = scene.server.send(Call::new(method, path)).await;
            assert_error(&answer, 405, "method_not_allowed");
            assert_eq!(answer.header("allow"), "PUT", "{method} {path}");
        }
        assert_eq!(scene.server.send(Call::new("HEAD", path)).await.status, 405);
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_a_404_of_this_shape() {
    let scene = Scene::start().await;
    for path in ["/webhook/other", "/webhook/notify/x", "/v1/company/default", "/v1/company/a/b/c"]
    {
        for method in ["GET", "PUT"] {
            assert_error(&scene.server.send(Call::new(method, path)).await, 404, "not_found");
        }
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_long_body_is_a_413() {
    let limits = Limits { body_bytes_max: 300, ..Limits::default() };
    let scene = Scene::start_with(Setup { limits, ..Setup::default() }).await;
    let long = with(notification(), &serde_json::json!({"x": "x".repeat(300)}));
    assert_error(&scene.put(NOTIFY, &long).await, 413, "body_too_large");
    scene.put(NOTIFY, &notification()).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn another_type_than_json_is_a_415_and_a_report_is_kept() {
    let scene = Scene::start().await;
    for (path, body) in [
        (NOTIFY, notification()),
        (LEGACY, notification()),
        (CREATE, preview()),
        (ASSIGN, assignments()),
    ] {
        // Two bodies are the same, and of one signature one is kept.
        scene.tick();
        let call = scene.key.put(&scene.server, path, body.to_string().as_bytes());
        let answer = scene.server.send(call.with("content-type", "text/plain")).await;
        assert_error(&answer, 415, "unsupported_media_type");
    }
    let codes: Vec<String> = scene.server.refused().await.into_iter().map(|r| r.code).collect();
    assert_eq!(codes, ["unsupported_media_type"; 2]);
    let bare = scene.key.put(&scene.server, NOTIFY, notification().to_string().as_bytes());
    scene.server.send(bare.without("content-type")).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_a_429() {
    let options = Options { rate_per_key: 5, ..Options::default() };
    let scene = Scene::start_with(Setup { options, ..Setup::default() }).await;
    let limited = loop {
        let answer = scene.put(NOTIFY, &notification()).await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_error(&limited, 429, "too_many_requests");
    assert_eq!(limited.header("retry-after"), "1");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_a_503_that_says_when_to_try_again() {
    let scene = Scene::start().await;
    let full = Full::behind(&scene.server.writer).await;
    let call = scene.key.put(&scene.server, NOTIFY, notification().to_string().as_bytes());
    let answer = scene.server.send(call.clone()).await;
    assert_error(&answer, 503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    full.release().await;
    // The very same request may come again, since it was not taken in.
    scene.server.send(call).await.ok();
    scene.server.stop().await;
}
