//! Upkeep that several nodes do at once: nobody waits for another for ever, and nothing is done twice.

use std::time::Duration;

use landfall_domain::access::Scope;
use serde_json::json;

use super::call;
use crate::harness::{Server, noon};

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_note_the_use_of_the_same_keys_at_once_do_not_wait_for_each_other() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let mut keys = Vec::new();
    for _ in 0..200 {
        keys.push(a.key(&[Scope::Read], None).await);
    }
    for round in 1..=3 {
        let now = noon() + round * Duration::from_mins(1);
        a.ambient.set(now);
        for key in &keys {
            a.engine.authenticate(key).await.unwrap();
            b.engine.authenticate(key).await.unwrap();
        }
        let (on_a, on_b) = tokio::join!(a.engine.note_key_use(), b.engine.note_key_use());
        on_a.unwrap();
        on_b.unwrap();
        let listed = b.engine.list_keys(&b.admin).await.unwrap();
        let noted = listed.iter().filter(|key| key.last_used_at == Some(now)).count();
        assert_eq!(noted, keys.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_preview_is_archived_once_though_every_node_tidies_at_once() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    for number in 0..10 {
        let body = json!({"application": "shop", "version": "1",
            "environment": format!("pr-{number}"), "status": "completed"});
        a.post("/api/v1/deployments", &body).await.ok_or_created();
    }
    a.ambient.set(noon() + Duration::from_hours(15 * 24));
    let (on_a, on_b) = tokio::join!(a.engine.tidy(), b.engine.tidy());
    on_a.unwrap();
    on_b.unwrap();
    let events = a.send(call("GET", "/events?types=environment.updated", None)).await.ok().json();
    assert_eq!(events["items"].as_array().unwrap().len(), 10, "{events}");
}
