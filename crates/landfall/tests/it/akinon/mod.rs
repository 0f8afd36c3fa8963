//! Akinon's API of project webhooks, as its document shows it, and what its webhooks are sent.

mod access;
mod delivering;
mod edits;
mod errors;
mod families;
mod malformed;
mod native;
mod operations;
mod scope;

use serde_json::{Value, json};

use crate::harness::{Answer, Call, Server};
use crate::webhooks::Hook;

/// A receiver that is never sent anything.
const NOWHERE: &str = "https://hooks.example/akinon?token=a%20b";

/// A server, and the ids that Akinon's clients know its first organization and a project by.
struct Shop {
    server: Server,
    organization: String,
    project: String,
}

impl Shop {
    async fn open() -> Self {
        Self::of(Server::start().await).await
    }

    /// With the project that every organization has.
    async fn of(server: Server) -> Self {
        let own = server.send(Call::new("GET", "/api/v1/organization")).await.ok();
        let projects = server.send(Call::new("GET", "/api/v1/projects")).await.ok().json();
        let project = projects["items"][0]["object_id"].as_str().unwrap().to_owned();
        Self { organization: own.text("object_id"), project, server }
    }

    /// The documented path of the project's webhooks, and what follows it.
    fn path(&self, rest: &str) -> String {
        path(&self.organization, &self.project, rest)
    }

    async fn get(&self, rest: &str) -> Answer {
        self.server.send(Call::new("GET", &self.path(rest))).await
    }

    /// Makes a webhook with these fields in place of the usual ones.
    async fn make(&self, fields: Value) -> Value {
        let made = self.server.post(&self.path(""), &with(fields)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()
    }

    /// Changes a webhook through Akinon's API.
    async fn patch(&self, webhook: &Value, fields: Value) -> Value {
        let patch = Call::post(&self.path(&rest(webhook)), fields.to_string()).method("PATCH");
        self.server.send(patch).await.ok().json()
    }

    /// A webhook as the native API shows it.
    async fn native(&self, webhook: &Value) -> Value {
        let listed = self.server.send(Call::new("GET", "/api/v1/webhooks")).await.ok().json();
        let mut all = listed["items"].as_array().unwrap().iter();
        all.find(|native| native["object_id"] == webhook["_id"]).expect("it is there").clone()
    }

    /// Changes a webhook through the native API.
    async fn patch_native(&self, webhook: &Value, fields: Value) {
        let path = format!("/api/v1/webhooks/{}", self.hook(webhook).await.id);
        self.server.send(Call::post(&path, fields.to_string()).method("PATCH")).await.ok();
    }

    /// A webhook as the tests of all webhooks know it.
    async fn hook(&self, webhook: &Value) -> Hook {
        let id = self.native(webhook).await["id"].as_str().unwrap().to_owned();
        Hook { id, secret: String::new() }
    }
}

fn path(organization: &str, project: &str, rest: &str) -> String {
    format!("/organizations/{organization}/projects/{project}/settings/webhooks{rest}")
}

/// What follows the path of all webhooks where one is meant.
fn rest(webhook: &Value) -> String {
    format!("/{}", webhook["_id"].as_str().unwrap())
}

/// A good body, with these fields in place of the usual ones.
fn with(fields: Value) -> Value {
    let mut body = json!({
        "name": "Store front", "url": NOWHERE, "headers": {"X-Team": "mobile"},
        "events": ["deployment.build.created", "distribution.succeeded"],
    });
    let Value::Object(fields) = fields else { panic!("no fields: {fields}") };
    body.as_object_mut().unwrap().extend(fields);
    body
}

/// A UUID in the form of Akinon's ids.
fn object_id(uuid: &str) -> String {
    let digits = uuid.replace('-', "");
    format!("{}{}", &digits[..12], &digits[20..])
}

/// Panics unless an error is in the shape of this API and says so.
#[track_caller]
fn assert_error(answer: &Answer, status: u16, says: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(body["statusCode"], status, "{body}");
    assert!(!body["error"].as_str().unwrap().is_empty(), "{body}");
    let message = body["message"].as_str().unwrap();
    assert!(message.contains(says), "{message} says nothing of {says}");
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
}
