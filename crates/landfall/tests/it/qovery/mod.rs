//! Qovery's API: as its document shows it, and as its clients use it.

mod clients;
mod delivering;
mod editing;
mod errors;
mod filters;
mod history;
mod malformed;
mod native;
mod paths;
mod secrets;
mod snippets;
mod tenants;
mod verbs;

use serde_json::{Value, json};

use crate::harness::{Call, Server};
use crate::webhooks::{Hook, settled};

const NAMES: [&str; 4] =
    ["DEPLOYMENT_STARTED", "DEPLOYMENT_CANCELLED", "DEPLOYMENT_FAILURE", "DEPLOYMENT_SUCCESSFUL"];

/// The id of nothing.
const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

/// The least that is a good webhook, with further fields or others in their place.
fn body(further: &Value) -> Value {
    let mut body = json!({"kind": "STANDARD", "target_url": "https://example.com/hook",
        "events": ["DEPLOYMENT_STARTED"]});
    body.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    body
}

/// Where the webhooks of the first organization are.
fn webhooks(server: &Server) -> String {
    format!("/organization/{}/webhook", server.admin.organization)
}

fn path_of(server: &Server, made: &Value) -> String {
    format!("{}/{}", webhooks(server), made["id"].as_str().unwrap())
}

/// Makes a webhook with these fields.
async fn make(server: &Server, further: Value) -> Value {
    let made = server.post(&webhooks(server), &body(&further)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

/// Edits a webhook.
async fn put(server: &Server, made: &Value, body: &Value) -> Value {
    let call = Call::post(&path_of(server, made), body.to_string()).method("PUT");
    server.send(call).await.ok().json()
}

/// What the API shows at a path.
async fn get(server: &Server, path: &str) -> Value {
    server.send(Call::new("GET", path)).await.ok().json()
}

/// The same webhook in the native API.
fn native(made: &Value) -> String {
    format!("/api/v1/webhooks/{}", made["id"].as_str().unwrap())
}

/// Edits a webhook through the native API.
async fn patch(server: &Server, made: &Value, fields: &Value) -> Value {
    let call = Call::post(&native(made), fields.to_string()).method("PATCH");
    server.send(call).await.ok().json()
}

/// Reports a deployment of `shop` through Versioner's API, with further fields.
async fn report(server: &Server, further: Value) {
    let mut body = json!({"product_name": "shop", "version": "1.2.3",
        "environment_name": "production", "status": "started"});
    body.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    server.post("/deployment-events/", &body).await.ok();
}

/// Waits until nothing is owed to a webhook.
async fn sent(server: &Server, made: &Value) {
    let id = made["id"].as_str().unwrap().to_owned();
    settled(&server.client, &Hook { id, secret: String::new() }).await;
}
