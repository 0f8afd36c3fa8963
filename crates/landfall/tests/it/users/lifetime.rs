//! How long a session lives.

use std::time::Duration;

use landfall_domain::role::Role;
use landfall_domain::time::Timestamp;
use landfall_engine::sessions::NewSession;
use landfall_store::rows::session;

use crate::harness::{Server, noon};

const DAY: Duration = Duration::from_hours(24);

async fn last_seen(server: &Server, opened: &NewSession) -> Timestamp {
    let listed = server.engine.list_own_sessions(opened.session.caller()).await.unwrap();
    listed[0].record.last_seen_at
}

#[tokio::test]
async fn a_session_that_is_not_used_for_a_week_is_over() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    assert_eq!(opened.session.ends_at(), noon() + 7 * DAY);
    server.ambient.set(noon() + 7 * DAY - Duration::from_secs(1));
    let used = server.session(&opened).await;
    assert_eq!(used.ends_at(), noon() + 14 * DAY - Duration::from_secs(1));
    server.ambient.set(used.ends_at());
    assert!(!server.is_live(&opened).await);
}

#[tokio::test]
async fn a_session_that_is_used_every_day_is_over_after_thirty() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    for day in 1..30 {
        server.ambient.set(noon() + day * DAY);
        assert!(server.is_live(&opened).await, "day {day}");
    }
    assert_eq!(server.session(&opened).await.ends_at(), noon() + 30 * DAY);
    server.ambient.set(noon() + 30 * DAY);
    assert!(!server.is_live(&opened).await);
    let listed = server.engine.list_sessions(&server.admin).await.unwrap();
    assert!(listed.is_empty());
}

#[tokio::test]
async fn use_is_noted_once_a_minute() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    server.ambient.set(noon() + Duration::from_secs(59));
    server.session(&opened).await;
    assert_eq!(last_seen(&server, &opened).await, noon());
    server.ambient.set(noon() + Duration::from_secs(62));
    server.session(&opened).await;
    assert_eq!(last_seen(&server, &opened).await, noon() + Duration::from_secs(62));
}

#[tokio::test]
async fn what_another_node_ends_is_over_after_a_second() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    server.session(&opened).await;
    let id = opened.session.id();
    server.writer.run(Box::new(move |db| session::end(db, id).map(|_| ()))).await.unwrap();
    assert!(server.is_live(&opened).await, "a page load reads nothing");
    server.ambient.set(noon() + Duration::from_micros(1_000_001));
    assert!(!server.is_live(&opened).await);
}

#[tokio::test]
async fn upkeep_forgets_what_is_over_and_nothing_else() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let old = server.sign_in("ada").await;
    server.ambient.set(noon() + 6 * DAY);
    let young = server.sign_in("ada").await;
    server.ambient.set(noon() + 8 * DAY);
    server.engine.tidy().await.unwrap();
    // Back in time, where only what was forgotten is not live.
    server.ambient.set(noon() + 6 * DAY);
    assert!(!server.is_live(&old).await);
    assert!(server.is_live(&young).await);
}

#[tokio::test]
async fn the_hundred_and_first_session_ends_the_oldest() {
    let server = Server::start().await;
    let admin = &server.admin_key;
    let mut opened = Vec::new();
    for second in 0..101 {
        server.ambient.set(noon() + Duration::from_secs(second));
        let client = super::browser();
        opened.push(server.engine.sign_in_with_key(admin, &client).await.unwrap());
    }
    assert!(!server.is_live(&opened[0]).await);
    assert!(server.is_live(&opened[1]).await && server.is_live(&opened[100]).await);
}

#[tokio::test]
async fn a_session_survives_a_restart() {
    let server = Server::start().await;
    server.add("ada", Role::Viewer).await;
    let opened = server.sign_in("ada").await;
    let directory = server.stop().await;
    let store = crate::harness::open_store(directory.path());
    let ambient = landfall_engine::Ambient::manual(noon());
    let outbound = landfall_engine::Outbound::closed(&ambient);
    let options = landfall_engine::Options::default();
    let engine = landfall_engine::Engine::new(store, ambient, options, outbound);
    let session = engine.session(&opened.token).await.unwrap();
    assert_eq!(session.csrf(), opened.session.csrf());
    engine.close();
}
