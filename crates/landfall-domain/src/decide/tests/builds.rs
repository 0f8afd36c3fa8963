//! Builds follow the rule of deployments, without environment and target.

use super::harness::{Ledger, completed, failed, started};

#[test]
fn a_build_opens_is_joined_and_is_retried() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1").of_build());
    ledger.clock("12:03");
    let done = ledger.send(completed("v1").of_build());
    assert_eq!(done.id, open.id);
    ledger.clock("12:04");
    let retry = ledger.send(completed("v1").of_build());
    assert_eq!((retry.id, retry.repeated), (open.id, true));
    assert_eq!(ledger.snapshot.builds.len(), 1);
    let told = ["application.created", "build.started v1", "build.completed v1"];
    assert_eq!(ledger.log_after(0), told);
}

#[test]
fn a_build_after_five_minutes_is_another() {
    let mut ledger = Ledger::at("12:00");
    let first = ledger.send(completed("v1").of_build());
    ledger.clock("12:05");
    assert_ne!(ledger.send(completed("v1").of_build()).id, first.id);
}

#[test]
fn a_build_that_failed_and_is_run_again_is_two() {
    let mut ledger = Ledger::at("12:00");
    let first = ledger.send(failed("v1").of_build().invoked_by("run-1"));
    ledger.clock("12:01");
    let second = ledger.send(completed("v1").of_build().invoked_by("run-1"));
    assert_ne!(second.id, first.id);
}

#[test]
fn a_build_is_adopted_by_its_invoke_id_and_joined_without_it() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1").of_build());
    assert_eq!(ledger.send(started("v1").of_build().invoked_by("run-1")).id, open.id);
    ledger.clock("12:01");
    assert_eq!(ledger.send(completed("v1").of_build()).id, open.id);
    ledger.clock("12:02");
    let retry = ledger.send(completed("v1").of_build());
    assert_eq!((retry.id, retry.repeated), (open.id, true));
}

#[test]
fn a_stale_build_is_not_joined_by_guess() {
    let mut ledger = Ledger::at("12:00");
    let zombie = ledger.send(started("v1").of_build());
    ledger.clock("2026-03-02T12:00:01Z");
    assert_ne!(ledger.send(completed("v1").of_build()).id, zombie.id);
}

#[test]
fn a_build_and_a_deployment_of_one_run_are_two_things() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(started("v1").of_build().invoked_by("run-1"));
    ledger.send(completed("v1").invoked_by("run-1"));
    assert_eq!((ledger.snapshot.builds.len(), ledger.snapshot.deployments.len()), (1, 1));
}
