//! One's own account: who one is, the password, the sessions, and the first sign-in.

use landfall_domain::role::Role;
use landfall_domain::user::Email;
use landfall_engine::sessions::Client;
use landfall_engine::users::NewUser;

use super::browser::{Browser, PASSWORD};
use crate::harness::{Answer, Server};

const ACCOUNT: &str = "/settings/account";
const CHANGE: &str = "/settings/account/password";
const OTHER: &str = "another horse battery";
const VIEWER: &str = "viewer@acme.example";

/// A person with a password that was made for them.
async fn newcomer(server: &Server) -> String {
    let new = NewUser {
        email: Email::parse("ada@acme.example").unwrap(),
        name: None,
        role: Role::Manager,
        password: None,
    };
    server.engine.create_user(&server.admin, new).await.unwrap().password.unwrap()
}

fn change<'a>(present: &'a str, new: &'a str, again: &'a str) -> [(&'static str, &'a str); 3] {
    [("present_password", present), ("new_password", new), ("new_password_again", again)]
}

fn assert_refused(answer: &Answer, told: &str) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let (_, alert) = answer.body.split_once("role=\"alert\">").unwrap();
    let alert = alert.split_once("</p>").unwrap().0;
    assert!(alert.contains(told), "{alert}");
}

/// A session of the viewer's from another device.
async fn from_device(server: &Server, agent: &str) -> String {
    let client = Client::new("192.0.2.7".parse().ok(), agent);
    let opened = server.engine.sign_in_with_password(VIEWER, PASSWORD, &client).await.unwrap();
    opened.session.id().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sign_in_leads_to_the_choice_of_a_password_and_nowhere_else() {
    let server = Server::start().await;
    let made = newcomer(&server).await;
    let (answer, ada) = Browser::sign_in(&server, "ada@acme.example", &made).await;
    assert_eq!((answer.status, answer.header("location")), (303, ACCOUNT));
    let page = ada.page(ACCOUNT).await;
    assert!(page.contains("made by somebody else") && page.contains("Sign out"), "{page}");
    for path in ["/", "/timeline", "/settings", "/settings/people", "/live"] {
        let led = ada.get(path).await;
        assert_eq!((led.status, led.header("location")), (303, ACCOUNT), "{path}");
    }
    let sent = ada.submit("/settings/teams", &[("code", "x"), ("name", "x")]).await;
    assert_eq!((sent.status, sent.header("location")), (303, ACCOUNT));
    assert_eq!(ada.fetch("/board/rows").await.status, 401);

    assert_refused(
        &ada.submit(CHANGE, &change("wrong", OTHER, OTHER)).await,
        "present password is",
    );
    assert_refused(
        &ada.submit(CHANGE, &change(&made, "short", "short")).await,
        "new password must",
    );
    assert_refused(&ada.submit(CHANGE, &change(&made, OTHER, "other")).await, "differs");
    assert_refused(&ada.submit(CHANGE, &change(&made, &made, &made)).await, "another one");
    let changed = ada.submit(CHANGE, &change(&made, OTHER, OTHER)).await;
    assert_eq!(changed.header("location"), "/settings/account?done=password");
    assert_eq!(ada.get("/").await.header("location"), "/sign-in?next=%2F");
    let ada = ada.after(&changed);
    assert!(ada.page("/settings/account?done=password").await.contains("is changed"));
    assert_eq!(ada.get("/").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_choose_a_password_may_sign_out() {
    let server = Server::start().await;
    let made = newcomer(&server).await;
    let (_, ada) = Browser::sign_in(&server, "ada@acme.example", &made).await;
    let out = ada.submit("/sign-out", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/sign-in"));
    assert_eq!(ada.get(ACCOUNT).await.header("location"), "/sign-in?next=%2Fsettings%2Faccount");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_who_they_are_and_where_they_are_signed_in() {
    let server = Server::start().await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    from_device(&server, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0").await;
    from_device(&server, "<script>alert(1)</script>").await;
    let page = viewer.page(ACCOUNT).await;
    for told in [VIEWER, "viewer of default", "Firefox on Linux", "192.0.2.7", "(this one)"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(page.matches("<time").count(), 6, "{page}");
    assert!(!page.contains("<script>alert") && !page.contains("/settings/people"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_one_by_one_or_all_but_this_one() {
    let server = Server::start().await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    let phone = from_device(&server, "Phone").await;
    from_device(&server, "Tablet").await;
    from_device(&server, "Desk").await;
    let ended = viewer.submit(&format!("{ACCOUNT}/sessions/{phone}"), &[]).await;
    assert_eq!(ended.header("location"), "/settings/account?done=ended");
    let page = viewer.page("/settings/account?done=ended").await;
    assert!(page.contains("The session has ended."), "{page}");
    assert!(!page.contains("Phone") && page.contains("Tablet"), "{page}");
    let again = viewer.submit(&format!("{ACCOUNT}/sessions/{phone}"), &[]).await;
    assert_refused(&again, "session");

    let ended = viewer.submit(&format!("{ACCOUNT}/sessions"), &[]).await;
    assert_eq!(ended.header("location"), "/settings/account?done=others-ended");
    let page = viewer.page(ACCOUNT).await;
    assert!(!page.contains("Tablet") && !page.contains("Desk"), "{page}");
    assert!(page.contains("(this one)") && !page.contains("End all others"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_elses_session_ends_from_ones_own_account() {
    let server = Server::start().await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    let phone = from_device(&server, "Phone").await;
    let admin = Browser::of(&server, Role::Admin).await;
    let path = format!("{ACCOUNT}/sessions/{phone}");
    assert_refused(&admin.submit(&path, &[]).await, "session");
    assert_eq!(admin.submit(&format!("{ACCOUNT}/sessions"), &[]).await.status, 303);
    assert!(viewer.page(ACCOUNT).await.contains("Phone"));
    assert_eq!(viewer.submit_bare(&path, &[]).await.status, 403);
    assert_eq!(viewer.submit_from_elsewhere(&path, &[]).await.status, 403);
    assert_eq!(viewer.submit_from_elsewhere(CHANGE, &[]).await.status, 403);
    assert!(viewer.page(ACCOUNT).await.contains("Phone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_takes_the_present_one_and_ends_the_other_sessions() {
    let server = Server::start().await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    from_device(&server, "Phone").await;
    assert_refused(&viewer.submit(CHANGE, &change("wrong", OTHER, OTHER)).await, "not your");
    assert_refused(&viewer.submit(CHANGE, &change(PASSWORD, VIEWER, VIEWER)).await, "e-mail");
    assert!(viewer.page(ACCOUNT).await.contains("Phone"), "nothing has ended");
    let changed = viewer.submit(CHANGE, &change(PASSWORD, OTHER, OTHER)).await;
    assert_eq!(changed.header("location"), "/settings/account?done=password");
    assert_eq!(viewer.get(ACCOUNT).await.status, 303);
    let page = viewer.after(&changed).page(ACCOUNT).await;
    assert!(!page.contains("Phone") && page.contains("(this one)"), "{page}");
    assert_eq!(Browser::sign_in(&server, VIEWER, PASSWORD).await.0.status, 401);
    let (again, _) = Browser::sign_in(&server, VIEWER, OTHER).await;
    assert_eq!(again.header("location"), "/timeline");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_the_present_password_is_slowed_down() {
    let server = Server::start().await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    for _ in 0..5 {
        assert_eq!(viewer.submit(CHANGE, &change("wrong", OTHER, OTHER)).await.status, 400);
    }
    assert_eq!(viewer.submit(CHANGE, &change(PASSWORD, OTHER, OTHER)).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_signed_in_with_a_key_is_told_so_and_how_to_make_a_person() {
    let server = Server::start().await;
    let key = Browser::admin(&server).await;
    let page = key.page(ACCOUNT).await;
    assert!(page.contains("signed in with the API key") && page.contains("/settings/people"));
    assert!(page.contains("(this one)") && !page.contains("name=\"new_password\""), "{page}");
    assert_refused(&key.submit(CHANGE, &change("x", OTHER, OTHER)).await, "API key");
}
