//! Replay and resend touch exactly the webhook and the range that was asked for.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{Hook, deploy, hook, show, until};
use crate::harness::Server;
use crate::harness::receiver::{Receiver, Reply};

const EVENTS: u64 = 24;

/// Two webhooks, some of whose deliveries failed, and their receivers.
struct World {
    server: Server,
    hooks: [Hook; 2],
    receivers: [Receiver; 2],
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let failing = || {
            Receiver::start(|request| {
                let run = request.json()["data"]["deployment"]["invoke_id"].to_string();
                Reply::Status(if run.contains('1') { 422 } else { 200 })
            })
        };
        let receivers = [failing(), failing()];
        // Before the webhooks, so that the range of each job has nothing but deployments.
        deploy(&server.client, "checkout", 1_000).await;
        let mut hooks = Vec::new();
        for receiver in &receivers {
            let fields = json!({ "events": ["deployment.*"], "retry_schedule": [] });
            hooks.push(hook(&server.client, &receiver.url(), fields).await);
        }
        for run in 0..usize::try_from(EVENTS).unwrap() {
            deploy(&server.client, "checkout", run).await;
        }
        for hook in &hooks {
            super::settled(&server.client, hook).await;
            until(
                || async {
                    let path = hook.path("/deliveries?limit=500");
                    let listed = show(&server.client, &path).await;
                    listed["items"].as_array().unwrap().len() as u64 == EVENTS
                },
                "all deliveries are stored",
            )
            .await;
        }
        let hooks = hooks.try_into().unwrap_or_else(|_| panic!("there are two"));
        Self { server, hooks, receivers }
    }

    /// Everything that the API tells of a webhook's deliveries.
    async fn deliveries(&self, hook: &Hook) -> Vec<Value> {
        let listed = show(&self.server.client, &hook.path("/deliveries?limit=500")).await;
        let mut all = Vec::new();
        for item in listed["items"].as_array().unwrap() {
            let path = hook.path(&format!("/deliveries/{}", item["sequence"]));
            let mut shown = show(&self.server.client, &path).await;
            // What the present settings would send is signed at the time of asking.
            shown.as_object_mut().unwrap().remove("request");
            all.push(shown);
        }
        all
    }

    async fn run_job(&self, verb: &str, hook: &Hook, range: &Value) {
        let started = self.server.post(&hook.path(verb), range).await;
        assert_eq!(started.status, 202, "{}", started.body);
        let path = hook.path(&format!("/jobs/{}", started.text("id")));
        let is_finished =
            || async { show(&self.server.client, &path).await["state"] == "finished" };
        until(is_finished, "the job ends").await;
    }
}

async fn check(verb: &str, chosen: usize, first: u64, count: u64, is_well: bool) {
    let world = World::new().await;
    let (own, other) = (&world.hooks[chosen], &world.hooks[1 - chosen]);
    let (before, before_other) = (world.deliveries(own).await, world.deliveries(other).await);
    let sequences: Vec<u64> =
        before.iter().rev().map(|shown| shown["sequence"].as_u64().unwrap()).collect();
    let lowest = sequences[0];
    let range = (lowest + first, lowest + first + count);
    let seen = world.receivers[0].requests().len() + world.receivers[1].requests().len();
    if is_well {
        world.receivers[chosen].set(|_| Reply::Status(200));
    }
    world.run_job(verb, own, &json!({ "first": range.0, "last": range.1 })).await;

    assert_eq!(world.deliveries(other).await, before_other, "the other webhook is untouched");
    let after = world.deliveries(own).await;
    let mut touched = 0;
    for (old, new) in before.iter().zip(&after) {
        let sequence = old["sequence"].as_u64().unwrap();
        let is_inside = (range.0..=range.1).contains(&sequence);
        let is_due = is_inside && (verb == "/replay" || old["state"] == "dead");
        if is_due {
            touched += 1;
            let count = |shown: &Value| shown["attempts"].as_array().unwrap().len();
            assert_eq!(count(new), count(old) + 1, "one attempt: {new}");
            let is_settled = is_well || old["state"] == "delivered";
            assert_eq!(new["state"], if is_settled { "delivered" } else { "dead" });
        } else {
            assert_eq!(old, new, "outside the range nothing changes");
        }
    }
    let sent = world.receivers[0].requests().len() + world.receivers[1].requests().len() - seen;
    assert_eq!(sent, touched, "one request per event");
}

#[test]
fn replay_and_resend_touch_exactly_what_was_asked_for() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let verbs = prop_oneof![Just("/replay"), Just("/resend-failed")];
    let asked = (verbs, 0..2_usize, 0..EVENTS + 4, 0..EVENTS, any::<bool>());
    let mut runner = TestRunner::new(Config { cases: 12, ..Config::default() });
    let outcome = runner.run(&asked, |(verb, chosen, first, count, is_well)| {
        runtime.block_on(check(verb, chosen, first, count, is_well));
        Ok(())
    });
    outcome.unwrap();
}
