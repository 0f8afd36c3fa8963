//! Names of receivers that take for ever to resolve: they hold up their own webhook and no other.

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use landfall_engine::egress::Names;
use serde_json::{Value, json};

use super::{Hook, deploy, health, hook, once_each, settled, show, tally, until};
use crate::harness::receiver::Receiver;
use crate::harness::{Server, Setup};

/// Every name leads to this machine, but `silent.test` does not answer before the sender is dropped.
fn names_with_a_silent_one() -> (Names, Sender<()>) {
    let (held, released) = channel::<()>();
    let released = Mutex::new(released);
    let names = Names::told_by(move |host| {
        if host == "silent.test" {
            // An error is what it waits for: that the sender was dropped.
            let _ = released.lock().unwrap().recv();
            return Err(io::Error::other("too late"));
        }
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
    });
    (names, held)
}

async fn server_with(names: Names) -> Server {
    Server::start_with(Setup { names, ..Setup::default() }).await
}

/// A webhook to a receiver by that name.
async fn named(server: &Server, receiver: &Receiver, name: &str, fields: Value) -> Hook {
    let url = receiver.url().replace("127.0.0.1", name);
    let mut all = json!({ "events": ["deployment.started"] });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    hook(&server.client, &url, all).await
}

/// The oldest delivery that waits for another attempt.
async fn first_retrying(server: &Server, hook: &Hook) -> Value {
    until(|| async { health(&server.client, hook).await["retrying"] != 0 }, "an attempt failed")
        .await;
    let listed = show(&server.client, &hook.path("/deliveries?state=retrying")).await;
    let oldest = listed["items"].as_array().unwrap().last().unwrap().clone();
    show(&server.client, &hook.path(&format!("/deliveries/{}", oldest["sequence"]))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_never_resolves_fails_at_its_deadline_and_says_that_it_was_dns() {
    let (names, held) = names_with_a_silent_one();
    let server = server_with(names).await;
    let receiver = Receiver::ok();
    let silent = named(&server, &receiver, "silent.test", json!({ "timeout_ms": 300 })).await;
    deploy(&server.client, "checkout", 0).await;

    let shown = first_retrying(&server, &silent).await;

    assert_eq!(shown["state"], "retrying", "{shown}");
    let attempt = &shown["attempts"][0];
    assert_eq!(attempt["error"]["code"], "dns", "{attempt}");
    let expected = "the name can't be resolved: silent.test: no answer before the deadline";
    assert_eq!(attempt["error"]["message"], expected);
    assert!(attempt["duration_ms"].as_f64() >= Some(300.0), "{attempt}");
    drop(held);
}

/// As many attempts as there may be lookups at one time wait for one name.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_never_resolves_keeps_no_other_name_waiting() {
    let (names, held) = names_with_a_silent_one();
    let server = server_with(names).await;
    let (unreached, receiver) = (Receiver::ok(), Receiver::ok());
    let fields = json!({ "timeout_ms": 30_000, "concurrency": 64 });
    let silent = named(&server, &unreached, "silent.test", fields).await;
    let healthy = named(&server, &receiver, "fine.test", json!({})).await;
    for run in 0..80 {
        deploy(&server.client, "checkout", run).await;
    }
    settled(&server.client, &healthy).await;
    assert_eq!(tally(&receiver.requests()), once_each(80));
    until(|| async { health(&server.client, &silent).await["in_flight"] == 64 }, "all wait").await;

    // A name that nobody has asked for yet.
    let late = Receiver::ok();
    let other = named(&server, &late, "other.test", json!({})).await;
    deploy(&server.client, "checkout", 80).await;
    settled(&server.client, &other).await;

    assert_eq!(super::runs(&late.requests()), ["run-80"]);
    assert!(unreached.requests().is_empty());
    drop(held);
}
