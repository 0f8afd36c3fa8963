//! Every other status that a client may meet, in the one shape that this API has for errors.

use landfall_api::Limits;
use landfall_domain::access::Scope;
use landfall_engine::Options;
use serde_json::json;

use super::{Shop, assert_error, rest, with};
use crate::harness::{Call, Full, Server, Setup};

#[tokio::test]
async fn an_error_names_its_status_and_what_to_do() {
    let shop = Shop::open().await;
    let answer = shop.server.post(&shop.path(""), &with(json!({"name": "a"}))).await;
    assert_eq!(
        answer.body,
        concat!(
            r#"{"statusCode":400,"error":"Bad Request","message":"#,
            r#""Field 'name' is wrong: must have 2 to 100 characters"}"#
        )
    );
    shop.server.stop().await;
}

#[tokio::test]
async fn another_method_is_a_405_that_names_those_there_are() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    for root in ["", "/api/v1"] {
        for (path, methods, allowed) in [
            (shop.path(""), &["PUT", "PATCH", "DELETE", "OPTIONS"][..], "GET,HEAD,POST"),
            (shop.path(&rest(&made)), &["PUT", "POST", "OPTIONS"], "GET,HEAD,PATCH,DELETE"),
        ] {
            for method in methods {
                let call = Call::new(method, &format!("{root}{path}"));
                let answer = shop.server.send(call).await;
                assert_error(&answer, 405, &format!("{method} can't be sent here"));
                assert_eq!(answer.header("allow"), allowed);
            }
        }
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn other_paths_of_a_project_are_a_404() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let below_one = format!("{}/events", rest(&made));
    for root in ["", "/api/v1"] {
        for rest in ["/", &*format!("{}/", rest(&made)), &*below_one] {
            let path = format!("{root}{}", shop.path(rest));
            for method in ["GET", "POST", "PUT", "DELETE"] {
                let answer = shop.server.send(Call::new(method, &path)).await;
                assert_error(&answer, 404, &format!("there is no route `{path}`"));
            }
        }
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_long_body_is_a_413() {
    let limits = Limits { body_bytes_max: 300, ..Limits::default() };
    let shop = Shop::of(Server::start_with(Setup { limits, ..Setup::default() }).await).await;
    let made = shop.make(json!({})).await;
    let long = with(json!({"more": "x".repeat(300)})).to_string();
    for call in [
        Call::post(&shop.path(""), long.clone()),
        Call::post(&shop.path(&rest(&made)), long).method("PATCH"),
    ] {
        assert_error(&shop.server.send(call).await, 413, "larger than 300 bytes");
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn another_type_than_json_is_a_415() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    for call in [
        Call::post(&shop.path(""), with(json!({})).to_string()),
        Call::post(&shop.path(&rest(&made)), "{}").method("PATCH"),
    ] {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""] {
            let answer = shop.server.send(call.clone().with("content-type", kind)).await;
            assert_error(&answer, 415, "Content-Type must be application/json");
        }
        for kind in ["application/json; charset=utf-8", "Application/JSON"] {
            let answer = shop.server.send(call.clone().with("content-type", kind)).await;
            answer.ok_or_created();
        }
    }
    shop.server.stop().await;
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_a_429_that_says_when_to_try_again() {
    let options = Options { rate_per_key: 20, ..Options::default() };
    let shop = Shop::of(Server::start_with(Setup { options, ..Setup::default() }).await).await;
    let key = shop.server.key(&[Scope::Read], None).await;
    let mut limited = None;
    for _ in 0..1_000 {
        let call = Call::new("GET", &shop.path("")).anonymous().with("x-access-token", &key);
        let answer = shop.server.send(call).await;
        if answer.status != 200 {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.unwrap();
    assert_error(&limited, 429, "Try again in 1 seconds");
    assert_eq!(limited.header("retry-after"), "1");
    assert_eq!(limited.header("x-ratelimit-limit"), "20");
    shop.server.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_a_503_that_says_when_to_try_again() {
    let shop = Shop::open().await;
    let made = shop.make(json!({})).await;
    let full = Full::behind(&shop.server.writer).await;
    let one = shop.path(&rest(&made));
    for call in [
        Call::post(&shop.path(""), with(json!({})).to_string()),
        Call::post(&one, r#"{"name": "other"}"#).method("PATCH"),
        Call::new("DELETE", &one),
    ] {
        let answer = shop.server.send(call).await;
        assert_error(&answer, 503, "try again in a second");
        assert_eq!(answer.header("retry-after"), "1");
    }
    full.release().await;
    let listed = shop.get("").await.ok().json();
    assert_eq!(listed[0]["name"], made["name"], "nothing of it was stored: {listed}");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    shop.server.stop().await;
}
