//! The log, its live stream, and the audit log.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::server::{ADMIN, Server};

#[tokio::test]
async fn events_are_read_in_order_and_by_type() {
    let server = Server::start().await;
    server.deploy("shop", "1", "dev").await;
    server.deploy("shop", "2", "dev").await;
    let page = server.ok("GET /events").await;
    let items = page["items"].as_array().unwrap();
    let numbers: Vec<u64> = items.iter().map(|item| item["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(page["last"], json!(numbers.len()));

    let last = items.last().unwrap();
    assert_eq!(
        (&last["type"], &last["data"]["version"]["name"]),
        (&json!("deployment.completed"), &json!("2"))
    );
    assert!(last["timestamp"].is_string() && last["recorded_at"].is_string());

    let types = server.list("/events?types=deployment.*", "/type").await;
    assert_eq!(types, ["deployment.completed", "deployment.completed"]);
    let none = server.ok("GET /events?types=build.*").await;
    assert_eq!((&none["items"], &none["last"]), (&json!([]), &page["last"]));
    let one = server.ok("GET /events?types=deployment.*&limit=1").await;
    let next = format!("GET /events?types=deployment.*&after={}", one["last"]);
    assert_eq!(server.ok(&next).await["items"].as_array().unwrap().len(), 1);
    let rest = server.ok(&format!("GET /events?after={}", numbers.len() - 1)).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(server.fails("GET /events?after=x").await.0, "400 invalid_field");
}

/// Opens the live stream.
async fn follow(server: &Server, key: &str, query: &str, last_id: Option<&str>) -> Body {
    let mut request = Request::get(format!("/api/v1/events/stream{query}"))
        .header("authorization", format!("Bearer {key}"));
    if let Some(id) = last_id {
        request = request.header("last-event-id", id);
    }
    let request = request.body(Body::empty()).unwrap();
    let answer = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    answer.into_body()
}

/// The next event, as its id, type and data.
async fn next(stream: &mut Body) -> Option<(String, String, Value)> {
    let chunk = tokio::time::timeout(Duration::from_secs(20), stream.frame()).await.unwrap()?;
    let text = String::from_utf8(chunk.unwrap().into_data().unwrap().to_vec()).unwrap();
    let line = |name: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_default().trim().to_owned()
    };
    let data = serde_json::from_str(&line("data:")).unwrap();
    Some((line("id:"), line("event:"), data))
}

#[tokio::test]
async fn a_stream_goes_on_where_it_broke_off() {
    let server = Server::start().await;
    server.deploy("shop", "1", "dev").await;
    let known = server.ok("GET /events").await;
    let last = known["last"].as_u64().unwrap();

    let mut fresh = follow(&server, ADMIN, "", None).await;
    let mut resumed = follow(&server, ADMIN, "?after=0", Some(&(last - 1).to_string())).await;
    let mut builds = follow(&server, ADMIN, "?after=0&types=build.*", None).await;
    let (id, kind, data) = next(&mut resumed).await.unwrap();
    assert_eq!((id, kind.as_str()), (last.to_string(), "deployment.completed"));
    assert_eq!(data, known["items"][known["items"].as_array().unwrap().len() - 1]);

    server.ok(r#"POST /builds {"application":"shop","version":"1"}"#).await;
    for stream in [&mut fresh, &mut resumed, &mut builds] {
        let (id, kind, data) = next(stream).await.unwrap();
        assert_eq!((id, kind.as_str()), ((last + 1).to_string(), "build.completed"));
        assert_eq!(data["data"]["build"]["status"], "completed");
    }
    server.engine.begin_close();
    assert!(next(&mut fresh).await.is_none());
    assert_eq!(server.fails("GET /events/stream?after=x").await.0, "400 invalid_field");
}

#[tokio::test]
async fn a_stream_ends_when_its_key_is_revoked() {
    let server = Server::start().await;
    let key = server.key("read").await;
    let mut stream = follow(&server, &key, "", None).await;
    let id = key.split('_').nth(2).unwrap();
    server.ok(&format!("DELETE /keys/{id}")).await;
    tokio::time::pause();
    // Comments keep the connection alive until the key is looked at again.
    let end = async { while stream.frame().await.is_some() {} };
    tokio::time::timeout(Duration::from_mins(1), end).await.unwrap();
}

#[tokio::test]
async fn administrative_changes_are_in_the_audit_log_and_not_in_the_event_log() {
    let server = Server::start().await;
    server.key("read").await;
    server.ok(r#"PATCH /organization {"name":"Acme"}"#).await;
    let actions = server.list("/audit?limit=2", "/action").await;
    // Within one millisecond the order of ids is chance.
    assert!(actions.contains(&json!("organization.updated")), "{actions:?}");
    assert!(actions.contains(&json!("key.created")), "{actions:?}");
    let by = server.list("/audit", "/key_id").await;
    assert_eq!(by[0], "k1");
    assert!(server.list("/events?types=key.*,organization.*", "/type").await.is_empty());
}
