//! Signing in with an admin key, as there is nothing else in the beginning.

use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::role::Role;
use landfall_engine::EngineError;

use super::{browser, refused};
use crate::harness::{Server, Waiting, noon, poll_until_read, with_reads_in_turn};

#[tokio::test]
async fn an_admin_key_signs_in_and_acts_as_itself() {
    let server = Server::start().await;
    let opened = server.engine.sign_in_with_key(&server.admin_key, &browser()).await.unwrap();
    let session = server.session(&opened).await;
    assert_eq!(session.caller().key_id, "k1");
    assert_eq!(session.key().unwrap().name, "first admin key");
    assert!(session.caller().allows(Scope::Admin));
    assert!(session.user().is_none() && session.role().is_none());
    assert!(session.organizations().is_empty());
    assert_eq!(session.organization_name(), "default");
    server.add_by(session.caller(), "ada", Role::Admin).await;
    assert_eq!(server.audited().await, ["user.created k1: ada@acme.example as admin"]);
}

#[tokio::test]
async fn a_key_without_admin_or_that_opens_nothing_does_not_sign_in() {
    let server = Server::start().await;
    for scope in [Scope::Read, Scope::Report, Scope::Manage] {
        let key = server.key(&[scope], None).await;
        let opened = server.engine.sign_in_with_key(&key, &browser()).await;
        assert_eq!(refused(opened).0, "forbidden");
    }
    let wrong = "sk_default_k1_0123456789abcdef0123456789abcdef";
    for key in [wrong, "", "ada@acme.example", wrong, wrong] {
        let opened = server.engine.sign_in_with_key(key, &browser()).await;
        assert_eq!(refused(opened).0, "unauthenticated", "{key}");
    }
    let opened = server.engine.sign_in_with_key(&server.admin_key, &browser()).await;
    assert_eq!(refused(opened).0, "too_fast", "guesses are counted for the address");
}

#[tokio::test]
async fn a_session_dies_with_its_key() {
    let server = Server::start().await;
    let expires_at = noon() + Duration::from_mins(5);
    let revoked = server.key(&[Scope::Admin], None).await;
    let expired = server.key(&[Scope::Admin], Some(expires_at)).await;
    let revoked = server.engine.sign_in_with_key(&revoked, &browser()).await.unwrap();
    let expired = server.engine.sign_in_with_key(&expired, &browser()).await.unwrap();
    let kept = server.engine.sign_in_with_key(&server.admin_key, &browser()).await.unwrap();
    assert!(server.is_live(&revoked).await);
    server.engine.revoke_key(&server.admin, "k2").await.unwrap();
    assert!(!server.is_live(&revoked).await);
    assert!(server.is_live(&expired).await);
    server.ambient.set(expires_at);
    assert!(!server.is_live(&expired).await);
    assert!(server.is_live(&kept).await);
}

#[tokio::test]
async fn a_preset_key_with_another_secret_ends_what_the_old_one_opened() {
    let server = Server::start().await;
    let preset = "sk_default_ops_0123456789abcdef0123456789abcdef";
    server.engine.preset_admin_key(preset).await.unwrap();
    let opened = server.engine.sign_in_with_key(preset, &browser()).await.unwrap();
    server.engine.preset_admin_key(preset).await.unwrap();
    assert!(server.is_live(&opened).await, "the same key again, as after a restart");
    let other = preset.replace("0123", "3210");
    server.engine.preset_admin_key(&other).await.unwrap();
    assert!(!server.is_live(&opened).await);
}

#[test]
fn a_key_that_was_read_just_before_it_is_revoked_opens_nothing_after() {
    with_reads_in_turn(async {
        let server = Server::start().await;
        let key = server.key(&[Scope::Read], None).await;
        let mut reading: Waiting<'_, _> = Box::pin(server.engine.authenticate(&key));
        poll_until_read(&mut reading).await;
        server.engine.revoke_key(&server.admin, "k2").await.unwrap();
        assert!(reading.await.is_ok(), "it was live when it was read");
        let after = server.engine.authenticate(&key).await;
        assert!(matches!(after, Err(EngineError::Unauthenticated)), "{after:?}");
        server.stop().await;
    });
}
