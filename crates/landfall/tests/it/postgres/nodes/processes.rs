//! Three processes on one database under load: one is killed, one is frozen for longer than its lease.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use tokio::sync::Semaphore;

use super::fixture::metric;
use crate::crash::load::{Load, Running};
use crate::harness::receiver::{Received, Receiver, Reply};
use crate::harness::{Call, Launch, PRESET_KEY, Process, Record, scratch_directory};
use crate::webhooks::{hook, until};

const HOOKS: usize = 16;
const CONCURRENCY: usize = 4;

fn start(data: &Path) -> Process {
    Launch::serve(data)
        .variable("LANDFALL_ADMIN_KEY", PRESET_KEY)
        .variable("LANDFALL_EGRESS_ALLOW", "127.0.0.0/8")
        .start()
}

async fn metric_of(process: &Process, name: &str) -> u64 {
    metric(&process.client().send(Call::new("GET", "/metrics")).await.ok().body, name)
}

/// Waits until a process has at least so many slots.
async fn holds(process: &Process, slots: u64) {
    until(|| async { metric_of(process, "landfall_slots_held").await >= slots }, "it has slots")
        .await;
}

/// One request that arrived: the number of the webhook, which ends its path, and that of the event,
/// which ends its id.
type Sent = (usize, u64);

fn sent(requests: &[Received]) -> Vec<Sent> {
    let last = |text: &str, before: char| text.rsplit(before).next().unwrap().to_owned();
    let sent = requests.iter().map(|request| {
        let hook = last(&request.path, '/').parse().unwrap();
        (hook, last(request.id(), '_').parse().unwrap())
    });
    sent.collect()
}

/// Waits until every webhook was sent all of these events.
async fn until_sent(receiver: &Receiver, events: &BTreeSet<u64>) {
    let wanted = events.len() * HOOKS;
    let are_all = |requests: &[Received]| {
        let sent = sent(requests).into_iter().filter(|(_, event)| events.contains(event));
        sent.collect::<BTreeSet<Sent>>().len() == wanted
    };
    receiver.wait_until(are_all).await;
}

/// The numbers of all events that webhooks want.
async fn wanted(data: &Path) -> BTreeSet<u64> {
    let record = Record::of(data).await;
    let events = record.events.iter().filter(|event| event.kind.starts_with("deployment."));
    events.map(|event| event.sequence).collect()
}

async fn hooks(process: &Process, receiver: &Receiver) {
    for number in 0..HOOKS {
        let url = format!("{}/{number}", receiver.url());
        let fields = json!({ "events": ["deployment.*"], "concurrency": CONCURRENCY });
        hook(&process.client(), &url, fields).await;
    }
}

/// Has every webhook wait for answers to as many attempts as it may make, so that no other is about to
/// begin; they are answered when the semaphore is closed.
async fn hold_all(receiver: &Receiver) -> Arc<Semaphore> {
    let held = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&held);
    let before = receiver.requests().len();
    receiver.set(move |_| Reply::Hold(Arc::clone(&waiting)));
    let are_all_held = |requests: &[Received]| {
        let sent = sent(&requests[before..]);
        (0..HOOKS).all(|hook| sent.iter().filter(|(of, _)| *of == hook).count() >= CONCURRENCY)
    };
    receiver.wait_until(are_all_held).await;
    held
}

/// Has more reported. Those who report to a node that is gone use up what is allowed to them.
async fn more(running: &Running) {
    running.allow(60);
    running.wait_for(running.acknowledged() + 50).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_arrives_although_one_node_is_killed_and_another_is_frozen_past_its_lease() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    let receiver = Receiver::ok();
    let [steady, killed, frozen] = [start(&data), start(&data), start(&data)];
    for process in [&steady, &killed, &frozen] {
        holds(process, 20).await;
    }
    hooks(&steady, &receiver).await;
    let clients = [&steady, &killed, &frozen].map(Process::client);
    let running = Load::new(9).start_bounded_on(&clients);
    running.allow(150);
    running.wait_for(100).await;

    let killed_at = Instant::now();
    killed.kill();
    holds(&steady, 32).await;
    holds(&frozen, 32).await;
    println!("what a killed node had was taken after {:?}", killed_at.elapsed());
    more(&running).await;

    let (held, ()) = tokio::join!(hold_all(&receiver), more(&running));
    frozen.freeze();
    let frozen_at = Instant::now();
    receiver.set(|_| Reply::Status(200));
    held.close();
    let known = wanted(&data).await;
    holds(&steady, 64).await;
    println!("what a frozen node had was taken after {:?}", frozen_at.elapsed());
    until_sent(&receiver, &known).await;

    // Everything that the frozen node has in memory was sent by now, so it would send it again.
    let before = receiver.requests().len();
    frozen.thaw();
    until(|| async { metric_of(&frozen, "landfall_leases_lost_total").await >= 20 }, "it lost all")
        .await;
    holds(&frozen, 20).await;
    more(&running).await;
    let all = sent(&receiver.requests());
    let (earlier, later) = all.split_at(before);
    let again: Vec<&Sent> = later.iter().filter(|sent| earlier.contains(sent)).collect();
    assert!(again.is_empty(), "sent without a lease: {again:?}");

    for process in [steady, frozen] {
        process.terminate();
        assert_eq!(process.wait(), Some(0));
    }
    let load = running.end().await;
    let record = Record::of(&data).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    load.assert_kept(&record);
    let last = start(&data);
    until_sent(&receiver, &wanted(&data).await).await;
    drop(last);
}
