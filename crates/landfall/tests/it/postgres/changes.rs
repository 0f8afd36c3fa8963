//! What is changed on one node holds on another: keys, sessions, roles, settings, and what is to be
//! done once.

use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::role::Role;
use landfall_engine::sessions::Client as Browser;
use serde_json::{Value, json};

use super::{call, deploy, session};
use crate::envtracker::Key;
use crate::harness::{Call, Server, noon};

const PASSWORD: &str = "correct horse battery";

/// Moves the clock of all nodes to when each has read again what it knew.
fn wait_a_second(server: &Server) {
    server.ambient.set(noon() + Duration::from_micros(1_000_001));
}

#[tokio::test]
async fn a_key_that_is_revoked_on_one_node_opens_nothing_on_another_after_a_second() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let key = a.key(&[Scope::Read], None).await;
    let ask = || call("GET", "/events", None).key(&key);
    b.send(ask()).await.ok();
    let id = key.split('_').nth(2).unwrap();
    assert_eq!(a.send(call("DELETE", &format!("/keys/{id}"), None)).await.status, 204);
    assert_eq!(a.send(ask()).await.status, 401);
    wait_a_second(&a);
    assert_eq!(b.send(ask()).await.status, 401);
}

#[tokio::test]
async fn a_signing_key_that_is_revoked_on_one_node_signs_nothing_on_another_after_a_second() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let key = Key::of(&a, &a.admin_key, false).await;
    let ask = |project: &str| {
        let body = json!({"name": project, "code": project, "teamCode": "core", "position": 1,
            "url": "https://a.example", "type": "DEVELOPMENT"});
        key.put(&b, "/webhook/create-environment", body.to_string().as_bytes())
    };
    // There is no such team; but whose request it is was known.
    assert_eq!(b.send(ask("one")).await.status, 403);
    let listed = a.send(call("GET", "/signing-keys", None)).await.ok().json();
    let path = format!("/signing-keys/{}", listed["items"][0]["key_id"].as_str().unwrap());
    assert_eq!(a.send(call("DELETE", &path, None)).await.status, 204);
    wait_a_second(&a);
    assert_eq!(b.send(ask("two")).await.status, 401);
}

#[tokio::test]
async fn a_session_that_is_ended_on_one_node_is_over_on_another_after_a_second() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let cookie = session(&a).await;
    let ask = || Call::new("GET", "/").signed_in(&cookie);
    b.send(ask()).await.ok();
    let listed = a.send(call("GET", "/sessions", None)).await.ok().json();
    let path = format!("/sessions/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(a.send(call("DELETE", &path, None)).await.status, 204);
    assert_eq!(a.send(ask()).await.status, 303);
    wait_a_second(&a);
    assert_eq!(b.send(ask()).await.status, 303);
}

/// Adds a member to the organization of an admin key.
async fn add(server: &Server, key: &str, name: &str, role: &str) {
    let email = format!("{name}@acme.example");
    let body = json!({"email": email, "role": role, "password": PASSWORD});
    let answer = server.send(call("POST", "/users", Some(body)).key(key)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test]
async fn another_role_holds_on_every_node_after_a_second_and_another_password_ends_sessions_there()
{
    let a = Server::start().await;
    let b = a.start_beside().await;
    add(&a, &a.admin_key, "ada", "viewer").await;
    let (email, browser) = ("ada@acme.example", Browser::default());
    let opened = a.engine.sign_in_with_password(email, PASSWORD, &browser).await.unwrap();
    let on_b = b.engine.session(&opened.token).await.unwrap();
    assert_eq!(on_b.role(), Some(Role::Viewer));
    let path = format!("/users/{email}");
    a.send(call("PATCH", &path, Some(json!({"role": "manager"})))).await.ok();
    a.send(call("PATCH", "/organization", Some(json!({"name": "Acme"})))).await.ok();
    wait_a_second(&a);
    let on_b = b.engine.session(&opened.token).await.unwrap();
    assert_eq!((on_b.role(), on_b.organization_name()), (Some(Role::Manager), "Acme"));
    assert!(on_b.caller().allows(Scope::Manage));

    let on_a = a.engine.session(&opened.token).await.unwrap();
    let changed = a.engine.change_own_password(&on_a, PASSWORD, "another horse battery", &browser);
    let changed = changed.await.unwrap();
    a.ambient.set(noon() + Duration::from_secs(3));
    assert!(b.engine.session(&opened.token).await.is_err());
    assert!(b.engine.session(&changed.token).await.is_ok());
    assert!(b.engine.sign_in_with_password(email, PASSWORD, &browser).await.is_err());
}

#[tokio::test]
async fn settings_that_were_changed_on_one_node_hold_for_the_next_report_to_another() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    // B has the organization and its names in memory.
    deploy(&b.client, "shop", "1").await;
    let strict = json!({"settings": {"strict": true}});
    a.send(call("PATCH", "/organization", Some(strict))).await.ok();
    let body = json!({"application": "mail", "version": "1", "environment": "production",
        "status": "completed"});
    let refused = b.post("/api/v1/deployments", &body).await;
    assert!(refused.body.contains("this organization is strict"), "{}", refused.body);
    deploy(&b.client, "shop", "2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_idempotency_key_is_one_deployment_however_many_nodes_hear_it_at_once() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    for number in 0..10 {
        let version = number.to_string();
        let body = json!({"application": "shop", "version": version, "environment": "production",
            "status": "started", "invoke_id": "1"});
        let report = |body: &Value| {
            let key = format!("run-{number}");
            call("POST", "/deployments", Some(body.clone())).with("idempotency-key", &key)
        };
        let (on_a, on_b) = tokio::join!(a.send(report(&body)), b.send(report(&body)));
        assert_eq!(on_a.json(), on_b.json());
        let mut other = body.clone();
        other["status"] = json!("completed");
        assert_eq!(b.send(report(&other)).await.status, 422);
    }
    let events = a.send(call("GET", "/events?types=deployment.*&limit=100", None)).await.ok();
    assert_eq!(events.json()["items"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_signed_request_counts_once_whichever_node_hears_it_again() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    let key = Key::of(&a, &a.admin_key, false).await;
    deploy(&a.client, "shop", "1").await;
    let body = json!({"projectCode": "default", "envCode": "production", "repoCode": "shop",
        "pipeline": 456, "status": "success", "branch": "main"});
    let put = key.put(&a, "/webhook/notify", body.to_string().as_bytes());
    let first = a.send(put.clone()).await.ok();
    // Were it not known again, it would be news by now.
    deploy(&b.client, "shop", "2").await;
    let head = b.engine.log_head(&b.admin).await.unwrap();
    assert_eq!(b.send(put).await.ok().body, first.body);
    assert_eq!(b.engine.log_head(&b.admin).await.unwrap(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_admins_who_are_removed_on_two_nodes_at_once_one_stays() {
    let a = Server::start().await;
    let b = a.start_beside().await;
    for round in 0..5 {
        let (key, _) = a.organization(&format!("acme-{round}")).await;
        let names = ["ada", "bob"].map(|name| format!("{name}{round}"));
        for name in &names {
            add(&a, &key, name, "admin").await;
        }
        let [ada, bob] = names
            .map(|name| call("DELETE", &format!("/users/{name}@acme.example"), None).key(&key));
        let (on_a, on_b) = tokio::join!(a.send(ada), b.send(bob));
        let mut statuses = [on_a.status, on_b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409], "{} {}", on_a.body, on_b.body);
    }
}
