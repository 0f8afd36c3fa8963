//! A disk that is full, or takes no writes: nothing that was acknowledged is lost, what can't be kept
//! is refused cleanly, and it goes on by itself.

use std::collections::BTreeSet;

use crate::harness::disk::fill;
use crate::harness::{
    Answer, Call, Client, Launch, PRESET_KEY, Process, Record, scratch_directory,
};
use crate::starting::{assert_refused, report};

/// A small file system in memory, with the data in it.
const SMALL_DISK: &str = "mount -t tmpfs -o size=16m tmpfs \"$1\"";
/// Reports that fit into what a full disk has still reserved are far fewer.
const REPORTS_MAX: usize = 20_000;

async fn deploy(client: &Client, run: usize) -> Answer {
    client.send(Call::started("checkout", run)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_cleanly_and_loses_nothing_that_was_acknowledged() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let launch = Launch::serve(&data).variable("LANDFALL_ADMIN_KEY", PRESET_KEY);
    let process = launch.on(SMALL_DISK, &data).start();
    let (client, ballast) = (process.client(), process.seen(&data).join("ballast"));
    deploy(&client, 0).await.ok_or_created();
    let mut acknowledged = BTreeSet::from(["run-0".to_owned()]);
    let mut next = 1;
    for _ in 0..3 {
        fill(&ballast);
        let refused = loop {
            let answer = deploy(&client, next).await;
            if answer.status >= 400 {
                break answer;
            }
            acknowledged.insert(format!("run-{next}"));
            next += 1;
            assert!(next < REPORTS_MAX, "the disk is not full");
        };
        assert_eq!(refused.status, 503, "{}", refused.body);
        assert_eq!(refused.header("retry-after"), "1");
        // What is there can still be read.
        let status = client.send(Call::new("GET", "/api/v1/status")).await.ok();
        assert_eq!(status.json()["applications"].as_array().unwrap().len(), 1);
        std::fs::remove_file(&ballast).unwrap();
        // Without a restart; the one that was refused is sent again.
        deploy(&client, next).await.ok_or_created();
        acknowledged.insert(format!("run-{next}"));
        next += 1;
    }
    assert!(process.log().contains("the disk is full"), "{}", process.log());

    // As a crash at this moment leaves it.
    process.freeze();
    let kept = directory.path().join("kept");
    std::fs::create_dir(&kept).unwrap();
    for file in std::fs::read_dir(process.seen(&data)).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), kept.join(file.file_name())).unwrap();
    }
    process.kill();
    let record = Record::of(&kept).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    let runs: Vec<_> =
        record.deployments.iter().map(|found| found.run.invoke_id.clone().unwrap()).collect();
    assert_eq!(runs.len(), acknowledged.len());
    assert_eq!(runs.into_iter().collect::<BTreeSet<_>>(), acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_takes_no_writes_is_refused_at_the_start_and_left_as_it_is() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    let process = Process::start(&data);
    process.client().send(report()).await.ok();
    process.terminate();
    assert_eq!(process.wait(), Some(0));

    let read_only = "mount --bind \"$1\" \"$1\"; mount -o remount,ro,bind \"$1\"";
    let ended = Launch::serve(&data).on(read_only, &data).run();
    assert_refused(&ended, &[data.to_str().unwrap(), "Read-only file system"]);

    Process::start(&data).client().send(report()).await.ok();
}
