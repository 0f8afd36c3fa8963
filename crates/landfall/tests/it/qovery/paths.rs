//! Paths that lead nowhere, and methods that a path does not take.

use insta::assert_snapshot;
use serde_json::json;

use super::errors::shown;
use super::{NOTHING, get, make, path_of, webhooks};
use crate::harness::{Call, Server};

#[tokio::test]
async fn what_does_not_exist_is_a_404_before_the_body_is_looked_at() {
    let server = Server::start().await;
    let many = webhooks(&server);
    let answer = server.send(Call::new("GET", &format!("{many}/{NOTHING}"))).await;
    assert_snapshot!(shown(&answer), @r#"
    404
    {"status":404,"error":"Not Found","message":"there is no webhook `00000000-0000-0000-0000-000000000000`"}
    "#);
    let words = [
        NOTHING.to_owned(),
        "7".to_owned(),
        "%00".to_owned(),
        "%ff".to_owned(),
        "x".repeat(3_000),
        "..".to_owned(),
        "3c90c3cc-0d44-4b50-8888-8dd25736052".to_owned(),
    ];
    for word in &words {
        for method in ["GET", "PUT", "DELETE"] {
            let call = Call::post(&format!("{many}/{word}"), "{").method(method);
            let answer = server.send(call).await;
            assert_eq!(answer.status, 404, "{method} {word}");
            shown(&answer);
        }
        for (method, rest) in [
            ("GET", ""),
            ("POST", ""),
            ("GET", "/a"),
            ("PUT", "/a"),
            ("DELETE", "/a"),
            ("GET", "/a/event"),
        ] {
            let path = format!("/organization/{word}/webhook{rest}");
            let answer = server.send(Call::post(&path, "{").method(method)).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            shown(&answer);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_path_that_is_none_is_a_404_in_the_same_shape() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    let (many, one) = (webhooks(&server), path_of(&server, &made));
    for path in [
        "/organization/",
        "/organization/x",
        &format!("{many}s"),
        &format!("{one}/events"),
        &format!("{one}/event/1"),
    ] {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = server.send(Call::new(method, path)).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert!(shown(&answer).contains("webhooks are at /organization/"), "{}", answer.body);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn another_method_is_a_405_that_says_which_are_allowed() {
    let server = Server::start().await;
    let made = make(&server, json!({})).await;
    let (many, one) = (webhooks(&server), path_of(&server, &made));
    for (path, allowed) in [
        ("/organization", "GET,HEAD"),
        (&many, "GET,HEAD,POST"),
        (&one, "GET,HEAD,PUT,DELETE"),
        (&format!("{one}/event"), "GET,HEAD"),
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            if allowed.contains(method) {
                continue;
            }
            let answer = server.send(Call::new(method, path)).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
            shown(&answer);
        }
    }
    assert_eq!(get(&server, &one).await, made);
    server.stop().await;
}
