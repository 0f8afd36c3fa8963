//! What was acknowledged survives: `kill -9` at any moment, and SIGTERM.

pub(crate) mod load;

use std::path::Path;
use std::time::Duration;

use landfall_engine::Ambient;

use self::load::Load;
use crate::harness::{Process, Record, scratch_directory};

/// How often the server is killed: a few times, or with `LANDFALL_TEST_LONG=1` many.
fn rounds() -> u32 {
    let is_long = std::env::var_os("LANDFALL_TEST_LONG").is_some_and(|value| value == "1");
    if is_long { 100 } else { 3 }
}

/// A number below `end` that nobody can foresee.
fn random(end: u64) -> u64 {
    let [first, ..] = Ambient::system().entropy();
    u64::from(first) * end / 256
}

/// Checks the data of a server that is gone against what its clients know.
async fn check(data: &Path, load: &Load) -> Record {
    let record = Record::of(data).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    load.assert_kept(&record);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9_once_and_in_order() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    let mut load = Load::new(8);
    for _ in 0..rounds() {
        let process = Process::start(&data);
        let running = load.start(&process.client());
        running.wait_for(40 + random(160)).await;
        // The moment is to be a random one, also within a commit: this sleep waits for nothing.
        tokio::time::sleep(Duration::from_micros(random(10_000))).await;
        process.kill();
        load = running.end().await;
        check(&data, &load).await;
    }
    // What had no answer is sent once more, and then everything is there exactly once.
    let process = Process::start(&data);
    let unanswered = load.start(&process.client());
    unanswered.wait_for(80).await;
    process.terminate();
    assert_eq!(process.wait(), Some(0));
    let load = unanswered.end().await;
    let record = check(&data, &load).await;
    load.assert_nothing_else(&record);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_loses_nothing() {
    let directory = scratch_directory();
    let data = directory.path().join("data");
    let process = Process::start(&data);
    let running = Load::new(8).start(&process.client());
    running.wait_for(100).await;
    process.terminate();
    assert_eq!(process.wait(), Some(0), "it ends well");
    let load = running.end().await;
    let record = check(&data, &load).await;
    // It lets requests under way finish, so nothing was stored whose sender was not told.
    load.assert_nothing_else(&record);
}
