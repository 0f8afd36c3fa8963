//! A server on a data directory of its own, asked without a network in between.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use landfall_api::Limits;
use landfall_engine::{Ambient, Engine, Options, Outbound};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::{Directory, memory_directory, open_store};

/// The admin key of the organization `default`.
pub(super) const ADMIN: &str = "sk_default_k1_0123456789abcdef0123456789abcdef";
/// The admin key of another organization.
pub(super) const OTHER: &str = "sk_other_k1_0123456789abcdef0123456789abcdef";

pub(super) struct Server {
    pub engine: Engine,
    pub router: Router,
    _directory: Directory,
}

pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `status code`, as a problem says it.
    pub(super) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        assert_eq!(self.body["type"], "about:blank");
        assert_eq!(self.body["status"], self.status);
        assert!(!self.body["title"].as_str().unwrap().is_empty());
        format!("{} {}", self.status, self.body["code"].as_str().unwrap())
    }
}

impl Server {
    pub(super) async fn start() -> Self {
        let directory = memory_directory();
        let store = open_store(directory.path());
        let ambient = Ambient::system();
        let outbound = Outbound::closed(&ambient);
        let engine = Engine::new(store, ambient, Options::default(), outbound);
        engine.preset_admin_key(ADMIN).await.unwrap();
        engine.preset_admin_key(OTHER).await.unwrap();
        let router = landfall_api::router(engine.clone(), Limits::default());
        Self { engine, router, _directory: directory }
    }

    /// Sends `GET /path` or, with a body, `POST /path {…}`, under `/api/v1`, with a key.
    pub(super) async fn send(&self, key: &str, request: &str) -> Answer {
        let mut words = request.splitn(3, ' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {key}"));
        let body = words.next().unwrap_or_default().to_owned();
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::String(text));
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// Sends as the admin of `default` what must succeed, and gives the answer's body.
    pub(super) async fn ok(&self, request: &str) -> Value {
        let answer = self.send(ADMIN, request).await;
        assert!((200..300).contains(&answer.status), "{request}: {}", answer.body);
        answer.body
    }

    /// Sends as the admin of `default` what must fail, and gives `status code` and the detail.
    pub(super) async fn fails(&self, request: &str) -> (String, String) {
        let answer = self.send(ADMIN, request).await;
        (answer.problem(), answer.body["detail"].as_str().unwrap().to_owned())
    }

    /// Makes a key of the organization `default`.
    pub(super) async fn key(&self, scope: &str) -> String {
        let body = json!({"name": scope, "scopes": [scope]});
        let made = self.ok(&format!("POST /keys {body}")).await;
        made["key"].as_str().unwrap().to_owned()
    }

    /// Reports a completed deployment, and gives its id.
    pub(super) async fn deploy(&self, application: &str, version: &str, there: &str) -> String {
        let body = json!({"application": application, "version": version, "environment": there});
        let told = self.ok(&format!("POST /deployments {body}")).await;
        told["deployment"]["id"].as_str().unwrap().to_owned()
    }

    /// The values at a JSON pointer of each item of a list.
    pub(super) async fn list(&self, path: &str, pointer: &str) -> Vec<Value> {
        let page = self.ok(&format!("GET {path}")).await;
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item.pointer(pointer).cloned().unwrap_or_default()).collect()
    }
}
