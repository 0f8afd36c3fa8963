//! Humanitec's API, as its document shows it and as its clients use it.

mod apps;
mod clients;
mod delivering;
mod echo;
mod endpoints;
mod errors;
mod malformed;
mod native;
mod triggers;

use serde_json::{Value, json};

use crate::harness::{Answer, Call, Server};
use crate::webhooks::Hook;

/// Where the webhooks of most tests are.
const WEBHOOKS: &str = "/orgs/default/apps/shop/webhooks";

/// Every trigger that there is.
fn all_triggers() -> Value {
    json!([
        { "scope": "environment", "type": "created" },
        { "scope": "environment", "type": "deleted" },
        { "scope": "deployment", "type": "started" },
        { "scope": "deployment", "type": "finished" },
    ])
}

/// A webhook that is made with these fields, and others in their place.
fn body(further: &Value) -> Value {
    let mut body = json!({
        "id": "my-hook", "url": "example.com/hook", "headers": {}, "payload": null,
        "triggers": [{ "scope": "deployment", "type": "finished" }],
    });
    body.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    body
}

/// A webhook with these fields in the app `shop`.
async fn make(server: &Server, further: &Value) -> Value {
    made(&server.post(WEBHOOKS, &body(further)).await)
}

#[track_caller]
fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

async fn get(server: &Server, path: &str) -> Answer {
    server.send(Call::new("GET", path)).await
}

async fn delete(server: &Server, path: &str) -> Answer {
    server.send(Call::new("DELETE", path)).await
}

async fn patch(server: &Server, path: &str, body: &Value) -> Answer {
    server.send(Call::post(path, body.to_string()).method("PATCH")).await
}

/// The ids of the webhooks at a path, in the order in which they are listed.
async fn ids(server: &Server, path: &str) -> Vec<String> {
    let listed = get(server, path).await.ok().json();
    let id = |shown: &Value| shown["id"].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(id).collect()
}

/// All webhooks as the native API shows them.
async fn natives(server: &Server) -> Vec<Value> {
    let listed = get(server, "/api/v1/webhooks").await.ok().json();
    listed["items"].as_array().unwrap().clone()
}

/// A webhook as the native API knows it, found by Humanitec's id.
async fn native(server: &Server, id: &str) -> Hook {
    let found = natives(server).await.into_iter().find(|shown| shown["name"] == id);
    let id = found.unwrap()["id"].as_str().unwrap().to_owned();
    Hook { id, secret: String::new() }
}

fn object(answer: &Answer) -> serde_json::Map<String, Value> {
    answer.json().as_object().unwrap().clone()
}

/// The error of an answer, in the shape that Humanitec's clients read.
#[track_caller]
fn error_of(answer: &Answer) -> (u16, String, String) {
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    let body = object(answer);
    let code = body["error"].as_str().unwrap();
    let wanted =
        if answer.status == 401 { "API-000".into() } else { format!("API-{}", answer.status) };
    assert_eq!(code, wanted);
    assert!(!body["message"].as_str().unwrap().is_empty());
    assert!(body.keys().all(|key| ["error", "message", "details"].contains(&key.as_str())));
    assert!(body.get("details").is_none_or(Value::is_object), "{body:?}");
    (answer.status, code.to_owned(), body["message"].as_str().unwrap().to_owned())
}
