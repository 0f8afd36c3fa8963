//! `landfall copy`: between data directories, and with a PostgreSQL where the tests have one.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use landfall_store::{Place, StoreError, copy};
use serde_json::Value;

use crate::harness::{
    Call, Client, Ended, Launch, Process, database_of, is_postgres, memory_directory, open_store,
};
use crate::starting::{assert_refused, report};

/// The place of a directory's data on the engine of the tests.
fn place(directory: &Path) -> String {
    database_of(directory).unwrap_or_else(|| directory.to_str().unwrap().to_owned())
}

fn run(from: &str, to: &str, directory: &Path) -> Ended {
    let ended = Launch::command(&["copy", "--from", from, "--to", to], directory).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended
}

/// The lines of tables, their rows and checksums.
fn tables(ended: &Ended) -> Vec<&str> {
    let lines = ended.output.lines().skip_while(|line| !line.starts_with("TABLE "));
    lines.take_while(|line| !line.is_empty()).collect()
}

async fn status(server: &Process, key: &str) -> Value {
    let client = Client::new(&server.url, key);
    client.send(Call::new("GET", "/api/v1/status?limit=all")).await.ok().json()
}

#[tokio::test]
async fn the_demos_company_is_copied_there_and_back_and_served_from_there() {
    let directory = memory_directory();
    let [demo, there, back] = ["demo", "there", "back"].map(|name| directory.path().join(name));
    let server = Launch::demo(&demo, "127.0.0.1:0").start();
    let key = std::fs::read_to_string(demo.join("demo-key")).unwrap();
    let before = status(&server, key.trim()).await;
    let busy = Launch::command(&["copy", "--from", demo.to_str().unwrap(), "--to", "x"], &demo);
    assert_refused(&busy.run(), &["is in use by another Landfall process"]);
    server.terminate();
    assert_eq!(server.wait(), Some(0));

    let went = run(demo.to_str().unwrap(), &place(&there), directory.path());
    for words in ["Copying organizations: 0 of ", "Checking ", "\nCopied and checked ", " rows/s"] {
        assert!(went.output.contains(words), "{words} is not in {}", went.output);
    }
    for words in ["sealed with the master key ", "Serve one of the two from now on"] {
        assert!(went.errors.contains(words), "{words} is not in {}", went.errors);
    }
    let came = run(&place(&there), back.to_str().unwrap(), directory.path());
    assert!(tables(&went).len() > 20, "{}", went.output);
    assert_eq!(tables(&went), tables(&came));

    let master_key = std::fs::read_to_string(demo.join("master-key")).unwrap();
    let serve = || Launch::serve(&there).variable("LANDFALL_MASTER_KEY", master_key.trim());
    let server = serve().variable("LANDFALL_ADMIN_KEY", key.trim()).start();
    let after = status(&server, key.trim()).await;
    assert_eq!(before["applications"].as_array().unwrap().len(), 12);
    assert_eq!(after, before);
    server.kill();
    let again = Launch::command(&["copy", "--to", &place(&there)], directory.path())
        .variable("LANDFALL_COPY_FROM", back.to_str().unwrap());
    assert_refused(&again.run(), &["holds data already", "name an empty place"]);
}

#[tokio::test]
async fn a_server_does_not_start_on_half_a_copy_and_says_what_to_do() {
    let directory = memory_directory();
    let [data, to] = ["data", "to"].map(|name| directory.path().join(name));
    let process = Process::start(&data);
    process.client().send(report()).await.ok();
    process.terminate();
    assert_eq!(process.wait(), Some(0));
    let (from, target) = (place(&data), place(&to));
    let broken = tokio::task::spawn_blocking(move || {
        let [from, to] = [from, target].map(|text| Place::parse(&text).unwrap());
        std::panic::catch_unwind(AssertUnwindSafe(|| {
            copy(&from, &to, |_| None, &mut |at| assert!(at.table != "events", "it ends here"))
        }))
    });
    assert!(broken.await.unwrap().is_err());
    assert_refused(&Launch::serve(&to).run(), &["a copy that has not come to its end"]);
    if !is_postgres() {
        let verified = landfall_store::verify(&to.join("landfall.db"));
        assert!(matches!(verified, Err(StoreError::Incomplete)), "{verified:?}");
    }

    run(&place(&data), &place(&to), directory.path());
    open_store(&to).close();
    Process::start(&to).client().send(report()).await.ok();
}

#[test]
fn a_place_that_is_missing_is_named() {
    let directory = memory_directory();
    let path = directory.path().join("nothing");
    let copy = |arguments: &[&str]| Launch::command(arguments, directory.path()).run();
    assert_refused(&copy(&["copy", "--from", "x"]), &["--to is missing"]);
    let from = path.to_str().unwrap();
    assert_refused(&copy(&["copy", "--from", from, "--to", "x"]), &["nothing/landfall.db"]);
    let url = "postgres://me:s3cret@127.0.0.1:1/landfall";
    let ended = copy(&["copy", "--from", url, "--to", from]);
    assert_refused(&ended, &["can't be used now"]);
    assert!(!ended.errors.contains("s3cret") && !path.exists(), "{}", ended.errors);
}
