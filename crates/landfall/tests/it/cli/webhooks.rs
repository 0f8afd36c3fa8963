//! Webhooks from the command line, and events that are forwarded to a developer's machine.

use std::sync::Arc;

use landfall_domain::webhook::signature::{Key, verify};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::Desk;
use crate::harness::receiver::{Received, Receiver, Reply};
use crate::harness::{Launch, PRESET_KEY, memory_directory};
use crate::webhooks::hook;

/// A desk whose server may reach receivers on this machine.
fn desk() -> Desk {
    let directory = memory_directory();
    let launch = Launch::serve(&directory.path().join("data"))
        .variable("LANDFALL_ADMIN_KEY", PRESET_KEY)
        .variable("LANDFALL_EGRESS_ALLOW", "127.0.0.0/8");
    Desk { server: launch.start(), directory }
}

impl Desk {
    fn code(&self, command_line: &str) -> Option<i32> {
        self.user(&command_line.split(' ').collect::<Vec<_>>()).run().code
    }

    fn json(&self, command_line: &str) -> Value {
        serde_json::from_str(&self.run(&format!("{command_line} --json"))).unwrap()
    }

    /// Makes the webhook `ops`, which wants completed deployments only, and gives its secret.
    fn ops(&self, receiver: &Receiver) -> String {
        let made = format!("webhook create ops {} --event deployment.completed", receiver.url());
        self.run(&made).trim().to_owned()
    }

    /// The number of the newest event.
    fn head(&self) -> u64 {
        self.json("org show")["last_sequence"].as_u64().unwrap()
    }
}

fn is_signed(request: &Received, secret: &str) -> bool {
    let timestamp = request.header("webhook-timestamp").parse().unwrap();
    let signature = request.header("webhook-signature");
    verify(&Key::parse(secret).unwrap(), signature, request.id(), timestamp, &request.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_webhooks_is_whole_also_where_it_is_longer_than_a_page() {
    let desk = desk();
    let client = desk.server.client();
    for _ in 0..501 {
        hook(&client, "https://example.com/", json!({ "events": ["build.*"] })).await;
    }
    let listed = desk.json("webhook list");
    assert_eq!(listed["items"].as_array().unwrap().len(), 501);
    assert_eq!(listed["next"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_lives_from_its_making_to_its_end() {
    let (desk, receiver) = (desk(), Receiver::ok());
    let secret = desk.ops(&receiver);
    assert!(secret.starts_with("whsec_"), "the secret alone is printed");

    assert!(desk.run("webhook list").contains("deployment.completed"));
    let shown = desk.run("webhook show ops");
    assert!(shown.contains("enabled for") && !shown.contains(&secret), "{shown}");
    desk.run("webhook edit ops --application shop --name operations --concurrency 2");
    let edited = desk.json("webhook show operations");
    assert_eq!(
        (&edited["filters"]["applications"][0], &edited["concurrency"]),
        (&"shop".into(), &2.into())
    );
    desk.run("webhook edit operations --clear application");
    assert_eq!(
        desk.json("webhook show operations")["filters"]["applications"],
        Value::Array(vec![])
    );

    assert_eq!(desk.run("webhook pause operations"), "Webhook operations is paused.\n");
    assert_eq!(desk.run("webhook resume operations"), "Webhook operations is enabled.\n");
    let id = edited["id"].as_str().unwrap();
    assert_eq!(desk.json(&format!("webhook show {id}"))["name"], "operations");
    assert_ne!(desk.run("webhook rotate-secret operations").trim(), secret);
    desk.run("webhook delete operations");
    assert!(desk.run("webhook list").contains("There is no webhook"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_fail_has_its_code() {
    let (desk, receiver) = (desk(), Receiver::ok());
    desk.ops(&receiver);
    desk.ops(&receiver);
    desk.run(&format!("webhook create pager {}", receiver.url()));
    let reader = desk.run("key create reader --scope read");
    let cases = [
        ("webhook show ops", 1),
        ("webhook edit pager", 1),
        ("webhook edit pager --event a --clear event", 1),
        ("webhook replay pager", 1),
        ("webhook replay pager --since yesterday", 1),
        ("webhook listen --forward localhost:3000", 1),
        ("webhook listen --forward http://localhost:1 --secret hunter2", 1),
        ("webhook list --url http://127.0.0.1:1", 2),
        ("webhook show nobody", 3),
        ("webhook explain pager 9999", 3),
        ("webhook create private http://10.0.0.1/hook", 3),
        (&format!("webhook pause pager --api-key {}", reader.trim()), 4),
    ];
    for (line, code) in cases {
        assert_eq!(desk.code(line), Some(code), "{line}");
    }
    assert_eq!(desk.code("webhook test pager"), Some(0));
    receiver.set(|_| Reply::Status(500));
    assert_eq!(desk.code("webhook test pager"), Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_seen_explained_and_sent_again() {
    let (desk, receiver) = (desk(), Receiver::start(|_| Reply::Status(422)));
    let secret = desk.ops(&receiver);
    desk.deploy("shop", "1.4.2", "production");
    receiver.wait_for(1).await;
    let sequence = desk.head();

    let explained = desk.run(&format!("webhook explain ops {sequence}"));
    assert!(explained.contains("deployment.completed"), "{explained}");
    let delivery = desk.run(&format!("webhook delivery ops {sequence}"));
    assert!(delivery.contains("retrying") && delivery.contains("✕ 422"), "{delivery}");
    assert!(desk.run("webhook deliveries ops --state retrying").contains("deployment.completed"));
    assert_eq!(desk.code(&format!("webhook resend ops {sequence}")), Some(5));
    assert_eq!(desk.code("webhook resend-failed ops --since 1h --watch"), Some(5));

    receiver.set(|_| Reply::Status(204));
    let watched = desk.run("webhook resend-failed ops --first 1 --watch");
    assert!(watched.trim_end().ends_with("1 delivered, 0 failed"), "{watched}");
    let replayed = desk.run(&format!("webhook replay ops --first {sequence} --watch --json"));
    assert!(replayed.contains(r#""state":"finished""#), "{replayed}");
    assert!(desk.run("webhook deliveries ops").contains("delivered"));
    assert_eq!(desk.run("webhook jobs ops").matches("finished").count(), 3);
    let requests = receiver.requests();
    let id = requests[0].id();
    assert!(requests.iter().all(|request| request.id() == id && is_signed(request, &secret)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_leaves_a_replay_running_until_it_is_stopped() {
    let permits = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&permits);
    let (desk, receiver) = (desk(), Receiver::ok());
    desk.ops(&receiver);
    desk.deploy("shop", "1.4.2", "production");
    receiver.wait_for(1).await;
    receiver.set(move |_| Reply::Hold(Arc::clone(&held)));

    let line = ["webhook", "replay", "ops", "--first", "1", "--watch"];
    let mut watching = desk.user(&line).spawn();
    assert!(watching.line().starts_with("replay running: "));
    receiver.wait_for(2).await;
    watching.interrupt();
    let log = std::fs::read_to_string(desk.path("client.log"));
    assert_eq!(watching.wait(), Some(130), "{log:?}");

    let job = desk.json("webhook jobs ops")["items"][0].clone();
    assert_eq!(job["state"], "running");
    let id = job["id"].as_str().unwrap();
    let told = std::fs::read_to_string(desk.path("client.log")).unwrap();
    assert!(told.contains(&format!("landfall webhook stop-job 'ops' {id}")), "{told}");
    assert!(desk.run(&format!("webhook stop-job ops {id}")).contains("is stopped"));
    permits.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_sends_nothing() {
    let (desk, receiver) = (desk(), Receiver::ok());
    desk.ops(&receiver);
    let file = desk.path("body.json");
    std::fs::write(&file, r#"{"text": "${application.name} ${version.name}"}"#).unwrap();
    let shown = desk.run(&format!("webhook preview ops --template {}", file.display()));
    assert!(shown.ends_with("\n\n{\"text\":\"checkout 1.4.2\"}\n"), "{shown}");
    let shown = desk.json("webhook preview ops --type build.failed");
    assert_eq!(shown["body"]["type"], "build.failed");
    assert!(receiver.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_forwarded_signed_and_a_failure_ends_nothing() {
    let receiver = Receiver::start(|request| match request.number {
        1 => Reply::Status(500),
        2 => Reply::CloseAtOnce,
        _ => Reply::Status(200),
    });
    let desk = desk();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        desk.deploy("shop", version, "production");
        desk.deploy("cart", version, "production");
    }
    let forward = receiver.url();
    let line = ["webhook", "listen", "--forward", &forward, "--event", "deployment.*"];
    let filters = ["--application", "sh*", "--after", "0"];
    let mut listening = desk.user(&[&line[..], &filters[..]].concat()).spawn();

    let told = [(); 3].map(|()| listening.line());
    assert!(told[0].contains("shop 1.0.0") && told[0].contains("[✕ 500 in "), "{told:?}");
    assert!(told[1].contains("shop 1.1.0") && told[1].contains("[✕ "), "{told:?}");
    assert!(told[2].contains("shop 1.2.0") && told[2].contains("[200 in "), "{told:?}");
    desk.deploy("shop", "1.3.0", "staging");
    assert!(listening.line().contains("shop 1.3.0"), "what happens later is forwarded as well");

    let log = listening.log();
    let secret = log.split_whitespace().find(|word| word.starts_with("whsec_")).unwrap();
    let organization = desk.json("org show")["id"].as_str().unwrap().replace('-', "");
    let requests = receiver.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        assert!(is_signed(&request, secret));
        let body = request.json();
        assert_eq!(request.id(), format!("evt_{organization}_{}", body["data"]["sequence"]));
        assert_eq!(
            (&body["type"], request.header("authorization")),
            (&"deployment.completed".into(), "")
        );
    }
}
