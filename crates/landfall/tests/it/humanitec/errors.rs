//! Errors: in the shape that Humanitec's clients read, for everything under its paths.

use std::time::Duration;

use landfall_api::Limits;
use landfall_domain::access::Scope;
use landfall_engine::Options;
use serde_json::json;

use super::{WEBHOOKS, body, error_of, get, ids, make};
use crate::harness::{Call, Full, Server, Setup, noon};

/// Every endpoint: its method and path, and the scope that it needs.
const ENDPOINTS: [(&str, &str, Scope); 7] = [
    ("GET", WEBHOOKS, Scope::Read),
    ("POST", WEBHOOKS, Scope::Manage),
    ("GET", "/orgs/default/apps/shop/webhooks/my-hook", Scope::Read),
    ("PATCH", "/orgs/default/apps/shop/webhooks/my-hook", Scope::Manage),
    ("DELETE", "/orgs/default/apps/shop/webhooks/my-hook", Scope::Manage),
    ("DELETE", "/orgs/default/apps/shop/jobs", Scope::Manage),
    ("GET", "/orgs/default/events", Scope::Read),
];

fn good() -> Call {
    Call::post(WEBHOOKS, body(&json!({})).to_string())
}

#[tokio::test]
async fn a_token_that_is_no_good_is_a_401_before_anything_else_is_told() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let expired = server.key(&[Scope::Admin], Some(noon() + Duration::from_secs(1))).await;
    server.ambient.set(noon() + Duration::from_secs(1));
    let mut told = Vec::new();
    for (method, path, _) in ENDPOINTS {
        for path in
            [path.to_owned(), path.replace("default", "nowhere"), path.replace("shop", "%FF")]
        {
            let call = Call::post(&path, "no JSON").method(method);
            for call in [
                call.clone().anonymous(),
                call.clone().with("authorization", &format!("Token {}", server.admin_key)),
                call.clone().key("sk_default_k99_0123456789abcdefghijklmnopqrstuv"),
                call.key(&expired),
            ] {
                let answer = server.send(call).await;
                assert_eq!(answer.header("www-authenticate"), "Bearer");
                told.push(error_of(&answer));
            }
        }
    }
    assert!(told.iter().all(|error| *error == told[0]), "{told:#?}");
    let (status, code, message) = told.remove(0);
    assert_eq!((status, code.as_str()), (401, "API-000"));
    assert!(message.starts_with("Could not validate token"), "{message}");
    server.stop().await;
}

#[tokio::test]
async fn a_key_without_the_scope_is_a_403_before_anything_else_is_told() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let report = server.key(&[Scope::Report], None).await;
    let read = server.key(&[Scope::Read], None).await;
    let manage = server.key(&[Scope::Manage], None).await;
    for (method, path, scope) in ENDPOINTS {
        for path in [path.to_owned(), path.replace("shop", "nothing").replace("my-hook", "none")] {
            let call = Call::post(&path, "no JSON").method(method);
            let refused =
                |status: u16| if scope == Scope::Manage { status == 403 } else { status != 403 };
            let (status, _, message) = error_of(&server.send(call.clone().key(&report)).await);
            assert_eq!(status, 403, "{method} {path}");
            assert!(message.contains(&format!("`{}`", scope.as_str())), "{message}");
            let answer = server.send(call.key(&read)).await;
            assert!(refused(answer.status), "{method} {path}: {}", answer.status);
        }
    }
    assert_eq!(ids(&server, WEBHOOKS).await, ["my-hook"]);
    for (method, path, _) in ENDPOINTS {
        let sent = body(&json!({ "id": format!("made-by-{method}") })).to_string();
        let sent = if method == "PATCH" { "{}".to_owned() } else { sent };
        let call = Call::post(path, sent).method(method);
        let answer = server.send(call.key(&manage)).await;
        assert!(answer.status < 300, "{method} {path}: {}", answer.body);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_path_is_a_404() {
    let server = Server::start().await;
    for path in [
        "/orgs",
        "/orgs/",
        "/orgs/default",
        "/orgs/default/apps",
        "/orgs/default/apps/shop",
        "/orgs/default/apps/shop/webhooks/",
        "/orgs/default/apps/shop/webhooks/a/b",
        "/orgs/default/apps/shop/envs",
        "/orgs/default/event",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let (status, _, message) = error_of(&server.send(Call::new(method, path)).await);
            assert_eq!(status, 404, "{method} {path}");
            assert!(message.contains(path), "{message}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_webhook_is_a_404_whatever_is_sent() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let long = "x".repeat(5_000);
    for job in ["other", "%FF", "%00", "my-hook%20", "%2E%2E%2F", &long] {
        for method in ["GET", "PATCH", "DELETE"] {
            let call = Call::post(&format!("{WEBHOOKS}/{job}"), "no JSON").method(method);
            assert_eq!(error_of(&server.send(call).await).0, 404, "{method} {job}");
        }
    }
    assert_eq!(ids(&server, WEBHOOKS).await, ["my-hook"]);
    server.stop().await;
}

#[tokio::test]
async fn another_method_is_a_405_that_names_what_can_be_sent() {
    let server = Server::start().await;
    for (path, allowed) in [
        (WEBHOOKS, "GET,HEAD,POST"),
        ("/orgs/default/apps/shop/webhooks/x", "GET,HEAD,PATCH,DELETE"),
        ("/orgs/default/apps/shop/jobs", "DELETE"),
        ("/orgs/default/events", "GET,HEAD"),
    ] {
        for method in ["PUT", "PATCH", "POST", "GET", "DELETE", "OPTIONS"] {
            if allowed.split(',').any(|known| known == method) {
                continue;
            }
            let answer = server.send(Call::new(method, path)).await;
            assert_eq!(error_of(&answer).0, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_long_body_is_a_413() {
    let limits = Limits { body_bytes_max: 300, ..Limits::default() };
    let server = Server::start_with(Setup { limits, ..Setup::default() }).await;
    let long = body(&json!({ "payload": { "k": "x".repeat(300) } }));
    let (status, _, message) = error_of(&server.post(WEBHOOKS, &long).await);
    assert_eq!((status, message.as_str()), (413, "Request body is larger than 300 bytes"));
    assert_eq!(server.send(good()).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn another_type_than_json_is_a_415() {
    let server = Server::start().await;
    let (status, _, message) =
        error_of(&server.send(good().with("content-type", "text/plain")).await);
    assert_eq!(status, 415);
    assert!(message.contains("application/json"), "{message}");
    assert_eq!(get(&server, WEBHOOKS).await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_forbidden_address_is_a_400_that_names_the_setting() {
    let setup = Setup { egress_allow: "", ..Setup::default() };
    let server = Server::start_with(setup).await;
    for url in ["127.0.0.1/hook", "http://127.0.0.1:8080/hook", "https://[::1]", "2130706433"] {
        let refused = server.post(WEBHOOKS, &body(&json!({ "url": url }))).await;
        let (status, _, message) = error_of(&refused);
        assert_eq!((status, refused.json()["details"]["field"].as_str()), (400, Some("url")));
        assert!(message.contains("LANDFALL_EGRESS_ALLOW"), "{message}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_a_429() {
    let options = Options { rate_per_key: 2, ..Options::default() };
    let server = Server::start_with(Setup { options, ..Setup::default() }).await;
    let key = server.key(&[Scope::Read], None).await;
    let mut calls = 0;
    let limited = loop {
        let answer = server.send(Call::new("GET", "/orgs/default/events").key(&key)).await;
        calls += 1;
        if answer.status != 200 || calls > 100 {
            break answer;
        }
    };
    assert_eq!(error_of(&limited).0, 429);
    assert_eq!(limited.header("retry-after"), "1");
    // Each call counts once.
    assert!(calls > 2, "{calls}");
    server.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_a_503_that_says_when_to_try_again() {
    let server = Server::start().await;
    make(&server, &json!({})).await;
    let full = Full::behind(&server.writer).await;
    let path = format!("{WEBHOOKS}/my-hook");
    for call in [
        Call::post(WEBHOOKS, body(&json!({ "id": "other" })).to_string()),
        Call::post(&path, r#"{"disabled": true}"#).method("PATCH"),
        Call::new("DELETE", &path),
    ] {
        let answer = server.send(call).await;
        assert_eq!((error_of(&answer).0, answer.header("retry-after")), (503, "1"));
    }
    full.release().await;
    // What was refused was not done.
    assert_eq!(ids(&server, WEBHOOKS).await, ["my-hook"]);
    assert_eq!(get(&server, &path).await.ok().json()["disabled"], false);
    server.stop().await;
}
