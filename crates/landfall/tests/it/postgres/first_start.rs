//! The first start of several nodes at once: one makes what there must be, and all come up.

use std::path::Path;
use std::time::Duration;

use landfall_engine::{Ambient, Engine, Options, Outbound};
use serde_json::Value;

use crate::harness::{Call, Client, Launch, PRESET_KEY, Process, memory_directory, open_store};
use crate::starting::report;

/// A preset key of another organization.
const OTHER: &str = "sk_other_k1_0123456789abcdef0123456789abcdef";

fn engine(directory: &Path) -> Engine {
    let ambient = Ambient::system();
    let outbound = Outbound::closed(&ambient);
    Engine::new(open_store(directory), ambient, Options::default(), outbound)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_nodes_that_find_no_organization_at_once_one_makes_it_and_its_key() {
    for _ in 0..5 {
        let directory = memory_directory();
        let [a, b] = [engine(directory.path()), engine(directory.path())];
        let (on_a, on_b) =
            tokio::join!(a.ensure_first_organization(), b.ensure_first_organization());
        let made: Vec<_> = [on_a.unwrap(), on_b.unwrap()].into_iter().flatten().collect();
        assert_eq!(made.len(), 1);
        for node in [&a, &b] {
            let admin = node.authenticate(&made[0].text).await.unwrap();
            assert_eq!(node.list_keys(&admin).await.unwrap().len(), 1);
            assert_eq!(node.log_head(&admin).await.unwrap(), 1, "its project was made once");
        }
        let (on_a, on_b) = tokio::join!(a.preset_admin_key(OTHER), b.preset_admin_key(OTHER));
        on_a.unwrap();
        on_b.unwrap();
        let (on_a, on_b) = tokio::join!(a.authenticate(OTHER), b.authenticate(OTHER));
        assert_eq!(on_a.unwrap().organization, on_b.unwrap().organization);
        a.close();
        b.close();
    }
}

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
