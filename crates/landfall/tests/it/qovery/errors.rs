//! Errors: each in the shape that Qovery's documentation shows.

use std::time::Duration;

use insta::assert_snapshot;
use landfall_api::Limits;
use landfall_domain::access::Scope;
use landfall_engine::Options;
use serde_json::json;

use super::{NOTHING, body, get, make, path_of, webhooks};
use crate::harness::{Answer, Call, Full, Server, Setup, noon};

/// Headers that say more than the status.
const TELLING: [&str; 5] =
    ["www-authenticate", "retry-after", "allow", "x-ratelimit-limit", "x-ratelimit-remaining"];

/// An answer as a person would read it, if it has the shape.
pub(super) fn shown(answer: &Answer) -> String {
    let json = answer.json();
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(json["status"], answer.status);
    assert_eq!(json.as_object().unwrap().len(), 3, "{json}");
    let headers = TELLING.iter().filter_map(|name| {
        let value = answer.headers.get(*name)?.to_str().unwrap();
        Some(format!("{name}: {value}\n"))
    });
    format!("{}\n{}{}", answer.status, headers.collect::<String>(), answer.body)
}

fn create(server: &Server) -> Call {
    Call::post(&webhooks(server), body(&json!({})).to_string())
}

#[tokio::test]
async fn a_missing_field_is_a_400_in_the_documents_words() {
    let server = Server::start().await;
    let body = r#"{"target_url": "https://example.com", "events": []}"#;
    let answer = server.send(Call::post(&webhooks(&server), body)).await;
    assert_snapshot!(shown(&answer), @r#"
    400
    {"status":400,"error":"Bad Request","message":"Validation error: kind is required"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn an_address_that_is_not_public_is_a_400_that_names_the_setting() {
    let server = Server::start_with(Setup { egress_allow: "", ..Setup::default() }).await;
    let body = body(&json!({"target_url": "http://127.0.0.1:9/hook"}));
    let answer = server.post(&webhooks(&server), &body).await;
    assert_snapshot!(shown(&answer), @r#"
    400
    {"status":400,"error":"Bad Request","message":"Validation error: target_url names 127.0.0.1, which is not public; an operator can open it with LANDFALL_EGRESS_ALLOW"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_opens_nothing_is_a_401_whatever_is_wrong_with_it() {
    let server = Server::start().await;
    let soon = noon() + Duration::from_secs(1);
    let expired = server.key(&[Scope::Admin], Some(soon)).await;
    server.ambient.set(soon);
    let made = make(&server, json!({})).await;
    let one = path_of(&server, &made);
    let mut shapes = Vec::new();
    for (method, path) in [
        ("GET", "/organization".to_owned()),
        ("GET", webhooks(&server)),
        ("POST", webhooks(&server)),
        ("GET", one.clone()),
        ("PUT", one.clone()),
        ("DELETE", one.clone()),
        ("GET", format!("{one}/event")),
        ("GET", format!("/organization/{NOTHING}/webhook")),
        ("POST", "/organization/nonsense/webhook".to_owned()),
    ] {
        let call = Call::post(&path, "{").method(method);
        shapes.push(shown(&server.send(call.clone().anonymous()).await));
        for value in [
            format!("Token {expired}"),
            format!("Bearer {expired}"),
            format!("Basic {}", server.admin_key),
            server.admin_key.clone(),
            "Token ".to_owned(),
            "Token eyJhbGciOiJIUzI1NiJ9.e30.x".to_owned(),
        ] {
            let call = call.clone().with("authorization", &value);
            shapes.push(shown(&server.send(call).await));
        }
    }
    assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{shapes:#?}");
    assert_snapshot!(shapes[0], @r#"
    401
    www-authenticate: Bearer
    {"status":401,"error":"Unauthorized","message":"the API key is missing, wrong, expired or revoked; send a live one as `Authorization: Token sk_…` or `Authorization: Bearer sk_…`"}
    "#);
    assert_eq!(get(&server, &one).await, made);
    server.stop().await;
}

#[tokio::test]
async fn a_key_without_the_scope_is_a_403_before_anything_else_is_told() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    let (one, many) = (path_of(&server, &made), webhooks(&server));
    let reporter = server.key(&[Scope::Report], None).await;
    let reader = server.key(&[Scope::Read], None).await;
    let foreign = format!("/organization/{NOTHING}/webhook");
    let mut shapes = Vec::new();
    for (method, path) in [("POST", &many), ("PUT", &one), ("DELETE", &one), ("POST", &foreign)] {
        let call = Call::post(path, "{").method(method).key(&reader);
        shapes.push(shown(&server.send(call).await));
    }
    assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{shapes:#?}");
    assert_snapshot!(shapes[0], @r#"
    403
    {"status":403,"error":"Forbidden","message":"this API key may not do that; it needs the scope `manage`"}
    "#);
    for path in ["/organization", &many, &one, &format!("{one}/event"), &foreign] {
        let denied = server.send(Call::new("GET", path).key(&reporter)).await;
        assert_eq!(denied.status, 403, "{path}");
        assert_eq!(
            server.send(Call::new("GET", path).key(&reader)).await.status == 200,
            *path != foreign
        );
    }
    assert_eq!(get(&server, &one).await, made);
    server.stop().await;
}

#[tokio::test]
async fn a_long_body_is_a_413_and_another_type_a_415() {
    let limits = Limits { body_bytes_max: 300, ..Limits::default() };
    let server = Server::start_with(Setup { limits, ..Setup::default() }).await;
    let long = body(&json!({"description": "x".repeat(300)}));
    let answer = server.post(&webhooks(&server), &long).await;
    assert_snapshot!(shown(&answer), @r#"
    413
    {"status":413,"error":"Payload Too Large","message":"Request body is larger than 300 bytes"}
    "#);
    let answer = server.send(create(&server).with("content-type", "text/plain")).await;
    assert_snapshot!(shown(&answer), @r#"
    415
    {"status":415,"error":"Unsupported Media Type","message":"Content-Type must be application/json; with curl, add -H 'Content-Type: application/json'"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_a_429() {
    let options = Options { rate_per_key: 2, ..Options::default() };
    let server = Server::start_with(Setup { options, ..Setup::default() }).await;
    let key = server.key(&[Scope::Read], None).await;
    let limited = loop {
        let answer = server.send(Call::new("GET", &webhooks(&server)).key(&key)).await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_snapshot!(shown(&limited), @r#"
    429
    retry-after: 1
    x-ratelimit-limit: 2
    x-ratelimit-remaining: 0
    {"status":429,"error":"Too Many Requests","message":"Rate limit exceeded. Try again in 1 seconds."}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_a_503_that_says_when_to_try_again() {
    let server = Server::start().await;
    let full = Full::behind(&server.writer).await;
    let answer = server.send(create(&server)).await;
    assert_snapshot!(shown(&answer), @r#"
    503
    retry-after: 1
    {"status":503,"error":"Service Unavailable","message":"Landfall can't store or read right now; try again in a second"}
    "#);
    full.release().await;
    assert_eq!(get(&server, &webhooks(&server)).await, json!({"results": []}));
    assert_eq!(server.send(create(&server)).await.status, 201);
    server.stop().await;
}
