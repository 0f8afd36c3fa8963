//! Tenants: through no route of any dialect does one learn what another has, nor changes it.

use std::collections::BTreeMap;

use super::routes::paths;
use super::world::{MARK, World, unknown};
use crate::envtracker::Key;
use crate::harness::{Answer, Call, Server};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// What anybody may ask for.
const PUBLIC: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"];

/// Puts words into a path, and tells which: each beside one that nobody has.
fn filled(path: &str, world: &World) -> (String, BTreeMap<String, String>) {
    let (mut full, mut words, mut rest) = (String::new(), BTreeMap::new(), path);
    while let Some((text, from)) = rest.split_once('{') {
        full.push_str(text);
        let before = &path[..path.len() - from.len() - 1];
        let word = world.word(before);
        full.push_str(&word);
        words.insert(word.clone(), unknown(&word));
        rest = from.split_once('}').unwrap().1;
    }
    full.push_str(rest);
    (full, words)
}

fn replaced(text: &str, words: &BTreeMap<String, String>) -> String {
    words.iter().fold(text.to_owned(), |text, (word, other)| text.replace(word.as_str(), other))
}

/// Somebody of another organization.
struct Stranger {
    api_key: String,
    signing_key: Key,
}

impl Stranger {
    async fn ask(&self, server: &Server, method: &str, path: &str, body: &str) -> Answer {
        let is_signed = path.starts_with("/webhook/") || path.starts_with("/v1/company/");
        let call = if is_signed {
            self.signing_key.put(server, path, body.as_bytes()).method(method)
        } else {
            Call::post(path, body.to_owned()).method(method).key(&self.api_key)
        };
        server.send(call).await
    }
}

/// Bodies that a route may want, so that its answer is about what its path names.
fn bodies(path: &str) -> Vec<&'static str> {
    if path.ends_with("/replay") || path.ends_with("/resend-failed") {
        return vec![r#"{"first":1,"last":2}"#];
    }
    if path.contains("/signing-keys/") {
        return vec![r#"{"allows_legacy":false}"#];
    }
    if path.contains("/users/") {
        return vec![r#"{"role":"viewer"}"#];
    }
    if path.starts_with("/organization/") {
        return vec![r#"{"kind":"STANDARD","target_url":"https://example.com","events":[]}"#];
    }
    if path.ends_with("/retire") {
        return vec![r#"{"environment":"zebra-env"}"#];
    }
    vec!["{}"]
}

/// All that the first organization may read of itself.
async fn everything(server: &Server) -> BTreeMap<String, String> {
    let mut everything = BTreeMap::new();
    for path in paths() {
        if path.starts_with("/api/v1/") && !path.contains('{') && !path.ends_with("/stream") {
            let answer = server.send(Call::new("GET", &path)).await;
            everything.insert(path, answer.body);
        }
    }
    everything
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_or_changes_what_another_organization_has() {
    let server = Server::start().await;
    let world = World::make(&server).await;
    let (api_key, _) = server.organization("stranger").await;
    let signing_key = Key::of(&server, &api_key, true).await;
    let stranger = Stranger { api_key, signing_key };
    let before = everything(&server).await;
    let (mut asked, mut wrong) = (0, Vec::new());
    for path in paths().iter().filter(|path| path.contains('{') && !PUBLIC.contains(&&***path)) {
        let (full, words) = filled(path, &world);
        let nowhere = replaced(&full, &words);
        assert_ne!(full, nowhere);
        for (method, body) in
            METHODS.iter().flat_map(|m| bodies(path).into_iter().map(move |b| (m, b)))
        {
            let theirs = stranger.ask(&server, method, &full, body).await;
            let nobodys = stranger.ask(&server, method, &nowhere, body).await;
            if !matches!(theirs.status, 401 | 403..=405) {
                wrong.push(format!("{method} {full}: {} {}", theirs.status, theirs.body));
            }
            assert_eq!(theirs.status, nobodys.status, "{method} {full}");
            let shown = replaced(&theirs.body, &words);
            assert_eq!(shown, replaced(&nobodys.body, &words), "{method} {full}");
            asked += 1;
        }
    }
    assert!(asked >= 200, "{asked}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(before, everything(&server).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_what_is_the_callers_own() {
    let server = Server::start().await;
    let world = World::make(&server).await;
    let (api_key, _) = server.organization("stranger").await;
    let ids = [&world.organization["id"], &world.project["id"], &world.project["object_id"]];
    for path in paths().iter().filter(|path| !path.contains('{')) {
        if PUBLIC.contains(&&**path) || path.ends_with("/stream") {
            continue;
        }
        let answer = server.send(Call::new("GET", path).key(&api_key)).await;
        assert!(!answer.body.contains(MARK), "{path}: {}", answer.body);
        for id in ids {
            assert!(!answer.body.contains(id.as_str().unwrap()), "{path}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn without_a_credential_nothing_is_served() {
    let server = Server::start().await;
    for path in paths().iter().filter(|path| !PUBLIC.contains(&&***path)) {
        let path = path.replace(['{', '}', '*'], "");
        for method in METHODS {
            let answer = server.send(Call::new(method, &path).anonymous()).await;
            assert!(matches!(answer.status, 401 | 405), "{method} {path}: {answer:?}");
        }
    }
}
