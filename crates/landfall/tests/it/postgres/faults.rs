//! A PostgreSQL that ends under load, or whose disk is full: callers are refused cleanly, nothing that
//! was acknowledged is lost, and nothing needs a restart.

use std::collections::BTreeSet;

use crate::crash::load::Load;
use crate::harness::disk::fill;
use crate::harness::{Answer, Call, Client, Cluster, Process, Record, scratch_directory};

async fn deploy(client: &Client, run: usize) -> Answer {
    client.send(Call::started("checkout", run)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_again_and_again_costs_no_report_and_no_restart() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    let cluster = Cluster::start(&data);
    let nodes = [Process::start(&data), Process::start(&data)];
    let running = Load::new(8).start_on(&nodes.each_ref().map(Process::client));
    for _ in 0..3 {
        running.wait_for(running.acknowledged() + 100).await;
        cluster.crash();
    }
    running.wait_for(running.acknowledged() + 100).await;
    for node in nodes {
        node.terminate();
        assert_eq!(node.wait(), Some(0));
    }
    let load = running.end().await;
    let record = Record::of(&data).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    load.assert_kept(&record);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_disk_is_full_costs_no_report_that_was_acknowledged() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    let cluster = Cluster::start(&data);
    let node = Process::start(&data);
    let (client, ballast) = (node.client(), cluster.disk().join("ballast"));
    let mut acknowledged = BTreeSet::new();
    for _ in 0..3 {
        fill(&ballast);
        let refused = loop {
            let answer = deploy(&client, acknowledged.len()).await;
            if answer.status >= 400 {
                break answer;
            }
            acknowledged.insert(format!("run-{}", acknowledged.len()));
        };
        assert_eq!(refused.status, 503, "{}", refused.body);
        assert_eq!(refused.header("retry-after"), "1");
        std::fs::remove_file(&ballast).unwrap();
        // The server may need a moment to come back to itself.
        while deploy(&client, acknowledged.len()).await.status == 503 {}
        acknowledged.insert(format!("run-{}", acknowledged.len()));
    }
    node.terminate();
    assert_eq!(node.wait(), Some(0));
    let record = Record::of(&data).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    let runs = record.deployments.iter().map(|found| found.run.invoke_id.clone().unwrap());
    assert_eq!(runs.clone().count(), acknowledged.len());
    assert_eq!(runs.collect::<BTreeSet<_>>(), acknowledged);
}
