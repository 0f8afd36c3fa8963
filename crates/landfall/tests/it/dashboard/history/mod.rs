//! What happened: the timeline, the pages of one thing, and what finds them.

mod actions;
mod badges;
mod deployment;
mod finding;
mod nouns;
mod timeline;

use std::fmt::Write;

use landfall_domain::role::Role;
use landfall_domain::user::Email;
use landfall_engine::users::NewUser;
use serde_json::{Value, json};

use crate::harness::{Answer, Call, Server};

const PASSWORD: &str = "correct horse battery";
/// A name that would do harm where it is not escaped.
const HOSTILE: &str = r#"<script>alert("1")</script>'&"#;

/// Somebody who is signed in.
struct Viewer<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Viewer<'a> {
    /// With the admin key.
    async fn admin(server: &'a Server) -> Self {
        Self::sign_in(server, &[("key", &server.admin_key)]).await
    }

    /// As a person of a role.
    async fn of(server: &'a Server, role: Role) -> Self {
        let email = format!("{}@acme.example", role.as_str());
        let (parsed, password) = (Email::parse(&email).unwrap(), Some(PASSWORD.to_owned()));
        let new = NewUser { email: parsed, name: None, role, password };
        server.engine.create_user(&server.admin, new).await.unwrap();
        Self::sign_in(server, &[("email", &email), ("password", PASSWORD)]).await
    }

    async fn sign_in(server: &'a Server, fields: &[(&str, &str)]) -> Self {
        let answer = server.send(form("/sign-in", fields).anonymous_form()).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { server, cookie }
    }

    async fn get(&self, path: &str) -> Answer {
        self.server.send(self.call(Call::new("GET", path).anonymous())).await
    }

    /// A page, which must be there and whole.
    async fn page(&self, path: &str) -> String {
        let body = self.part(path).await;
        assert!(body.contains("</html>"), "{path}");
        body
    }

    /// A page or a part of one.
    async fn part(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        assert!(!answer.body.contains(" style="), "{path} has an inline style");
        assert!(!answer.body.contains("<script>"), "{path} does not escape");
        answer.body
    }

    /// Sends a form of a page of this session.
    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page("/find").await;
        let csrf = between(&page, "data-csrf=\"", "\"");
        self.submit_bare(path, &[&[("csrf", csrf)], fields].concat()).await
    }

    async fn submit_bare(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.server.send(self.call(form(path, fields).anonymous_form())).await
    }

    fn call(&self, call: Call) -> Call {
        call.with("cookie", &self.cookie)
    }
}

impl Call {
    /// A form that carries no key.
    fn anonymous_form(self) -> Self {
        self.anonymous().with("content-type", "application/x-www-form-urlencoded")
    }
}

fn form(path: &str, fields: &[(&str, &str)]) -> Call {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    Call::post(path, pairs.collect::<Vec<_>>().join("&"))
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
        encoded
    })
}

/// What stands between two marks.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// Every value that stands between two marks.
fn each_between(text: &str, before: &str, after: &str) -> Vec<String> {
    let parts = text.split(before).skip(1);
    parts.map(|part| part.split_once(after).unwrap().0.to_owned()).collect()
}

/// What is left of a page without its tags.
fn words(page: &str) -> String {
    let texts = page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let words = texts.flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

impl Server {
    /// Reports a deployment with these fields, and gives it.
    async fn deployed(&self, fields: Value) -> Value {
        let answer = self.post("/api/v1/deployments", &fields).await.ok_or_created();
        answer.json()["deployment"].clone()
    }

    /// A deployment that was completed at a minute of the day.
    async fn deployed_at(
        &self,
        application: &str,
        version: &str,
        there: &str,
        minute: u32,
    ) -> Value {
        let at = format!("2026-03-01T10:{minute:02}:00Z");
        let fields = json!({"application": application, "version": version, "environment": there,
            "status": "completed", "completed_at": at, "actor": {"login": "ada"}});
        self.deployed(fields).await
    }
}

/// The page of one thing that a deployment names.
fn path_of(noun: &str, deployment: &Value) -> String {
    let id = if noun == "deployment" { &deployment["id"] } else { &deployment[noun]["id"] };
    format!("/{noun}s/{}", id.as_str().unwrap())
}
