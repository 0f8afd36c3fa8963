//! Changing and removing members, and what that does to their sessions.

use landfall_domain::access::Scope;
use landfall_domain::role::Role;
use landfall_engine::users::MemberEdit;

use super::{PASSWORD, disabled, email, new_user, refused, reset, role};
use crate::harness::Server;

#[tokio::test]
async fn another_role_acts_at_once() {
    let server = Server::start().await;
    server.add("ada", Role::Admin).await;
    server.add("bob", Role::Admin).await;
    let opened = server.sign_in("ada").await;
    assert!(server.session(&opened).await.caller().allows(Scope::Admin));
    server.engine.edit_user(&server.admin, &email("ada"), role(Role::Viewer)).await.unwrap();
    let caller = server.session(&opened).await.caller().clone();
    assert!(!caller.allows(Scope::Manage));
    assert_eq!(refused(server.engine.list_users(&caller).await).0, "forbidden");
}

#[tokio::test]
async fn nobody_changes_their_own_role() {
    let server = Server::start().await;
    server.add("ada", Role::Admin).await;
    server.add("bob", Role::Admin).await;
    let opened = server.sign_in("ada").await;
    let caller = opened.session.caller();
    let outcome = server.engine.edit_user(caller, &email("ada"), role(Role::Manager)).await;
    assert_eq!(refused(outcome).0, "invalid_field");
    let outcome = server.engine.edit_user(caller, &email("ada"), reset()).await;
    assert_eq!(refused(outcome).0, "invalid_field");
    server.engine.edit_user(caller, &email("bob"), role(Role::Manager)).await.unwrap();
}

#[tokio::test]
async fn the_last_admin_stays() {
    let server = Server::start().await;
    server.add("ada", Role::Admin).await;
    server.add("bob", Role::Admin).await;
    server.engine.edit_user(&server.admin, &email("bob"), disabled(true)).await.unwrap();
    let admin = &server.admin;
    for outcome in [
        server.engine.edit_user(admin, &email("ada"), role(Role::Viewer)).await.map(|_| ()),
        server.engine.edit_user(admin, &email("ada"), disabled(true)).await.map(|_| ()),
        server.engine.remove_user(admin, &email("ada")).await,
    ] {
        let (code, told) = refused(outcome);
        assert_eq!(code, "in_use");
        assert!(told.contains("`ada@acme.example` is the last admin here"), "{told}");
    }
    server.engine.edit_user(admin, &email("bob"), disabled(false)).await.unwrap();
    server.engine.remove_user(admin, &email("ada")).await.unwrap();
    assert_eq!(refused(server.engine.remove_user(admin, &email("bob")).await).0, "in_use");
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_forgotten() {
    let server = Server::start().await;
    let ada = server.add("ada", Role::Viewer).await;
    server.add("bob", Role::Viewer).await;
    let (gone, stays) = (server.sign_in("ada").await, server.sign_in("bob").await);
    server.session(&gone).await;
    server.engine.remove_user(&server.admin, &ada.member.user.id.to_string()).await.unwrap();
    assert!(!server.is_live(&gone).await);
    assert!(server.is_live(&stays).await);
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await).0, "unauthenticated");
    assert_eq!(server.engine.list_sessions(&server.admin).await.unwrap().len(), 1);
    let again = server.add("ada", Role::Viewer).await;
    assert_ne!(again.member.user.id, ada.member.user.id);
}

#[tokio::test]
async fn who_is_disabled_is_out_until_enabled() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    server.engine.edit_user(&server.admin, &email("ada"), disabled(true)).await.unwrap();
    assert!(!server.is_live(&opened).await);
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await).0, "unauthenticated");
    server.engine.edit_user(&server.admin, &email("ada"), disabled(false)).await.unwrap();
    assert!(!server.is_live(&opened).await);
    server.sign_in("ada").await;
}

#[tokio::test]
async fn a_reset_makes_a_password_and_ends_the_sessions() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    assert!(!opened.session.user().unwrap().has_initial_password);
    let changed = server.engine.edit_user(&server.admin, &email("ada"), reset()).await.unwrap();
    assert!(!server.is_live(&opened).await);
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await).0, "unauthenticated");
    let made = changed.password.unwrap();
    assert_eq!((made.len(), made.matches('-').count()), (23, 3));
    let opened = server.try_sign_in("ada", &made).await.unwrap();
    assert!(opened.session.user().unwrap().has_initial_password);
}

#[tokio::test]
async fn a_password_that_is_too_easy_is_refused() {
    let server = Server::start().await;
    let long = "x".repeat(201);
    for password in ["", "elevenchars", "Ada@ACME.example", &long] {
        let mut new = new_user("ada", Role::Viewer);
        new.password = Some(password.to_owned());
        let outcome = server.engine.create_user(&server.admin, new).await;
        let (code, told) = refused(outcome);
        assert_eq!(code, "invalid_field", "{password}");
        assert!(told.starts_with("`password` must"), "{told}");
    }
    assert!(server.engine.list_users(&server.admin).await.unwrap().is_empty());
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    let server = Server::start().await;
    server.add("ada", Role::Admin).await;
    let ada = server.sign_in("ada").await;
    let caller = ada.session.caller();
    server.add_by(caller, "bob", Role::Viewer).await;
    let edit = MemberEdit {
        role: Some(Role::Manager),
        name: Some("Bob".to_owned()),
        disabled: Some(true),
        resets_password: true,
    };
    server.engine.edit_user(caller, &email("bob"), edit.clone()).await.unwrap();
    let same = MemberEdit { resets_password: false, ..edit };
    server.engine.edit_user(caller, &email("bob"), same).await.unwrap();
    server.engine.edit_user(caller, &email("bob"), disabled(false)).await.unwrap();
    server.engine.remove_user(caller, &email("bob")).await.unwrap();
    let by_key = server.engine.sign_in_with_key(&server.admin_key, &super::browser()).await;
    server.engine.revoke_session(caller, by_key.unwrap().session.id()).await.unwrap();
    assert_eq!(
        server.audited().await,
        [
            "session.revoked ada@acme.example: k1",
            "user.created ada@acme.example: bob@acme.example as viewer",
            "user.created k1: ada@acme.example as admin",
            "user.disabled ada@acme.example: bob@acme.example as manager",
            "user.enabled ada@acme.example: bob@acme.example as manager",
            "user.password_reset ada@acme.example: bob@acme.example as manager",
            "user.removed ada@acme.example: bob@acme.example as manager",
            "user.renamed ada@acme.example: bob@acme.example as manager",
            "user.role_changed ada@acme.example: bob@acme.example as manager",
        ]
    );
}

#[tokio::test]
async fn only_admins_manage_people() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    for held in [Role::Viewer, Role::Reporter, Role::Manager] {
        server.add(held.as_str(), held).await;
        let opened = server.sign_in(held.as_str()).await;
        let caller = opened.session.caller();
        for outcome in [
            server.engine.list_users(caller).await.map(|_| ()),
            server.engine.find_user(caller, &email("ada")).await.map(|_| ()),
            server.engine.create_user(caller, new_user("eve", Role::Admin)).await.map(|_| ()),
            server.engine.edit_user(caller, &email("ada"), role(Role::Admin)).await.map(|_| ()),
            server.engine.remove_user(caller, &email("ada")).await,
            server.engine.list_sessions(caller).await.map(|_| ()),
        ] {
            assert_eq!(refused(outcome).0, "forbidden", "{}", held.as_str());
        }
    }
}
