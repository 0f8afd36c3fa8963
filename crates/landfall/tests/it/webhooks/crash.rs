//! `kill -9` while delivering: every event arrives, with stable ids and few repeats.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::{deploy, hook};
use crate::harness::receiver::{Received, Receiver};
use crate::harness::{Launch, PRESET_KEY, Process, scratch_directory};

const ROUNDS: usize = 4;
const EVENTS_PER_ROUND: usize = 150;
const CONCURRENCY: usize = 8;

fn start(data: &std::path::Path) -> Process {
    Launch::serve(data)
        .variable("LANDFALL_ADMIN_KEY", PRESET_KEY)
        .variable("LANDFALL_EGRESS_ALLOW", "127.0.0.0/8")
        .start()
}

/// The ids that each run arrived with.
fn ids(received: &[Received]) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in received {
        let run = request.json()["data"]["deployment"]["invoke_id"].as_str().unwrap().to_owned();
        ids.entry(run).or_default().push(request.id().to_owned());
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_arrives_although_the_server_is_killed_again_and_again() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    let receiver = Receiver::ok();
    let mut process = start(&data);
    let fields = json!({ "events": ["deployment.started"], "concurrency": CONCURRENCY });
    hook(&process.client(), &receiver.url(), fields).await;
    for round in 0..ROUNDS {
        let client = process.client();
        for run in 0..EVENTS_PER_ROUND {
            deploy(&client, "checkout", round * EVENTS_PER_ROUND + run).await;
        }
        // Killed while the last events of the round are under way.
        process.kill();
        process = start(&data);
        let wanted = (round + 1) * EVENTS_PER_ROUND;
        receiver.wait_until(|received| ids(received).len() == wanted).await;
    }
    let ids = ids(&receiver.requests());
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for (run, ids) in &ids {
        assert!(ids.iter().all(|id| *id == ids[0]), "{run} came as {ids:?}");
        assert!(owners.insert(&ids[0], run).is_none(), "two events share an id");
    }
    // In flight is what was sent and whose outcome was not yet committed: what a server sends
    // within one of the recorder's transactions, and the pause between two.
    let repeats: usize = ids.values().map(|ids| ids.len() - 1).sum();
    assert!(repeats <= ROUNDS * EVENTS_PER_ROUND / 4, "{repeats} repeats");
}
