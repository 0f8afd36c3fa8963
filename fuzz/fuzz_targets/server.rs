//! Whole requests to a whole server: up to four of them to one organization, as `landfall_fuzz::http`
//! writes them.
//!
//! Nothing fails, what is refused is told in the caller's own shape and changes nothing in the log, a
//! page's `next` leads to a page, and the server goes on answering.

#![no_main]

use std::cell::RefCell;

use axum::body::Bytes;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use landfall_domain::signing;
use landfall_fuzz::http::{Call, split};
use landfall_fuzz::world::{Tenant, World};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// So that neither the data nor what is kept in memory of it slows a long run down.
const INPUTS_PER_SERVER: u32 = 500;

thread_local! {
    static HOUSE: RefCell<House> = RefCell::new(House::build());
}

fuzz_target!(|input: &str| {
    HOUSE.with_borrow_mut(|house| house.serve(input));
});

struct House {
    runtime: Runtime,
    world: Option<World>,
    served: u32,
}

impl House {
    fn build() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        Self { runtime: runtime.expect("a runtime starts"), world: None, served: 0 }
    }

    fn serve(&mut self, input: &str) {
        if self.served.is_multiple_of(INPUTS_PER_SERVER) {
            self.stop();
        }
        self.served += 1;
        let world = self.world.take().unwrap_or_else(|| self.runtime.block_on(World::start()));
        self.runtime.block_on(serve_all(&world, input));
        self.world = Some(world);
    }

    fn stop(&mut self) {
        if let Some(world) = self.world.take() {
            self.runtime.block_on(world.stop());
        }
    }
}

async fn serve_all(world: &World, input: &str) {
    let tenant = world.tenant().await;
    let mut words = Words::of(world, &tenant);
    for text in split(input) {
        let Some(call) = words.fill(text).await.as_deref().and_then(Call::parse) else { continue };
        let Some(answer) = serve_one(world, &tenant, call.clone()).await else { continue };
        let Ok(answer) = serde_json::from_slice::<Value>(&answer) else { continue };
        words.note_last(&answer);
        check_next_page(world, &call, &answer).await;
    }
}

/// A cursor that was given leads to a page.
async fn check_next_page(world: &World, call: &Call, answer: &Value) {
    let next = answer["next"].as_str().filter(|_| call.method == Method::GET);
    let Some(call) = next.and_then(|next| call.of_next_page(next)) else { return };
    let told = format!("{call:?}");
    let status = send(world, call).await.status();
    assert_eq!(status, StatusCode::OK, "{told}");
}

/// Serves a request and gives the body of the answer, if it has an end.
async fn serve_one(world: &World, tenant: &Tenant, call: Call) -> Option<Bytes> {
    let before = world.next_sequence(tenant).await;
    let (method, path) = (call.method.clone(), call.uri.path().to_owned());
    let told = format!("{call:?}");
    let answer = send(world, call).await;
    let status = answer.status();
    assert!(!status.is_server_error(), "{status} after {told}");
    let is_refused = status.is_client_error();
    let is_error = is_refused && method != Method::HEAD;
    let media_type = media_type(&answer);
    if media_type == "text/event-stream" {
        return None;
    }
    let body = answer.into_body().collect().await.expect("an answer is whole").to_bytes();
    if is_refused {
        assert_eq!(world.next_sequence(tenant).await, before, "a refusal was told: {told}");
    }
    if is_error {
        check_shape(&path, status, &media_type, &body, &told);
    }
    Some(body)
}

async fn send(world: &World, call: Call) -> Response {
    let answer = world.router.clone().oneshot(call.into_request()).await;
    answer.unwrap_or_else(|never| match never {})
}

fn media_type(answer: &Response) -> String {
    let value = answer.headers().get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().to_owned()
}

/// An error has the members that the clients of its path read.
fn check_shape(path: &str, status: StatusCode, media_type: &str, body: &[u8], told: &str) {
    let Some(members) = members_at(path) else { return };
    let text = String::from_utf8_lossy(body);
    let error: Value = serde_json::from_slice(body)
        .unwrap_or_else(|_| panic!("{status} is no JSON: {text:?} after {told}"));
    for member in members {
        let is_told = error[*member].is_number() || error[*member].is_string();
        assert!(is_told, "{status} lacks `{member}`: {text} after {told}");
    }
    if members == PROBLEM {
        assert_eq!(media_type, "application/problem+json", "{text} after {told}");
    }
}

const PROBLEM: &[&str] = &["type", "title", "status", "code", "detail"];
const AKINON: &[&str] = &["statusCode", "error", "message"];

/// The members of an error at a path; `None` of pages for people.
fn members_at(path: &str) -> Option<&'static [&'static str]> {
    // Slashes at the beginning are mended before the path is looked at.
    let path = path.trim_start_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    Some(match segments[..] {
        ["api", "v1", "organizations", id, "projects", project, ..]
        | ["organizations", id, "projects", project, ..]
            if !id.is_empty() && !project.is_empty() && is_followed(path, project) =>
        {
            AKINON
        }
        ["api", "v1", ..] => PROBLEM,
        ["organization", _, ..] => &["status", "error", "message"],
        ["orgs", ..] | ["webhook", _, ..] | ["v1", "company", _, ..] => &["error", "message"],
        ["deployment-events" | "build-events" | "version-events"]
        | ["deployment-events" | "build-events" | "version-events", ""] => {
            &["detail", "error", "message"]
        }
        _ => return None,
    })
}

/// Whether there is something in a path behind a segment of it.
fn is_followed(path: &str, segment: &str) -> bool {
    let behind = path.rsplit_once(segment).map_or("", |(_, behind)| behind);
    behind.len() > 1
}

/// What an input's words stand for.
struct Words<'a> {
    world: &'a World,
    tenant: &'a Tenant,
    session: Option<(String, String)>,
    last: String,
}

impl<'a> Words<'a> {
    const fn of(world: &'a World, tenant: &'a Tenant) -> Self {
        Self { world, tenant, session: None, last: String::new() }
    }

    /// Puts words of this tenant in place of `$KEY`, `$SLUG`, `$ORG`, `$LAST` and the others;
    /// `None` if the text grows without end by that.
    async fn fill(&mut self, text: &str) -> Option<String> {
        const CHARS_MAX: usize = 64 * 1024;
        let Tenant { caller, key, signing_key, .. } = self.tenant;
        let mut text = text.replace("$KEY", key).replace("$SLUG", &caller.slug);
        text = text.replace("$ORG", &caller.organization.to_string());
        text = text.replace("$SIGNER", signing_key).replace("$LAST", &self.last);
        text = text.replace("$NOW", &self.world.seconds().to_string());
        if text.contains("$COOKIE") || text.contains("$CSRF") {
            text = self.signed_in(&text).await;
        }
        if text.contains("$SIGNATURE") {
            text = text.replace("$SIGNATURE", &self.signature(&text));
        }
        (text.len() <= CHARS_MAX).then_some(text)
    }

    async fn signed_in(&mut self, text: &str) -> String {
        if self.session.is_none() {
            self.session = Some(self.world.sign_in(self.tenant).await);
        }
        let (cookie, csrf) = self.session.as_ref().expect("it was just put there");
        text.replace("$COOKIE", cookie).replace("$CSRF", csrf)
    }

    /// The signature of the request at the time of the server's clock.
    fn signature(&self, text: &str) -> String {
        let body = text.split_once("\n\n").map_or("", |(_, body)| body);
        let now = self.world.seconds().to_string();
        signing::sign(&self.tenant.signing_secret, &now, body.as_bytes())
    }

    /// Notes what `$LAST` stands for: the id that an answer tells, else the `next` of a page.
    fn note_last(&mut self, answer: &Value) {
        let members = ["id", "_id", "next", "key_id", "deployment_id"];
        let told = members.into_iter().find_map(|member| answer[member].as_str());
        if let Some(told) = told {
            told.clone_into(&mut self.last);
        }
    }
}
