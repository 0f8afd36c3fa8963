//! Copies of a data directory.

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
