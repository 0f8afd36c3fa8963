//! The pages of webhooks.

mod form;
mod pages;
mod verbs;

use serde_json::{Value, json};

use super::browser::Browser;
use crate::harness::{Answer, Call, Server};
use crate::webhooks::{Hook, until};

impl Hook {
    /// The address of one of its pages.
    fn page(&self, rest: &str) -> String {
        format!("/webhooks/{}{rest}", self.id)
    }
}

/// Reports a deployment that starts, which is one event.
async fn deploy(server: &Server, application: &str, run: &str) {
    let body = json!({
        "application": application, "version": "1.0.0", "environment": "production",
        "status": "started", "invoke_id": run,
    });
    server.post("/api/v1/deployments", &body).await.ok_or_created();
}

/// What the API shows at a path.
async fn show(server: &Server, path: &str) -> Value {
    server.send(Call::new("GET", path)).await.ok().json()
}

/// Where an answer leads to.
fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location")
}

/// The number of the first event that a webhook was owed, once there is one.
async fn first_sequence(server: &Server, hook: &Hook) -> String {
    let path = hook.path("/deliveries");
    let is_there = || async { show(server, &path).await["items"] != json!([]) };
    until(is_there, "a delivery is recorded").await;
    let listed = show(server, &path).await;
    listed["items"].as_array().unwrap().last().unwrap()["sequence"].to_string()
}
