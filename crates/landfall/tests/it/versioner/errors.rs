//! Errors: in the shapes that the document shows and that the real clients parse.

use std::time::Duration;

use insta::assert_snapshot;
use landfall_api::Limits;
use landfall_domain::access::Scope;
use landfall_engine::Options;
use serde_json::json;

use super::Kind;
use crate::harness::{Answer, Call, Full, Server, Setup, noon};

/// Headers that say more than the status.
const TELLING: [&str; 7] = [
    "content-type",
    "www-authenticate",
    "retry-after",
    "allow",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];

/// An answer as a person would read it.
fn shown(answer: &Answer) -> String {
    let headers = TELLING.iter().filter_map(|name| {
        let value = answer.headers.get(*name)?.to_str().unwrap();
        Some(format!("{name}: {value}\n"))
    });
    format!("{}\n{}\n{}", answer.status, headers.collect::<String>(), answer.body)
}

fn good() -> Call {
    Call::post("/deployment-events/", Kind::Deployment.body(&json!({})).to_string())
}

#[tokio::test]
async fn a_missing_field_is_a_400_in_the_documents_words() {
    let server = Server::start().await;
    let body = r#"{"version": "1.2.3", "environment_name": "production", "status": "success"}"#;
    let answer = server.send(Call::post("/deployment-events/", body)).await;
    assert_snapshot!(shown(&answer), @r#"
    400
    content-type: application/json

    {"detail":"Field 'product_name' is required","error":"invalid_field","message":"Field 'product_name' is required"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn no_json_is_a_400_that_says_where() {
    let server = Server::start().await;
    let answer = server.send(Call::post("/deployment-events/", "{\"product_name\": }")).await;
    assert_snapshot!(shown(&answer), @r#"
    400
    content-type: application/json

    {"detail":"Invalid JSON in request body: expected value at line 1 column 18","error":"invalid_json","message":"Invalid JSON in request body: expected value at line 1 column 18"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_opens_nothing_is_a_401_whatever_is_wrong_with_it() {
    let server = Server::start().await;
    let (foreign, _) = server.organization("acme").await;
    let foreign_secret = foreign.replace("sk_acme_", "sk_default_");
    let revoked = server.key(&[Scope::Report], None).await;
    server.engine.revoke_key(&server.admin, revoked.split('_').nth(2).unwrap()).await.unwrap();
    let soon = noon() + Duration::from_secs(1);
    let expired = server.key(&[Scope::Report], Some(soon)).await;
    server.ambient.set(soon);
    let wrong = format!("{}x", &server.admin_key[..server.admin_key.len() - 1]);
    let bearer = |key: &str| format!("Bearer {key}");
    let mut shapes = Vec::new();
    for authorization in [
        bearer(&foreign_secret),
        bearer(&revoked),
        bearer(&expired),
        bearer(&wrong),
        bearer("sk_nowhere_k1_0123456789abcdefghijklmnopqrstuv"),
        bearer("sk_default_k99_0123456789abcdefghijklmnopqrstuv"),
        bearer("pat_something"),
        bearer(""),
        format!("Basic {}", server.admin_key),
        format!("Token {}", server.admin_key),
        server.admin_key.clone(),
    ] {
        shapes.push(shown(&server.send(good().with("authorization", &authorization)).await));
    }
    shapes.push(shown(&server.send(good().anonymous()).await));
    assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{shapes:#?}");
    assert_snapshot!(shapes[0], @r#"
    401
    content-type: application/json
    www-authenticate: Bearer

    {"detail":"Invalid API key","error":"unauthenticated","message":"Invalid API key"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_expires_works_until_then() {
    let server = Server::start().await;
    let later = noon() + Duration::from_mins(1);
    let key = server.key(&[Scope::Report], Some(later)).await;
    server.send(good().key(&key)).await.ok();
    server.ambient.set(later);
    assert_eq!(server.send(good().key(&key)).await.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_key_for_reading_is_a_403() {
    let server = Server::start().await;
    let key = server.key(&[Scope::Read], None).await;
    let answer = server.send(good().key(&key)).await;
    assert_snapshot!(shown(&answer), @r#"
    403
    content-type: application/json

    {"detail":"this API key may not do that; it needs the scope `report`","error":"forbidden","message":"this API key may not do that; it needs the scope `report`"}
    "#);
    for scope in [Scope::Report, Scope::Manage, Scope::Admin] {
        let key = server.key(&[scope], None).await;
        server.send(good().key(&key)).await.ok();
    }
    server.stop().await;
}

#[tokio::test]
async fn a_foreign_key_reports_to_its_own_organization() {
    let server = Server::start().await;
    let (foreign, caller) = server.organization("acme").await;
    server.send(good().key(&foreign)).await.ok();
    assert_eq!(server.record(server.admin.organization).await.deployments.len(), 0);
    assert_eq!(server.record(caller.organization).await.deployments.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_version_of_another_commit_is_a_409() {
    let server = Server::start().await;
    let build = |sha: &str| Kind::Build.body(&json!({"scm_sha": sha}));
    server.post("/build-events/", &build("abc123")).await.ok();
    let answer = server.post("/build-events/", &build("def456")).await;
    assert_snapshot!(shown(&answer), @r#"
    409
    content-type: application/json

    {"detail":"Version 1.2.3 already exists with different SHA","error":"version_conflict","message":"Version 1.2.3 already exists with different SHA"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_report_that_would_make_one_too_many_is_a_403() {
    let server = Server::start().await;
    let settings = json!({"settings": {"environments_max": 1}}).to_string();
    let limit = Call::post("/api/v1/organization", settings).method("PATCH");
    server.send(limit).await.ok();
    server.send(good()).await.ok();
    let body = Kind::Deployment.body(&json!({"environment_name": "staging"}));
    let answer = server.post("/deployment-events/", &body).await;
    assert_eq!((answer.status, &*answer.text("error")), (403, "quota_reached"), "{}", answer.body);
    assert_eq!(server.refused().await[0].code, "quota_reached");
    server.stop().await;
}

#[tokio::test]
async fn a_long_body_is_a_413() {
    let limits = Limits { body_bytes_max: 300, ..Limits::default() };
    let server = Server::start_with(Setup { limits, ..Setup::default() }).await;
    let body = Kind::Deployment.body(&json!({"extra_metadata": {"k": "x".repeat(300)}}));
    let answer = server.post("/deployment-events/", &body).await;
    assert_snapshot!(shown(&answer), @r#"
    413
    content-type: application/json

    {"detail":"Request body is larger than 300 bytes","error":"body_too_large","message":"Request body is larger than 300 bytes"}
    "#);
    server.send(good()).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn another_type_than_json_is_a_415() {
    let server = Server::start().await;
    let answer = server.send(good().with("content-type", "text/plain")).await;
    assert_snapshot!(shown(&answer), @r#"
    415
    content-type: application/json

    {"detail":"Content-Type must be application/json; with curl, add -H 'Content-Type: application/json'","error":"unsupported_media_type","message":"Content-Type must be application/json; with curl, add -H 'Content-Type: application/json'"}
    "#);
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_a_429() {
    let options = Options { rate_per_key: 2, ..Options::default() };
    let server = Server::start_with(Setup { options, ..Setup::default() }).await;
    let key = server.key(&[Scope::Report], None).await;
    let mut statuses = Vec::new();
    let limited = loop {
        let answer = server.send(good().key(&key)).await;
        statuses.push(answer.status);
        if answer.status != 200 || statuses.len() > 100 {
            break answer;
        }
    };
    assert!(statuses.len() > 2, "the first two are free: {statuses:?}");
    assert_snapshot!(shown(&limited), @r#"
    429
    content-type: application/json
    retry-after: 1
    x-ratelimit-limit: 2
    x-ratelimit-remaining: 0
    x-ratelimit-reset: 1

    {"detail":"Rate limit exceeded. Try again in 1 seconds.","error":"too_many_requests","message":"Rate limit exceeded. Try again in 1 seconds."}
    "#);
    // Another key has a rate of its own.
    let other = server.key(&[Scope::Report], None).await;
    server.send(good().key(&other)).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_a_503_that_says_when_to_try_again() {
    let server = Server::start().await;
    let full = Full::behind(&server.writer).await;
    let answer = server.send(good()).await;
    assert_snapshot!(shown(&answer), @r#"
    503
    content-type: application/json
    retry-after: 1

    {"detail":"Landfall can't store or read right now; try again in a second","error":"unavailable","message":"Landfall can't store or read right now; try again in a second"}
    "#);
    full.release().await;
    // What was refused was not stored, and now there is room for it.
    assert_eq!(server.record(server.admin.organization).await.deployments.len(), 0);
    server.send(good()).await.ok();
    server.stop().await;
}
