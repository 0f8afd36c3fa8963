//! Envtracker's API: signed requests, as its documents show them.

mod assignments;
mod environments;
mod errors;
mod following;
mod keys;
mod legacy;
mod malformed;
mod notify;
mod recipes;
mod replays;
mod signatures;

use std::time::Duration;

use landfall_domain::signing::{seconds, sign};
use serde_json::{Value, json};

use crate::harness::{Answer, Call, Server, Setup};

const NOTIFY: &str = "/webhook/notify";
const CREATE: &str = "/webhook/create-environment";
const ASSIGN: &str = "/webhook/assign-apps";
const LEGACY: &str = "/v1/company/default/project/my-project/applications/my-app/env/production";

/// A signing key, with its secret.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    id: String,
    secret: String,
}

impl Key {
    /// A new key of whoever holds this API key.
    pub(crate) async fn of(server: &Server, api_key: &str, allows_legacy: bool) -> Self {
        let body = json!({ "name": "ci", "allows_legacy": allows_legacy });
        let call = Call::post("/api/v1/signing-keys", body.to_string()).key(api_key);
        let made = server.send(call).await;
        assert_eq!(made.status, 201, "{}", made.body);
        Self { id: made.text("key_id"), secret: made.text("secret") }
    }

    async fn new(server: &Server) -> Self {
        Self::of(server, &server.admin_key, true).await
    }

    /// A PUT that is signed at a time.
    fn put_at(&self, path: &str, body: &[u8], timestamp: &str) -> Call {
        Call::post(path, body)
            .anonymous()
            .method("PUT")
            .with("content-type", "application/json")
            .with("x-webhook-key-id", &self.id)
            .with("x-webhook-timestamp", timestamp)
            .with("x-webhook-signature", &sign(&self.secret, timestamp, body))
    }

    /// A PUT that is signed now.
    pub(crate) fn put(&self, server: &Server, path: &str, body: &[u8]) -> Call {
        self.put_at(path, body, &seconds(server.ambient.now()).to_string())
    }
}

/// A server with the project and the team of the documents, and a key for it.
struct Scene {
    server: Server,
    key: Key,
}

impl Scene {
    async fn start() -> Self {
        Self::start_with(Setup::default()).await
    }

    async fn start_with(setup: Setup) -> Self {
        let server = Server::start_with(setup).await;
        let key = Key::new(&server).await;
        let scene = Self { server, key };
        scene.native("POST", "/projects", &json!({"name": "my-project"})).await;
        scene.native("POST", "/teams", &json!({"code": "engineering"})).await;
        scene
    }

    /// What the native API makes of a request that must succeed.
    async fn native(&self, method: &str, path: &str, body: &Value) -> Value {
        let call = Call::post(&format!("/api/v1{path}"), body.to_string()).method(method);
        let answer = self.server.send(call).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.body);
        if answer.status == 204 { Value::Null } else { answer.json() }
    }

    /// What the native API shows.
    async fn show(&self, path: &str) -> Value {
        self.server.send(Call::new("GET", &format!("/api/v1{path}"))).await.ok().json()
    }

    async fn set(&self, settings: Value) {
        self.native("PATCH", "/organization", &json!({ "settings": settings })).await;
    }

    /// A signed PUT, a second after the one before: one of the same second is the same request.
    async fn put(&self, path: &str, body: &Value) -> Answer {
        self.tick();
        self.server.send(self.key.put(&self.server, path, body.to_string().as_bytes())).await
    }

    fn tick(&self) {
        self.server.ambient.set(self.server.ambient.now() + Duration::from_secs(1));
    }

    /// The types of the log's events, in order.
    async fn told(&self) -> Vec<String> {
        let record = self.server.record(self.server.admin.organization).await;
        record.told().into_iter().map(str::to_owned).collect()
    }
}

/// A body with other fields in place of some of its own; null takes one away.
fn with(mut body: Value, changes: &Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    body
}

/// The document's body of a notification, its date left out.
fn notification() -> Value {
    json!({
        "projectCode": "my-project", "envCode": "production", "repoCode": "my-app",
        "pipeline": 456, "status": "success", "branch": "main",
    })
}

/// The document's body of an environment.
fn preview() -> Value {
    json!({
        "name": "Feature Branch Preview", "code": "feature-preview", "teamCode": "engineering",
        "url": "https://feature.example.com", "position": 3, "type": "DEVELOPMENT",
    })
}

/// The document's body of assignments.
fn assignments() -> Value {
    json!({
        "projectCode": "my-project",
        "apps": [
            {"repoCode": "my-app", "envs": ["production", "staging"]},
            {"repoCode": "another-service", "envs": ["staging"]},
        ],
    })
}

/// Status and code of an error, which must have the shape of all of them.
#[track_caller]
fn error(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(answer.header("content-type"), "application/json", "{answer:?}");
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert!(!answer.text("message").is_empty(), "{body}");
    (answer.status, answer.text("error"))
}

#[track_caller]
fn assert_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(error(answer), (status, code.to_owned()), "{}", answer.body);
}
