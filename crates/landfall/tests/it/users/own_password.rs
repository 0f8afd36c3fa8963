//! Changing one's own password.

use landfall_domain::role::Role;
use landfall_engine::users::NewUser;

use super::{PASSWORD, browser, email, new_user, refused};
use crate::harness::Server;

const OTHER: &str = "another horse battery";

#[tokio::test]
async fn the_present_password_is_asked_for_and_all_sessions_end() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let (one, two) = (server.sign_in("ada").await, server.sign_in("ada").await);
    let session = server.session(&one).await;
    server.session(&two).await;
    let change =
        async |present: &str, new: &str| server.change_password(&session, present, new).await;
    for (present, new, field) in [
        ("wrong", OTHER, "present_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "ada@acme.example", "new_password"),
        (PASSWORD, PASSWORD, "new_password"),
    ] {
        let (code, told) = refused(change(present, new).await);
        assert_eq!(code, "invalid_field");
        assert!(told.starts_with(&format!("`{field}`")), "{told}");
    }
    assert!(server.is_live(&two).await);

    let opened = change(PASSWORD, OTHER).await.unwrap();
    assert!(!server.is_live(&one).await && !server.is_live(&two).await);
    assert!(server.is_live(&opened).await);
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await).0, "unauthenticated");
    server.try_sign_in("ada", OTHER).await.unwrap();
    let logged = server.audited().await;
    assert_eq!(logged[1], "user.password_changed ada@acme.example: ada@acme.example");
}

#[tokio::test]
async fn the_new_session_looks_where_the_old_one_did() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    server.add("ada", Role::Viewer).await;
    server.add_by(&other, "ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    let session = server.session(&opened).await;
    let session = server.engine.switch_organization(&session, other.organization).await.unwrap();
    let opened = server.change_password(&session, PASSWORD, OTHER).await;
    assert_eq!(opened.unwrap().session.caller().organization, other.organization);
}

#[tokio::test]
async fn a_password_that_was_made_is_ones_own_once_it_is_changed() {
    let server = Server::start().await;
    let new = NewUser { password: None, ..new_user("ada", Role::Viewer) };
    let made = server.engine.create_user(&server.admin, new).await.unwrap();
    assert!(made.member.user.has_initial_password);
    let made = made.password.unwrap();
    let opened = server.try_sign_in("ada", &made).await.unwrap();
    let changed = server.change_password(&opened.session, &made, OTHER).await.unwrap();
    assert!(!changed.session.user().unwrap().has_initial_password);
    let listed = server.engine.find_user(&server.admin, &email("ada")).await.unwrap();
    assert!(!listed.user.has_initial_password);
}

#[tokio::test]
async fn a_stolen_session_can_not_guess_the_password() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    let guess = async || server.change_password(&opened.session, "wrong", OTHER).await;
    for _ in 0..5 {
        assert_eq!(refused(guess().await).0, "invalid_field");
    }
    assert_eq!(refused(guess().await).0, "too_fast");
}

#[tokio::test]
async fn a_session_of_a_key_has_no_password() {
    let server = Server::start().await;
    let opened = server.engine.sign_in_with_key(&server.admin_key, &browser()).await.unwrap();
    let changed = server.change_password(&opened.session, "x", OTHER).await;
    assert_eq!(refused(changed).0, "invalid_field");
}
