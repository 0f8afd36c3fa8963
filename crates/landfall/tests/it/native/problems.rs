//! What is wrong with the request itself is told as a problem, whatever it is.

use axum::body::Body;
use axum::http::Request;

use super::server::{ADMIN, Server};

#[tokio::test]
async fn an_unknown_route_is_a_problem() {
    let server = Server::start().await;
    for path in ["", "/", "/nothing", "/teams/x/y", "/status/"] {
        let answer = server.send(ADMIN, &format!("GET {path}")).await;
        assert_eq!(answer.problem(), "404 unknown_route", "{path}");
    }
}

#[tokio::test]
async fn another_method_is_told_which_are_allowed() {
    let server = Server::start().await;
    for (request, allowed) in [
        ("PUT /teams", "GET,HEAD,POST"),
        ("POST /status", "GET,HEAD"),
        ("POST /teams/x", "GET,HEAD,PATCH,DELETE"),
    ] {
        let answer = server.send(ADMIN, request).await;
        assert_eq!(answer.problem(), "405 method_not_allowed");
        let mut told: Vec<&str> = answer.header("allow").split(',').collect();
        let mut wanted: Vec<&str> = allowed.split(',').collect();
        told.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(told, wanted, "{request}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_a_problem() {
    let server = Server::start().await;
    let post = |content_type: &str, body: Vec<u8>| {
        Request::post("/api/v1/teams")
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap()
    };
    let json = "application/json";
    for (request, problem) in [
        (post(json, b"{".to_vec()), "400 invalid_json"),
        (post(json, b"".to_vec()), "400 invalid_json"),
        (post(json, b"\xff".to_vec()), "400 invalid_json"),
        (post(json, "[".repeat(200).into_bytes()), "400 invalid_json"),
        (post(json, b"[]".to_vec()), "400 invalid_json"),
        (post("text/plain", b"{}".to_vec()), "415 unsupported_media_type"),
        (post(json, vec![b' '; 1024 * 1024 + 1]), "413 body_too_large"),
    ] {
        assert_eq!(server.ask(request).await.problem(), problem);
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_by_name() {
    let server = Server::start().await;
    for path in ["/teams", "/deployments", "/status", "/events", "/events/stream", "/compare"] {
        let (problem, detail) = server.fails(&format!("GET {path}?colour=red")).await;
        assert_eq!(problem, "400 invalid_field", "{path}");
        assert!(detail.contains("`colour`"), "{detail}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_a_problem() {
    let server = Server::start().await;
    assert_eq!(server.fails("GET /teams/%FF").await.0, "400 invalid_field");
    assert_eq!(server.fails("GET /deployments/not-an-id").await.0, "404 not_found");
}
