//! One person in several organizations.

use landfall_domain::access::Scope;
use landfall_domain::role::Role;

use super::{PASSWORD, disabled, email, new_user, refused, reset, role};
use crate::harness::Server;

#[tokio::test]
async fn one_person_switches_between_organizations_with_a_role_in_each() {
    let server = Server::start().await;
    let (_, eu) = server.organization("acme-eu").await;
    let (_, us) = server.organization("acme-us").await;
    server.add("ada", Role::Viewer).await;
    server.add_by(&eu, "ada", Role::Admin).await;
    let opened = server.sign_in("ada").await;
    let session = server.session(&opened).await;
    let places = session.organizations().iter().map(|it| (it.slug.as_str(), it.role));
    let places: Vec<_> = places.collect();
    assert_eq!(places, [("acme-eu", Role::Admin), ("default", Role::Viewer)]);
    assert_eq!(session.caller().organization, eu.organization);

    let switched = server.engine.switch_organization(&session, server.admin.organization).await;
    let switched = switched.unwrap();
    assert_eq!(switched.role(), Some(Role::Viewer));
    assert!(!switched.caller().allows(Scope::Admin));
    let now = server.session(&opened).await;
    assert_eq!(now.caller().organization, server.admin.organization);
    assert_eq!((now.id(), now.csrf()), (session.id(), session.csrf()));

    let elsewhere = server.engine.switch_organization(&session, us.organization).await;
    assert_eq!(refused(elsewhere).0, "not_found");
}

#[tokio::test]
async fn a_sign_in_is_noted_in_the_organization_that_it_leads_to() {
    let server = Server::start().await;
    let (_, eu) = server.organization("acme-eu").await;
    server.add("ada", Role::Viewer).await;
    server.add_by(&eu, "ada", Role::Viewer).await;
    let noted = async |by| {
        let found = server.engine.find_user(by, &email("ada")).await.unwrap();
        found.last_signed_in_at
    };
    assert_eq!((noted(&eu).await, noted(&server.admin).await), (None, None));
    let first = server.ambient.now();
    let opened = server.sign_in("ada").await;
    assert_eq!((noted(&eu).await, noted(&server.admin).await), (Some(first), None));

    let later = first + std::time::Duration::from_mins(1);
    server.ambient.set(later);
    let session = server.session(&opened).await;
    server.engine.switch_organization(&session, server.admin.organization).await.unwrap();
    assert_eq!((noted(&eu).await, noted(&server.admin).await), (Some(first), Some(later)));
}

#[tokio::test]
async fn ones_own_sessions_end_by_oneself_and_nobody_elses() {
    let server = Server::start().await;
    server.add("ada", Role::Admin).await;
    server.add("bob", Role::Viewer).await;
    let ada =
        [server.sign_in("ada").await, server.sign_in("ada").await, server.sign_in("ada").await];
    let bob = server.sign_in("bob").await;
    let caller = ada[0].session.caller();
    let foreign = server.engine.revoke_own_session(caller, bob.session.id()).await;
    assert_eq!(refused(foreign).0, "not_found");
    server.engine.revoke_own_session(caller, ada[1].session.id()).await.unwrap();
    assert!(!server.is_live(&ada[1]).await && server.is_live(&ada[2]).await);

    server.engine.revoke_other_sessions(&ada[0].session).await.unwrap();
    assert!(server.is_live(&ada[0]).await && !server.is_live(&ada[2]).await);
    assert!(server.is_live(&bob).await);
    let logged = server.audited().await;
    assert_eq!(logged[0], "session.others_revoked ada@acme.example: ada@acme.example");
}

#[tokio::test]
async fn the_sessions_of_a_key_end_in_its_organization_only() {
    let server = Server::start().await;
    let (other, _) = server.organization("other").await;
    let client = super::browser();
    let open = async |key: &str| server.engine.sign_in_with_key(key, &client).await.unwrap();
    let (one, two) = (open(&server.admin_key).await, open(&server.admin_key).await);
    // First keys have the same id in every organization.
    let elsewhere = open(&other).await;
    server.engine.revoke_other_sessions(&one.session).await.unwrap();
    assert!(server.is_live(&one).await && !server.is_live(&two).await);
    assert!(server.is_live(&elsewhere).await);
}

#[tokio::test]
async fn who_is_known_keeps_name_and_password() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    let ada = server.add("ada", Role::Admin).await;
    let mut new = new_user("ADA", Role::Viewer);
    new.name = Some("Somebody".to_owned());
    new.password = Some("a password of theirs".to_owned());
    let added = server.engine.create_user(&other, new.clone()).await.unwrap();
    assert_eq!(added.member.user, ada.member.user);
    assert!(added.password.is_none());
    server.engine.remove_user(&other, &email("ada")).await.unwrap();
    new.password = None;
    let added = server.engine.create_user(&other, new).await.unwrap();
    assert!(added.password.is_none(), "none was made");
    server.sign_in("ada").await;
}

#[tokio::test]
async fn one_organization_can_not_take_over_a_person_of_another() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    server.add("ada", Role::Admin).await;
    server.add("bob", Role::Admin).await;
    server.add_by(&other, "ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    for edit in [reset(), disabled(true), disabled(false)] {
        for admin in [&other, &server.admin] {
            let outcome = server.engine.edit_user(admin, &email("ada"), edit.clone()).await;
            assert_eq!(refused(outcome).0, "in_use");
        }
    }
    assert!(server.is_live(&opened).await);
    server.engine.edit_user(&other, &email("ada"), role(Role::Manager)).await.unwrap();
    server.engine.remove_user(&other, &email("ada")).await.unwrap();
    server.engine.edit_user(&server.admin, &email("ada"), reset()).await.unwrap();
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await).0, "unauthenticated");
}

#[tokio::test]
async fn who_is_removed_from_one_organization_is_still_in_the_other() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    server.add("ada", Role::Viewer).await;
    server.add_by(&other, "ada", Role::Viewer).await;
    let here = server.sign_in("ada").await;
    let there = server.sign_in("ada").await;
    let session = server.session(&there).await;
    server.engine.switch_organization(&session, other.organization).await.unwrap();
    server.engine.remove_user(&other, &email("ada")).await.unwrap();
    assert!(server.is_live(&here).await);
    assert!(!server.is_live(&there).await);
    let session = server.session(&here).await;
    assert_eq!(session.organizations().len(), 1);
    let back = server.engine.switch_organization(&session, other.organization).await;
    assert_eq!(refused(back).0, "not_found");
}

#[tokio::test]
async fn a_list_of_sessions_is_of_one_organization() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    server.add("ada", Role::Viewer).await;
    server.add_by(&other, "eve", Role::Admin).await;
    let ada = server.sign_in("ada").await;
    let eve = server.sign_in("eve").await;
    let listed = server.engine.list_sessions(eve.session.caller()).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].record.id, eve.session.id());
    let stolen = server.engine.revoke_session(eve.session.caller(), ada.session.id()).await;
    assert_eq!(refused(stolen).0, "not_found");
    assert!(server.is_live(&ada).await);
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions_wherever_they_look() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    server.add("ada", Role::Viewer).await;
    server.add_by(&other, "ada", Role::Viewer).await;
    server.add("bob", Role::Viewer).await;
    let (one, two) = (server.sign_in("ada").await, server.sign_in("ada").await);
    let bob = server.sign_in("bob").await;
    let session = server.session(&one).await;
    server.engine.switch_organization(&session, other.organization).await.unwrap();
    let caller = two.session.caller();
    assert_eq!(server.engine.list_own_sessions(caller).await.unwrap().len(), 2);
    assert_eq!(refused(server.engine.list_sessions(caller).await).0, "forbidden");
    let foreign = server.engine.revoke_session(caller, bob.session.id()).await;
    assert_eq!(refused(foreign).0, "not_found");
    server.engine.revoke_session(caller, one.session.id()).await.unwrap();
    assert!(!server.is_live(&one).await);
    assert!(server.is_live(&two).await && server.is_live(&bob).await);
}
