//! Copies of a data directory.

use serde_json::Value;

use super::Desk;
use crate::harness::Process;

#[test]
fn a_copy_that_is_made_while_the_server_runs_can_be_restored_and_served() {
    let desk = Desk::start();
    desk.deploy("shop", "1.4.2", "production");
    let [data, copy, restored] = ["data", "copy.db", "restored"].map(|name| desk.path(name));
    let (data, copy) = (data.to_str().unwrap(), copy.to_str().unwrap());

    desk.run(&format!("backup {copy} --data {data}"));
    desk.deploy("shop", "1.5.0", "production");
    assert!(desk.run(&format!("verify {copy}")).contains("default ("));
    desk.run(&format!("restore {copy} --data {}", restored.to_str().unwrap()));

    let server = Process::start(&restored);
    let status = desk.run(&format!("status --url {}", server.url));
    assert!(status.contains("1.4.2") && !status.contains("1.5.0"), "{status}");

    // As docs/operations.md warns: numbers of what was lost are used again.
    let head = |url: &str| -> Value {
        let shown = desk.run(&format!("org show --json --url {url}"));
        serde_json::from_str::<Value>(&shown).unwrap()["last_sequence"].take()
    };
    assert_ne!(head(&server.url), head(&desk.server.url));
    desk.run(&format!(
        "report deployment --application shop --version 1.5.1 --environment production --url {}",
        server.url
    ));
    assert_eq!(head(&server.url), head(&desk.server.url));
}

#[test]
fn nothing_is_written_over() {
    let desk = Desk::start();
    let [data, copy] = ["data", "copy.db"].map(|name| desk.path(name));
    let (data, copy) = (data.to_str().unwrap(), copy.to_str().unwrap());
    desk.run(&format!("backup {copy} --data {data}"));

    assert_eq!(desk.user(&["backup", copy, "--data", data]).run().code, Some(1));
    assert_eq!(desk.user(&["restore", copy, "--data", data]).run().code, Some(1));
}

#[test]
fn data_that_is_elsewhere_is_not_taken_for_that_of_the_directory() {
    let desk = Desk::start();
    let copy = desk.path("copy.db");
    let copy = copy.to_str().unwrap();
    let elsewhere =
        desk.user(&["backup", copy]).variable("LANDFALL_DATABASE", "postgres://db/landfall").run();
    assert_eq!(elsewhere.code, Some(1), "{elsewhere:?}");
    assert!(elsewhere.errors.contains("pg_dump"), "{elsewhere:?}");
    let mistyped = desk.user(&["copy", "--from", copy, "--to", "mysql://db/landfall"]).run();
    assert_eq!(mistyped.code, Some(1), "{mistyped:?}");
    assert!(mistyped.errors.contains("postgres:// URL"), "{mistyped:?}");
}
