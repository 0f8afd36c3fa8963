//! People on the settings page: adding, changing, another password, keeping out, removing.

use std::time::Duration;

use landfall_domain::role::Role;
use landfall_domain::user::Email;
use landfall_engine::users::NewUser;

use super::browser::{Browser, PASSWORD};
use crate::harness::{Answer, Server};

const PEOPLE: &str = "/settings/people";
const HOSTILE: &str = "<script>alert(\"x\")</script>'&";

/// The page of a person, who must be there.
async fn page_of(server: &Server, email: &str) -> String {
    let found = server.engine.find_user(&server.admin, email).await.unwrap();
    format!("{PEOPLE}/{}", found.user.id)
}

/// The password that a page shows this once.
fn shown(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("aria-label=\"The password\">").unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

async fn role_of(server: &Server, email: &str) -> Role {
    server.engine.find_user(&server.admin, email).await.unwrap().role
}

fn assert_refused(answer: &Answer, told: &str) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let (_, alert) = answer.body.split_once("role=\"alert\">").unwrap();
    let alert = alert.split_once("</p>").unwrap().0;
    assert!(alert.contains(told), "{alert}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_added_and_their_password_is_shown_once() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    assert!(admin.page(PEOPLE).await.contains("No people yet"));
    let fields = [("email", "Ada@acme.example"), ("name", HOSTILE), ("role", "manager")];
    let made = admin.submit(PEOPLE, &fields).await.ok();
    assert_eq!(made.header("cache-control"), "no-store");
    let password = shown(&made);
    let list = admin.page(PEOPLE).await;
    assert!(list.contains("ada@acme.example") && list.contains("manager"), "{list}");
    assert!(list.contains("invited") && list.contains("never"), "{list}");
    assert!(!list.contains(&password) && !list.contains("<script>alert"), "{list}");
    let page = admin.page(&page_of(&server, "ada@acme.example").await).await;
    assert!(!page.contains(&password) && !page.contains("<script>alert"), "{page}");

    let (_, ada) = Browser::sign_in(&server, "ada@acme.example", &password).await;
    let fields = [
        ("present_password", password.as_str()),
        ("new_password", PASSWORD),
        ("new_password_again", PASSWORD),
    ];
    assert_eq!(ada.submit("/settings/account/password", &fields).await.status, 303);
    let list = admin.page(PEOPLE).await;
    assert!(list.contains("active") && !list.contains("never"), "{list}");
    let audit = admin.page("/settings/audit").await;
    assert!(audit.contains("user.created"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_needs_an_address_and_a_role_of_their_own() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    Browser::of(&server, Role::Viewer).await;
    for (email, role, told) in [
        ("ada", "viewer", "email"),
        ("ada@acme.example", "", "role"),
        ("ada@acme.example", "owner", "role"),
        ("VIEWER@acme.example", "viewer", "exists already"),
    ] {
        let fields = [("email", email), ("name", "Ada L"), ("role", role)];
        let refused = admin.submit(PEOPLE, &fields).await;
        assert_refused(&refused, told);
        assert!(refused.body.contains("value=\"Ada L\""), "{}", refused.body);
    }
    assert_eq!(server.engine.list_users(&server.admin).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_and_another_name_are_given() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    Browser::of(&server, Role::Viewer).await;
    let path = page_of(&server, "viewer@acme.example").await;
    let changed = admin.submit(&path, &[("name", "Vera"), ("role", "reporter")]).await;
    assert_eq!(changed.header("location"), format!("{path}?done=saved"));
    assert_eq!(role_of(&server, "viewer@acme.example").await, Role::Reporter);
    assert!(admin.page(PEOPLE).await.contains("Vera"));
    assert_refused(&admin.submit(&path, &[("name", "Vera"), ("role", "owner")]).await, "role");
    assert_refused(&admin.submit(&path, &[("name", ""), ("role", "admin")]).await, "name");
    assert_eq!(role_of(&server, "viewer@acme.example").await, Role::Reporter);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays_one_and_stays_here() {
    let server = Server::start().await;
    let key = Browser::admin(&server).await;
    let admin = Browser::of(&server, Role::Admin).await;
    let path = page_of(&server, "admin@acme.example").await;
    let less = [("name", "x"), ("role", "viewer")];
    let typed = [("name", "admin@acme.example")];
    let out = [("disabled", "true")];
    for browser in [&key, &admin] {
        assert_refused(&browser.submit(&format!("{path}/remove"), &typed).await, "last admin");
        assert_refused(&browser.submit(&format!("{path}/disable"), &out).await, "last admin");
    }
    assert_refused(&key.submit(&path, &less).await, "last admin");
    assert_refused(&admin.submit(&path, &less).await, "only another admin");
    assert_eq!(role_of(&server, "admin@acme.example").await, Role::Admin);

    let own = admin.page(&path).await;
    assert!(own.contains("(you)") || own.contains("You are admin here"), "{own}");
    assert!(!own.contains("name=\"role\"") && !own.contains("/disable"), "{own}");
    assert_refused(&admin.submit(&format!("{path}/password"), &[]).await, "present one");
    let saved = admin.submit(&path, &[("name", "Ada")]).await;
    assert_eq!(saved.status, 303, "one's own name is one's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_is_shown_once_and_ends_the_sessions() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    let path = page_of(&server, "viewer@acme.example").await;
    viewer.page("/").await;
    server.ambient.set(server.ambient.now() + Duration::from_mins(1));
    let made = admin.submit(&format!("{path}/password"), &[]).await.ok();
    assert!(made.body.contains("viewer@acme.example has another password"), "{}", made.body);
    assert_eq!(viewer.get("/").await.header("location"), "/sign-in?next=%2F");
    assert!(admin.page(PEOPLE).await.contains("password reset"));
    let old = Browser::sign_in(&server, "viewer@acme.example", PASSWORD).await.0;
    assert_eq!(old.status, 401);
    let (new, _) = Browser::sign_in(&server, "viewer@acme.example", &shown(&made)).await;
    assert_eq!((new.status, new.header("location")), (303, "/settings/account"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_is_kept_out_until_enabled() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    let path = page_of(&server, "viewer@acme.example").await;
    let disable = format!("{path}/disable");
    let out = admin.submit(&disable, &[("disabled", "true")]).await;
    assert_eq!(out.header("location"), format!("{path}?done=disabled"));
    assert_eq!(viewer.get("/").await.status, 303);
    assert!(admin.page(PEOPLE).await.contains("disabled"));
    let sign_in = async || Browser::sign_in(&server, "viewer@acme.example", PASSWORD).await.0;
    assert_eq!(sign_in().await.status, 401);
    let back = admin.submit(&disable, &[("disabled", "false")]).await;
    assert_eq!(back.header("location"), format!("{path}?done=enabled"));
    assert_eq!(sign_in().await.header("location"), "/timeline");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_removed_by_their_address() {
    let server = Server::start().await;
    let admin = Browser::admin(&server).await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    let path = page_of(&server, "viewer@acme.example").await;
    let remove = format!("{path}/remove");
    assert_refused(&admin.submit(&remove, &[("name", "Vera")]).await, "typed as it is");
    viewer.page("/").await;
    let removed = admin.submit(&remove, &[("name", "viewer@acme.example")]).await;
    assert_eq!(removed.header("location"), "/settings/people?done=removed");
    assert_eq!(viewer.get("/").await.status, 303);
    assert_eq!(admin.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_true_of_a_person_everywhere_is_not_changed_from_here() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    let admin = Browser::admin(&server).await;
    let new = NewUser {
        email: Email::parse("ada@acme.example").unwrap(),
        name: Some("Ada".to_owned()),
        role: Role::Admin,
        password: Some(PASSWORD.to_owned()),
    };
    server.engine.create_user(&other, new).await.unwrap();
    let fields = [("email", "ada@acme.example"), ("name", "Eve"), ("role", "viewer")];
    let added = admin.submit(PEOPLE, &fields).await;
    assert_eq!(added.header("location"), "/settings/people?done=added");
    assert!(admin.page("/settings/people?done=added").await.contains("Ada"), "not Eve");

    let path = page_of(&server, "ada@acme.example").await;
    let elsewhere = "in other organizations too";
    for (action, fields) in [
        ("/password", vec![]),
        ("/disable", vec![("disabled", "true")]),
        ("", vec![("name", "Eve"), ("role", "viewer")]),
    ] {
        assert_refused(&admin.submit(&format!("{path}{action}"), &fields).await, elsewhere);
    }
    assert_eq!(admin.submit(&path, &[("name", "Ada"), ("role", "manager")]).await.status, 303);
    assert_eq!(role_of(&server, "ada@acme.example").await, Role::Manager);
    let typed = [("name", "ada@acme.example")];
    assert_eq!(admin.submit(&format!("{path}/remove"), &typed).await.status, 303);
    let there = server.engine.find_user(&other, "ada@acme.example").await.unwrap();
    assert_eq!((there.role, there.user.name.as_str()), (Role::Admin, "Ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_see_and_change_people_and_only_their_own() {
    let server = Server::start().await;
    let (_, other) = server.organization("other").await;
    let new = NewUser {
        email: Email::parse("eve@other.example").unwrap(),
        name: None,
        role: Role::Admin,
        password: Some(PASSWORD.to_owned()),
    };
    let eve = server.engine.create_user(&other, new).await.unwrap().member.user.id;
    let manager = Browser::of(&server, Role::Manager).await;
    let admin = Browser::of(&server, Role::Admin).await;
    let (here, there) = (page_of(&server, "admin@acme.example").await, format!("{PEOPLE}/{eve}"));
    for path in [PEOPLE, &here] {
        assert_eq!(manager.get(path).await.status, 403, "{path}");
    }
    assert!(!admin.page(PEOPLE).await.contains("eve@"));
    assert_eq!(admin.get(&there).await.status, 404);
    let fields = [("email", "x@acme.example"), ("name", "x"), ("role", "viewer")];
    assert_eq!(manager.submit(PEOPLE, &fields).await.status, 403);
    for action in ["", "/remove", "/password", "/disable"] {
        let sent = manager.submit(&format!("{here}{action}"), &fields).await;
        assert_eq!(sent.status, 403, "{action}");
        let sent = admin.submit(&format!("{there}{action}"), &fields).await;
        assert_eq!(sent.status, 404, "{action}");
    }
    assert_eq!(admin.submit_bare(PEOPLE, &fields).await.status, 403);
    assert_eq!(admin.submit_from_elsewhere(PEOPLE, &fields).await.status, 403);
    assert_eq!(server.engine.list_users(&server.admin).await.unwrap().len(), 2);
}
