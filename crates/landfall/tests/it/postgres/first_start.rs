//! The first start of several nodes at once: one makes what there must be, and all come up.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Call, Client, Launch, PRESET_KEY, Process, memory_directory};
use crate::starting::report;

/// No start takes longer; a test that waits in vain fails instead of hanging.
const DEADLINE: Duration = Duration::from_secs(20);

/// Starts three nodes at once.
fn start_three(data: &Path, key: Option<&str>) -> Vec<Process> {
    let launch = || match key {
        Some(key) => Launch::serve(data).variable("LANDFALL_ADMIN_KEY", key),
        None => Launch::serve(data),
    };
    let launches: Vec<Launch> = (0..3).map(|_| launch()).collect();
    std::thread::scope(|scope| {
        let starts = launches.into_iter().map(|launch| scope.spawn(|| launch.start()));
        let starts: Vec<_> = starts.collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    })
}

/// The line of a file, once there is one.
async fn written(file: &Path) -> String {
    loop {
        match std::fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => tokio::task::yield_now().await,
        }
    }
}

async fn items(client: &Client, path: &str) -> Vec<Value> {
    let answer = client.send(Call::new("GET", &format!("/api/v1{path}"))).await.ok();
    answer.json()["items"].as_array().unwrap().clone()
}

async fn assert_one_of_each(nodes: &[Process], key: &str) {
    for node in nodes {
        let client = Client::new(&node.url, key);
        client.send(report()).await.ok();
        for path in ["/organizations", "/keys", "/projects"] {
            assert_eq!(items(&client, path).await.len(), 1, "{path}");
        }
    }
}

#[tokio::test]
async fn nodes_that_start_together_for_the_first_time_make_one_organization_with_one_key() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let nodes = start_three(&data, None);
    let key = tokio::time::timeout(DEADLINE, written(&data.join("admin-key"))).await;
    let key = key.expect("one of them writes the key");
    assert_one_of_each(&nodes, key.trim()).await;
}

#[tokio::test]
async fn nodes_that_start_together_with_a_preset_key_take_it() {
    let directory = memory_directory();
    let nodes = start_three(&directory.path().join("data"), Some(PRESET_KEY));
    assert_one_of_each(&nodes, PRESET_KEY).await;
}
