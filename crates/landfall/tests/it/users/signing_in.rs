//! Signing in with e-mail address and password, and what a session may do.

use landfall_domain::access::Scope;
use landfall_domain::role::Role;
use landfall_engine::sessions::Client;

use super::{PASSWORD, browser, disabled, email, refused};
use crate::harness::{Server, everything_in};

#[tokio::test]
async fn a_person_acts_with_their_role() {
    let server = Server::start().await;
    for role in Role::ALL {
        server.add(role.as_str(), role).await;
        let opened = server.sign_in(role.as_str()).await;
        let session = server.session(&opened).await;
        let caller = session.caller();
        let allowed = Scope::ALL.map(|scope| caller.allows(scope));
        assert_eq!(allowed, Scope::ALL.map(|scope| role.allows(scope)), "{}", role.as_str());
        assert_eq!(caller.key_id, email(role.as_str()));
        assert_eq!((caller.slug.as_str(), session.role()), ("default", Some(role)));
        assert_eq!(session.organization_name(), "default");
        assert_eq!(caller.user(), session.user().map(|user| user.id));
        assert!(session.key().is_none());
    }
}

#[tokio::test]
async fn case_and_space_around_the_address_do_not_matter() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    for written in ["ADA@acme.example", "  Ada@Acme.Example "] {
        let opened = server.engine.sign_in_with_password(written, PASSWORD, &browser()).await;
        assert_eq!(opened.unwrap().session.user().unwrap().email.as_str(), "ada@acme.example");
    }
    let again = server.engine.create_user(&server.admin, super::new_user("ADA", Role::Admin)).await;
    assert_eq!(refused(again).0, "name_taken");
}

#[tokio::test]
async fn what_is_wrong_is_told_to_nobody_and_costs_the_same() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    server.add("eve", Role::Viewer).await;
    server.engine.edit_user(&server.admin, &email("eve"), disabled(true)).await.unwrap();
    let endless = "x".repeat(10_000);
    for (name, password) in [
        ("ada", "another password"),
        ("ada", "Correct horse battery"),
        ("ada", "correct horse battery "),
        ("ada", ""),
        ("ada", &endless),
        ("eve", PASSWORD),
        ("nobody", PASSWORD),
        ("nobody", ""),
        ("no body", PASSWORD),
    ] {
        let before = server.hashed();
        let client = Client::default();
        // Each from nowhere, so that only the e-mail address is counted.
        let outcome = server.try_sign_in_from(&client, name, password).await;
        assert_eq!(refused(outcome).0, "unauthenticated", "{name}");
        assert_eq!(server.hashed() - before, 1, "{name}");
        if name == "ada" {
            server.try_sign_in_from(&client, name, PASSWORD).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_token_opens_only_what_it_was_made_for() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    let other = server.sign_in("ada").await;
    assert_ne!(opened.token, other.token);
    assert_eq!(opened.token.len(), 43);
    let fits_a_cookie = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    assert!(opened.token.chars().all(fits_a_cookie), "{}", opened.token);
    assert_eq!(server.session(&opened).await.id(), opened.session.id());
    let cut = &opened.token[..42];
    for token in ["", "x", cut, &format!("{} ", opened.token), &opened.session.csrf()] {
        assert_eq!(refused(server.engine.session(token).await).0, "unauthenticated", "{token}");
    }
}

#[tokio::test]
async fn a_form_belongs_to_its_session() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let (one, other) = (server.sign_in("ada").await, server.sign_in("ada").await);
    let session = server.session(&one).await;
    assert!(session.is_csrf(&one.session.csrf()));
    for token in ["", "x", &other.session.csrf(), &one.token] {
        assert!(!session.is_csrf(token), "{token}");
    }
}

#[tokio::test]
async fn who_signs_out_is_out_at_once_and_nobody_else_is() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let (one, other) = (server.sign_in("ada").await, server.sign_in("ada").await);
    let session = server.session(&one).await;
    server.session(&other).await;
    server.engine.sign_out(&session).await.unwrap();
    assert!(!server.is_live(&one).await);
    assert!(server.is_live(&other).await);
}

#[tokio::test]
async fn a_session_says_where_it_was_opened() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let boasting = format!("Mozilla\u{1b}[2J\r\n{}", "x".repeat(500));
    let client = Client::new(Some("::ffff:192.0.2.7".parse().unwrap()), &boasting);
    let opened = server.try_sign_in_from(&client, "ada", PASSWORD).await.unwrap();
    let listed = server.engine.list_own_sessions(opened.session.caller()).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].record.address, "192.0.2.7");
    assert_eq!(listed[0].record.user_agent.chars().count(), 200);
    assert!(listed[0].record.user_agent.starts_with("Mozilla[2Jxxx"));
    assert_eq!(listed[0].email.as_ref().unwrap().as_str(), email("ada"));
}

#[tokio::test]
async fn neither_token_nor_password_is_stored() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let made = super::NewUser { password: None, ..super::new_user("bob", Role::Viewer) };
    let made = server.engine.create_user(&server.admin, made).await.unwrap().password.unwrap();
    let opened = server.sign_in("ada").await;
    let by_key = server.engine.sign_in_with_key(&server.admin_key, &browser()).await.unwrap();
    let directory = server.stop().await;
    let stored = everything_in(directory.path());
    let holds = |secret: &str| stored.windows(secret.len()).any(|it| it == secret.as_bytes());
    assert!(holds("ada@acme.example") && holds("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in [PASSWORD, &made, &opened.token, &by_key.token] {
        assert!(!holds(secret), "{secret}");
    }
}
