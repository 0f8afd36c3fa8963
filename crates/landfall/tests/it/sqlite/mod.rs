//! What is about SQLite's own files: one process at a time, and copies. Not run on PostgreSQL.

mod disk;

use landfall_store::Store;

use crate::crash::load::Load;
use crate::harness::{Launch, Process, Record, memory_directory, scratch_directory};
use crate::starting::{assert_refused, report};

#[tokio::test]
async fn a_second_process_on_the_same_data_is_refused() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    let process = Process::start(&data);
    let ended = Launch::serve(&data).run();
    let path = data.to_str().unwrap();
    assert_refused(&ended, &[path, "is in use by another Landfall process", "--data"]);
    // The first one is not disturbed, and its end frees the data.
    process.client().send(report()).await.ok();
    process.kill();
    Process::start(&data).client().send(report()).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_made_under_load_is_whole() {
    let directory = scratch_directory();
    let (data, file) = (directory.path().join("data"), directory.path().join("copy.db"));
    let process = Process::start(&data);
    let running = Load::new(8).start(&process.client());
    running.wait_for(100).await;
    let acknowledged = running.acknowledged();
    let (from, to) = (data.clone(), file.clone());
    let copying = tokio::task::spawn_blocking(move || landfall_store::backup(&from, &to));
    copying.await.unwrap().unwrap();
    running.wait_for(acknowledged + 50).await;
    process.kill();
    running.end().await;

    let contents = landfall_store::verify(&file).unwrap();
    let restored = directory.path().join("restored");
    assert_eq!(landfall_store::restore(&file, &restored).unwrap(), contents);
    assert!(landfall_store::restore(&file, &restored).is_err(), "there is data already");
    let record = Record::of(&restored).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    assert_eq!(contents.organizations[0].2, record.head);
    let reports = record.told().iter().filter(|kind| kind.starts_with("deployment.")).count();
    assert!(reports as u64 >= acknowledged, "{reports} of {acknowledged}");
    // And a server goes on from it.
    let process = Process::start(&restored);
    let running = Load::new(2).start(&process.client());
    running.wait_for(4).await;
}

#[tokio::test]
async fn data_of_a_newer_release_is_refused_with_what_to_do() {
    let directory = memory_directory();
    let data = directory.path().join("data");
    Process::start(&data).kill();
    let store = Store::open(&data).unwrap();
    let sql = "PRAGMA user_version = 1000";
    let noting = store.writer.run(Box::new(move |db| db.write_many(sql, [[]]).map(|_| ())));
    noting.await.unwrap();
    store.close();
    let ended = Launch::serve(&data).run();
    assert_refused(&ended, &["the data has schema 1000", "knows only", "upgrade it"]);
}
