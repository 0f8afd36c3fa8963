//! Who guesses passwords is slowed down; who does not is left alone.

use std::time::Duration;

use landfall_domain::role::Role;

use super::{PASSWORD, at, email, refused, reset};
use crate::harness::{Server, noon};

#[tokio::test]
async fn after_five_failures_even_the_right_password_waits() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    for _ in 0..5 {
        assert_eq!(server.guess("ada").await, "unauthenticated");
    }
    let hashed = server.hashed();
    let waits = ("too_fast", "30".to_owned());
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await), waits);
    assert_eq!(server.hashed(), hashed, "who waits costs nothing");

    server.ambient.set(noon() + Duration::from_secs(29));
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await).0, "too_fast");
    server.ambient.set(noon() + Duration::from_secs(30));
    server.sign_in("ada").await;
}

#[tokio::test]
async fn the_wait_doubles_and_is_forgotten_after_a_quarter_of_an_hour() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    for _ in 0..5 {
        assert_eq!(server.guess("ada").await, "unauthenticated");
    }
    let mut now = noon() + Duration::from_secs(30);
    server.ambient.set(now);
    assert_eq!(server.guess("ada").await, "unauthenticated");
    let waits = ("too_fast", "60".to_owned());
    assert_eq!(refused(server.try_sign_in("ada", "wrong").await), waits);
    now = now + Duration::from_mins(15);
    server.ambient.set(now);
    for _ in 0..5 {
        assert_eq!(server.guess("ada").await, "unauthenticated");
    }
    assert_eq!(server.guess("ada").await, "too_fast");
}

#[tokio::test]
async fn one_address_that_tries_many_people_is_slowed_down_and_others_are_not() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let try_from = async |address: &str, name: &str, password: &str| {
        refused(server.try_sign_in_from(&at(address), name, password).await).0
    };
    for number in 0..5 {
        let name = format!("user{number}");
        assert_eq!(try_from("2001:db8::1", &name, "wrong").await, "unauthenticated");
    }
    assert_eq!(try_from("2001:db8::2", "ada", PASSWORD).await, "too_fast");
    assert_eq!(try_from("2001:db8:0:1::1", "ada", PASSWORD).await, "done");
}

#[tokio::test]
async fn a_right_password_wipes_the_slate_of_the_person_but_not_of_the_address() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    server.add("bob", Role::Viewer).await;
    for _ in 0..4 {
        assert_eq!(server.guess("ada").await, "unauthenticated");
    }
    server.sign_in("ada").await;
    server.sign_in("bob").await;
    assert_eq!(server.guess("ada").await, "unauthenticated");
    assert_eq!(refused(server.try_sign_in("bob", PASSWORD).await).0, "too_fast");
    server.try_sign_in_from(&at("192.0.2.8"), "ada", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn many_guesses_at_the_same_time_are_counted_one_by_one() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let before = server.hashed();
    let server = std::sync::Arc::new(server);
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let server = std::sync::Arc::clone(&server);
        guesses.spawn(async move { server.guess("ada").await });
    }
    let mut judged = guesses.join_all().await;
    judged.sort_unstable();
    assert_eq!(judged, [["too_fast"; 15].as_slice(), &["unauthenticated"; 5]].concat());
    assert_eq!(server.hashed() - before, 5);
}

#[tokio::test]
async fn a_new_password_from_an_admin_is_good_at_once() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    for number in 0..5 {
        let client = at(&format!("192.0.2.{number}"));
        let guess = server.try_sign_in_from(&client, "ada", "wrong").await;
        assert_eq!(refused(guess).0, "unauthenticated");
    }
    assert_eq!(refused(server.try_sign_in("ada", PASSWORD).await).0, "too_fast");
    let changed = server.engine.edit_user(&server.admin, &email("ada"), reset()).await.unwrap();
    server.try_sign_in("ada", &changed.password.unwrap()).await.unwrap();
}
