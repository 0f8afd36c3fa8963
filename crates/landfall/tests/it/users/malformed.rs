//! Requests about people that can't be done, none of which changes anything.

use landfall_domain::role::Role;
use serde_json::Value;

use crate::harness::{Call, Server};

const USERS: &str = "/api/v1/users";
const ADA: &str = "/api/v1/users/ada@acme.example";

/// Bodies of a person to be added, and the field that the answer names.
const NEW: &[(&str, &str)] = &[
    (r"{}", "email"),
    (r#"{"email":"bob@acme.example"}"#, "role"),
    (r#"{"role":"viewer"}"#, "email"),
    (r#"{"email":null,"role":"viewer"}"#, "email"),
    (r#"{"email":1,"role":"viewer"}"#, "email"),
    (r#"{"email":["bob@acme.example"],"role":"viewer"}"#, "email"),
    (r#"{"email":"","role":"viewer"}"#, "email"),
    (r#"{"email":"bob","role":"viewer"}"#, "email"),
    (r#"{"email":"bob@","role":"viewer"}"#, "email"),
    (r#"{"email":"@acme.example","role":"viewer"}"#, "email"),
    (r#"{"email":"bob@acme@example","role":"viewer"}"#, "email"),
    (r#"{"email":"b ob@acme.example","role":"viewer"}"#, "email"),
    (r#"{"email":"bob@acme.example\u0000x","role":"viewer"}"#, "email"),
    (r#"{"email":"bob@acme.example\r\nBcc: x","role":"viewer"}"#, "email"),
    (r#"{"email":"<bob@acme.example>","role":"viewer"}"#, "email"),
    (r#"{"email":"bob@acme.example","role":""}"#, "role"),
    (r#"{"email":"bob@acme.example","role":"Viewer"}"#, "role"),
    (r#"{"email":"bob@acme.example","role":"root"}"#, "role"),
    (r#"{"email":"bob@acme.example","role":null}"#, "role"),
    (r#"{"email":"bob@acme.example","role":3}"#, "role"),
    (r#"{"email":"bob@acme.example","role":["admin"]}"#, "role"),
    (r#"{"email":"bob@acme.example","role":"viewer","name":""}"#, "name"),
    (r#"{"email":"bob@acme.example","role":"viewer","name":7}"#, "name"),
    (r#"{"email":"bob@acme.example","role":"viewer","name":"a\u0007b"}"#, "name"),
    (r#"{"email":"bob@acme.example","role":"viewer","password":"short"}"#, "password"),
    (r#"{"email":"bob@acme.example","role":"viewer","password":""}"#, "password"),
    (r#"{"email":"bob@acme.example","role":"viewer","password":123456789012}"#, "password"),
    (r#"{"email":"bob@acme.example","role":"viewer","password":"BOB@acme.example"}"#, "password"),
    (r#"{"email":"bob@acme.example","role":"viewer","admin":true}"#, "admin"),
    (r#"{"email":"bob@acme.example","role":"viewer","organization":"other"}"#, "organization"),
];

/// Bodies of a change, and the field that the answer names.
const EDITS: &[(&str, &str)] = &[
    (r#"{"role":null}"#, "role"),
    (r#"{"role":"owner"}"#, "role"),
    (r#"{"role":true}"#, "role"),
    (r#"{"name":null}"#, "name"),
    (r#"{"name":"  "}"#, "name"),
    (r#"{"name":{}}"#, "name"),
    (r#"{"disabled":null}"#, "disabled"),
    (r#"{"disabled":"yes"}"#, "disabled"),
    (r#"{"reset_password":null}"#, "reset_password"),
    (r#"{"reset_password":"a password of mine"}"#, "reset_password"),
    (r#"{"password":"a password of mine"}"#, "password"),
    (r#"{"email":"eve@acme.example"}"#, "email"),
];

async fn stored(server: &Server) -> Value {
    server.send(Call::new("GET", USERS)).await.ok().json()
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named_and_nothing_is_stored() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let before = stored(&server).await;
    let long = format!(r#"{{"email":"{}@acme.example","role":"viewer"}}"#, "b".repeat(250));
    let news = NEW.iter().copied().chain([(long.as_str(), "email")]);
    let news = news.map(|(body, field)| (Call::post(USERS, body), body, field));
    let edits =
        EDITS.iter().map(|(body, field)| (Call::post(ADA, *body).method("PATCH"), *body, *field));
    for (call, body, field) in news.chain(edits) {
        let answer = server.send(call).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.text("code"), "invalid_field", "{body}");
        assert!(answer.text("detail").contains(field), "{body}: {}", answer.body);
    }
    assert_eq!(stored(&server).await, before);
}

#[tokio::test]
async fn a_request_that_is_wrong_as_a_whole_is_refused() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let before = stored(&server).await;
    let good = r#"{"email":"bob@acme.example","role":"viewer"}"#;
    let typed = |kind: &str| Call::post(USERS, good).with("content-type", kind);
    let get = |path: &str| Call::new("GET", path);
    for (call, status, code) in [
        (Call::post(USERS, ""), 400, "invalid_json"),
        (Call::post(USERS, "{"), 400, "invalid_json"),
        (Call::post(USERS, b"\xff\xfe".to_vec()), 400, "invalid_json"),
        (typed("text/plain"), 415, "unsupported_media_type"),
        (Call::post(USERS, vec![b' '; 2_000_000]), 413, "body_too_large"),
        (Call::new("PUT", USERS), 405, "method_not_allowed"),
        (Call::post(ADA, good), 405, "method_not_allowed"),
        (Call::post("/api/v1/sessions", "{}"), 405, "method_not_allowed"),
        (get("/api/v1/users?limit=0"), 400, "invalid_field"),
        (get("/api/v1/users?cursor=nowhere"), 400, "invalid_field"),
        (get("/api/v1/users?role=admin"), 400, "invalid_field"),
        (get("/api/v1/sessions?limit=many"), 400, "invalid_field"),
        (get("/api/v1/users/nobody@acme.example"), 404, "not_found"),
        (get("/api/v1/users/nobody"), 404, "not_found"),
        (get("/api/v1/users/%00"), 404, "not_found"),
        (get("/api/v1/users/018f0000-0000-7000-8000-000000000000"), 404, "not_found"),
        (Call::post("/api/v1/users/nobody", "{}").method("PATCH"), 404, "not_found"),
        (Call::new("DELETE", "/api/v1/users/nobody"), 404, "not_found"),
        (Call::new("DELETE", "/api/v1/sessions/nobody"), 404, "not_found"),
        (Call::new("DELETE", "/api/v1/sessions/%F0"), 400, "invalid_field"),
    ] {
        let shown = format!("{call:.200?}");
        let answer = server.send(call).await;
        assert_eq!((answer.status, answer.text("code").as_str()), (status, code), "{shown}");
    }
    assert_eq!(stored(&server).await, before);
}
