//! Signing keys in the native API: made, listed, changed, revoked.

use landfall_domain::access::Scope;
use landfall_domain::signing::{Claim, seconds, sign};
use landfall_engine::EngineError;
use landfall_engine::signed::NotSigned;
use serde_json::json;

use super::{Key, NOTIFY, Scene, notification};
use crate::harness::{Call, Server, Waiting, poll_until_read, with_reads_in_turn};

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_sealed() {
    let scene = Scene::start().await;
    let made = scene.native("POST", "/signing-keys", &json!({"name": "deploys"})).await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 40);
    assert_eq!((&made["name"], &made["allows_legacy"]), (&json!("deploys"), &json!(true)));
    let listed = scene.show("/signing-keys").await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items.iter().any(|item| item["key_id"] == made["key_id"]), "{listed}");
    let audit = scene.show("/audit").await.to_string();
    assert!(!listed.to_string().contains(&secret) && !audit.contains(&secret));
    let data = scene.server.stop().await;
    for file in std::fs::read_dir(data.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(40).any(|part| part == secret.as_bytes()), "it lies open");
    }
}

#[tokio::test]
async fn a_key_tells_when_it_was_last_used() {
    let scene = Scene::start().await;
    assert_eq!(scene.show("/signing-keys").await["items"][0]["last_used_at"], json!(null));
    scene.put(NOTIFY, &notification()).await.ok();
    scene.server.engine.note_key_use().await.unwrap();
    let shown = scene.show("/signing-keys").await;
    assert_eq!(shown["items"][0]["last_used_at"], "2026-03-01T12:00:01Z");
    scene.server.stop().await;
}

#[tokio::test]
async fn a_key_is_revoked_once() {
    let scene = Scene::start().await;
    let path = format!("/api/v1/signing-keys/{}", scene.key.id);
    let delete = || scene.server.send(Call::new("DELETE", &path));
    assert_eq!(delete().await.status, 204);
    assert_eq!(delete().await.status, 404);
    let edit = Call::post(&path, r#"{"allows_legacy":false}"#).method("PATCH");
    assert_eq!(scene.server.send(edit).await.status, 404);
    let shown = scene.show("/signing-keys").await;
    assert_eq!(shown["items"][0]["revoked_at"], "2026-03-01T12:00:00Z");
    scene.server.stop().await;
}

#[test]
fn a_key_that_was_read_just_before_it_is_revoked_opens_nothing_after() {
    with_reads_in_turn(async {
        let scene = Scene::start().await;
        let Key { id, secret } = &scene.key;
        let timestamp = seconds(scene.server.ambient.now()).to_string();
        let signature = sign(secret, &timestamp, b"{}");
        let claim = Claim { key_id: id, timestamp: &timestamp, signature: &signature };
        let engine = &scene.server.engine;
        let mut reading: Waiting<'_, _> = Box::pin(engine.authenticate_signed(claim, b"{}"));
        poll_until_read(&mut reading).await;
        engine.revoke_signing_key(&scene.server.admin, id).await.unwrap();
        assert!(reading.await.is_ok(), "it was live when it was read");
        let after = engine.authenticate_signed(claim, b"{}").await;
        let is_refused = matches!(after, Err(NotSigned::Engine(EngineError::Unauthenticated)));
        assert!(is_refused, "{after:?}");
        scene.server.stop().await;
    });
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_also_if_another_is_revoked_meanwhile() {
    let scene = Scene::start().await;
    scene.put(NOTIFY, &notification()).await.ok();
    let other = Key::new(&scene.server).await;
    scene.native("DELETE", &format!("/signing-keys/{}", other.id), &json!({})).await;
    scene.server.engine.note_key_use().await.unwrap();
    let shown = scene.show("/signing-keys").await;
    assert_eq!(shown["items"][0]["last_used_at"], "2026-03-01T12:00:01Z");
    scene.server.stop().await;
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    let scene = Scene::start().await;
    let path = format!("/signing-keys/{}", scene.key.id);
    let edited = scene.native("PATCH", &path, &json!({"allows_legacy": false})).await;
    assert_eq!(edited["allows_legacy"], false);
    scene.native("DELETE", &path, &json!({})).await;
    let audit = scene.show("/audit").await;
    let of_key = audit["items"].as_array().unwrap().iter();
    let of_key = of_key.filter(|entry| entry["subject"] == json!(scene.key.id));
    let mut actions: Vec<_> = of_key.map(|entry| entry["action"].as_str().unwrap()).collect();
    // All of one moment, so that their order is nothing to go by.
    actions.sort_unstable();
    assert_eq!(actions, ["signing_key.created", "signing_key.revoked", "signing_key.updated"]);
    scene.server.stop().await;
}

#[tokio::test]
async fn only_admins_of_the_organization_have_to_do_with_its_keys() {
    let scene = Scene::start().await;
    let server: &Server = &scene.server;
    let path = format!("/api/v1/signing-keys/{}", scene.key.id);
    let manager = server.key(&[Scope::Manage], None).await;
    let (stranger, _) = server.organization("acme").await;
    for (key, status) in [(&manager, 403), (&stranger, 404)] {
        for call in [
            Call::new("DELETE", &path),
            Call::post(&path, r#"{"allows_legacy":false}"#).method("PATCH"),
        ] {
            assert_eq!(server.send(call.key(key)).await.status, status);
        }
    }
    let listed = server.send(Call::new("GET", "/api/v1/signing-keys").key(&stranger)).await;
    assert_eq!(listed.ok().json()["items"], json!([]));
    scene.put(NOTIFY, &notification()).await.ok();
    scene.server.stop().await;
}

#[tokio::test]
async fn what_can_not_be_made_is_refused_by_name() {
    let scene = Scene::start().await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": " "}), "name"),
        (json!({"name": "x".repeat(256)}), "name"),
        (json!({"name": "x", "allows_legacy": "yes"}), "allows_legacy"),
        (json!({"name": "x", "secret": "mine"}), "secret"),
    ] {
        let answer = scene.server.post("/api/v1/signing-keys", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text("detail").contains(&format!("'{field}'")), "{}", answer.body);
    }
    scene.server.stop().await;
}

#[tokio::test]
async fn a_signing_key_is_no_api_key() {
    let scene = Scene::start().await;
    let Key { id, secret } = &scene.key;
    for bearer in
        [secret.clone(), id.clone(), format!("{id}_{secret}"), format!("sk_default_{id}_{secret}")]
    {
        let answer = scene.server.send(Call::new("GET", "/api/v1/status").key(&bearer)).await;
        assert_eq!(answer.status, 401);
    }
    scene.server.stop().await;
}
