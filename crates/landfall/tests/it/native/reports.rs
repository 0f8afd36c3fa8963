//! Reporting builds and deployments.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::server::{ADMIN, Server};

/// A report that says everything that one can.
pub(super) fn full() -> Value {
    json!({
        "application": "shop", "version": "1.4.2", "environment": "production",
        "target": "eu", "status": "Success", "project": "web", "source_id": "d-1",
        "invoke_id": 4711, "started_at": "2026-01-01T10:00:00Z",
        "completed_at": "2026-01-01T10:05:00+00:00",
        "commit_sha": "ABC1234def", "branch": "main", "repository": "acme/shop",
        "build_number": 17, "source_system": "github", "url": "https://ci.example/1",
        "actor": {"login": "ada", "name": "Ada", "email": "ada@example.com"},
        "description": "Release\nof the week", "error": {"message": "none", "code": 0},
        "links": [{"title": "Ticket", "url": "https://tickets.example/1"}],
        "commits": [{"sha": "abc1234", "message": "Fix", "author": "ada",
            "at": "2026-01-01T09:00:00Z"}],
        "metadata": {"deep": {"list": [1, 2, {"x": null}]}}
    })
}

#[tokio::test]
async fn everything_a_report_says_is_shown_again() {
    let server = Server::start().await;
    let told = server.ok(&format!("POST /deployments {}", full())).await;
    assert_eq!((&told["repeated"], &told["became_current"]), (&json!(false), &json!(true)));
    assert!(told["sequence"].is_u64());
    let shown = &told["deployment"];
    for (pointer, value) in [
        ("/status", json!("completed")),
        ("/began_at", json!("2026-01-01T10:00:00Z")),
        ("/ended_at", json!("2026-01-01T10:05:00Z")),
        ("/duration_ms", json!(300_000)),
        ("/project/name", json!("web")),
        ("/target", json!("eu")),
        ("/source_id", json!("d-1")),
        ("/invoke_id", json!("4711")),
        ("/build_number", json!("17")),
        ("/commit_sha", json!("abc1234def")),
        ("/actor", full()["actor"].clone()),
        ("/description", json!("Release\nof the week")),
        ("/error", json!({"message": "none", "code": "0"})),
        ("/links", full()["links"].clone()),
        ("/commits", full()["commits"].clone()),
        ("/metadata", full()["metadata"].clone()),
    ] {
        assert_eq!(shown.pointer(pointer), Some(&value), "{pointer}");
    }
    let read = server.ok(&format!("GET /deployments/{}", shown["id"].as_str().unwrap())).await;
    assert_eq!(read["current"], true);
    let mut read = read;
    read.as_object_mut().unwrap().remove("current");
    assert_eq!(&read, shown);
}

#[tokio::test]
async fn a_lifecycle_is_one_deployment() {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for (status, time) in [
        ("queued", r#""occurred_at":"2026-01-01T10:00:00Z""#),
        ("started", r#""started_at":"2026-01-01T10:01:00Z""#),
        ("failed", r#""completed_at":"2026-01-01T10:02:00Z""#),
    ] {
        let request = format!(
            r#"POST /deployments {{"application":"a","version":"1","environment":"dev",
                "invoke_id":"7","status":"{status}",{time}}}"#
        );
        let told = server.ok(&request).await;
        ids.push(told["deployment"]["id"].clone());
        let repeated = server.ok(&request).await;
        assert_eq!((&repeated["repeated"], &repeated["sequence"]), (&json!(true), &Value::Null));
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let shown = server.ok(&format!("GET /deployments/{}", ids[0].as_str().unwrap())).await;
    assert_eq!((&shown["status"], &shown["current"]), (&json!("failed"), &json!(false)));
    assert_eq!(shown["ended_at"], "2026-01-01T10:02:00Z");
}

#[tokio::test]
async fn a_version_is_one_commit() {
    let server = Server::start().await;
    let build =
        |sha| format!(r#"POST /builds {{"application":"a","version":"1","commit_sha":"{sha}"}}"#);
    let told = server.ok(&build("abc1234def")).await;
    assert_eq!(told["build"]["status"], "completed");
    let id = told["build"]["id"].as_str().unwrap();
    assert_eq!(server.ok(&format!("GET /builds/{id}")).await, told["build"]);
    let (problem, detail) = server.fails(&build("fedcba9876")).await;
    assert_eq!(problem, "409 version_conflict");
    assert!(detail.contains("abc1234def") && detail.contains("fedcba9876"), "{detail}");
    let kept = server.ok("GET /refused").await;
    assert_eq!(kept["items"][0]["code"], "version_conflict");
}

#[tokio::test]
async fn a_wrong_report_is_refused_by_name_and_kept() {
    let server = Server::start().await;
    let long = "x".repeat(301);
    let many = |count: usize, item: Value| Value::Array(vec![item; count]);
    for (field, value) in [
        ("application", json!("")),
        ("application", json!(7)),
        ("application", Value::Null),
        ("version", json!(long)),
        ("environment", json!("a\u{0}b")),
        ("status", json!("exploded")),
        ("completed_at", json!("yesterday")),
        ("url", json!("ftp://x")),
        ("invoke_id", json!(1.5)),
        ("commit_sha", json!("a".repeat(65))),
        ("links", many(51, json!({"title": "x", "url": "https://x"}))),
        ("links[0].url", json!([{"title": "x", "url": "javascript:x"}])),
        ("commits", many(251, json!({"sha": "abc"}))),
        ("commits[0].sha", json!([{}])),
        ("actor.nick", json!({"nick": "x"})),
        ("metadata", json!([])),
        ("metadata", json!({"x": "y".repeat(100 * 1024)})),
        ("colour", json!("red")),
    ] {
        let mut body = full();
        let top = field.split(['[', '.']).next().unwrap();
        body[top] = value;
        let (problem, detail) = server.fails(&format!("POST /deployments {body}")).await;
        assert_eq!(problem, "400 invalid_field", "{field}: {detail}");
        assert!(detail.contains(&format!("'{field}'")), "{field}: {detail}");
    }
    let kept = server.ok("GET /refused").await;
    let is_wanted = |kept: &&Value| kept["detail"].as_str().unwrap().contains("'colour'");
    let kept = kept["items"].as_array().unwrap().iter().find(is_wanted).unwrap();
    assert_eq!((&kept["dialect"], &kept["key_id"]), (&json!("native"), &json!("k1")));
    assert_eq!(kept["request"], "POST /api/v1/deployments");
    assert!(kept["body"].as_str().unwrap().contains("red"));
    assert_eq!(server.list("/refused?limit=500", "/id").await.len(), 18);
}

#[tokio::test]
async fn what_is_blank_is_absent_and_prose_is_cut() {
    let server = Server::start().await;
    let mut body = full();
    for field in ["target", "branch", "url", "source_id", "started_at", "project", "status"] {
        body[field] = json!(" ");
    }
    body["error"]["message"] = json!("e".repeat(5_000));
    body["commits"][0]["message"] = json!("m".repeat(3_000));
    let told = server.ok(&format!("POST /deployments {body}")).await;
    let shown = &told["deployment"];
    assert_eq!((&shown["target"], &shown["project"]["name"]), (&json!(""), &json!("default")));
    assert!(shown.get("branch").is_none() && shown.get("url").is_none());
    assert_eq!(shown["error"]["message"].as_str().unwrap().len(), 4_000);
    assert_eq!(shown["commits"][0]["message"].as_str().unwrap().len(), 2_000);
}

#[tokio::test]
async fn one_idempotency_key_is_one_request() {
    let server = Server::start().await;
    let send = |body: Value| {
        let request = Request::post("/api/v1/deployments")
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("idempotency-key", "one");
        server.ask(request.body(Body::from(body.to_string())).unwrap())
    };
    let first = send(full()).await;
    let again = send(full()).await;
    assert_eq!((first.status, &first.body), (200, &again.body));
    let mut other = full();
    other["version"] = json!("2");
    assert_eq!(send(other).await.problem(), "422 idempotency_mismatch");
}

#[tokio::test]
async fn a_voided_deployment_gives_way_to_the_one_before() {
    let server = Server::start().await;
    let first = server.deploy("shop", "1", "prod").await;
    let second = server.deploy("shop", "2", "prod").await;
    let request = format!(r#"POST /deployments/{second}/void {{"reason":"a typo"}}"#);
    let voided = server.ok(&request).await;
    assert_eq!(voided["deployment"]["voided"]["reason"], "a typo");
    assert_eq!(voided["deployment"]["voided"]["by"], "k1");
    let status = server.ok("GET /status").await;
    assert_eq!(status["applications"][0]["cells"][0]["current"]["deployment_id"], json!(first));
    server.ok(&format!("POST /deployments/{first}/void")).await;
    let unknown = "POST /deployments/018f0000-0000-7000-8000-000000000000/void";
    assert_eq!(server.fails(unknown).await.0, "404 not_found");
}

#[tokio::test]
async fn a_retired_application_is_gone_until_it_is_reported_again() {
    let server = Server::start().await;
    server.deploy("shop", "1", "prod").await;
    server.ok(r#"POST /applications/shop/retire {"environment":"prod"}"#).await;
    let status = server.ok("GET /status").await;
    assert_eq!(status["applications"][0]["cells"], json!([]));
    server.deploy("shop", "2", "prod").await;
    let status = server.ok("GET /status").await;
    assert_eq!(status["applications"][0]["cells"][0]["current"]["version"], "2");
    let unknown = r#"POST /applications/shop/retire {"environment":"moon"}"#;
    assert_eq!(server.fails(unknown).await.0, "404 not_found");
}
