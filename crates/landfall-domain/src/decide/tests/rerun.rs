//! Going back and forth, and doing it again.

use super::harness::{Ledger, completed, failed, started};

#[test]
fn a_quick_roll_back_and_forth_without_ids_is_three_deployments() {
    let mut ledger = Ledger::at("12:00:00");
    ledger.send(completed("v1"));
    ledger.clock("12:00:20");
    assert!(ledger.send(completed("v2")).became_current);
    ledger.clock("12:00:40");
    let back = ledger.send(completed("v1"));
    assert!(back.became_current && !back.repeated);
    assert_eq!(ledger.current(), Some("v1"));
    assert_eq!(
        ledger.history(),
        ["v1 completed 12:00:00", "v2 completed 12:00:20", "v1 completed 12:00:40"]
    );
}

#[test]
fn a_rerun_of_a_failed_workflow_under_the_same_invoke_id_is_a_second_deployment() {
    let mut ledger = Ledger::at("12:00");
    let first = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:02");
    assert_eq!(ledger.send(failed("v1").invoked_by("run-1")).id, first.id);
    ledger.clock("12:03");
    let second = ledger.send(started("v1").invoked_by("run-1"));
    assert_ne!(second.id, first.id);
    ledger.clock("12:05");
    assert_eq!(ledger.send(completed("v1").invoked_by("run-1")).id, second.id);
    assert_eq!(ledger.history(), ["v1 failed 12:00:00-12:02:00", "v1 completed 12:03:00-12:05:00"]);
    assert_eq!(ledger.cell().failed_since(), None);
}

#[test]
fn a_rerun_with_times_is_a_second_deployment_whichever_order_it_arrives_in() {
    let mut ledger = Ledger::at("13:00");
    for late in [
        completed("v1").told("12:05"),
        failed("v1").told("12:02"),
        started("v1").told("12:03"),
        started("v1").told("12:00"),
    ] {
        ledger.send(late.invoked_by("run-1"));
    }
    let mut history = ledger.history();
    history.sort();
    assert_eq!(history, ["v1 completed 12:03:00-12:05:00", "v1 failed 12:00:00-12:02:00"]);
}

#[test]
fn a_rerun_in_the_microsecond_of_the_failure_is_a_second_deployment() {
    let mut ledger = Ledger::at("12:00");
    let first = ledger.send(failed("v1").invoked_by("run-1"));
    let second = ledger.send(started("v1").invoked_by("run-1"));
    assert_ne!(second.id, first.id);
    assert_eq!(ledger.send(completed("v1").invoked_by("run-1")).id, second.id);
    assert_eq!(ledger.current(), Some("v1"));
}

#[test]
fn a_blind_retry_within_five_minutes_is_a_repeat() {
    let mut ledger = Ledger::at("12:00:00");
    let first = ledger.send(completed("v1"));
    ledger.clock("12:04:59");
    let retry = ledger.send(completed("v1"));
    assert_eq!((retry.id, retry.repeated, retry.sequence), (first.id, true, None));
    assert_eq!(ledger.history(), ["v1 completed 12:00:00"]);
}

#[test]
fn the_same_report_after_five_minutes_is_a_new_deployment() {
    let mut ledger = Ledger::at("12:00:00");
    let first = ledger.send(completed("v1"));
    ledger.clock("12:05:00");
    let again = ledger.send(completed("v1"));
    assert!(!again.repeated && again.became_current);
    assert_ne!(again.id, first.id);
}

#[test]
fn another_end_is_no_repeat() {
    let mut ledger = Ledger::at("12:00:00");
    let first = ledger.send(completed("v1"));
    ledger.clock("12:00:10");
    assert_ne!(ledger.send(failed("v1")).id, first.id);
}

#[test]
fn a_retry_in_one_place_is_a_repeat_whatever_was_reported_in_another() {
    let mut ledger = Ledger::at("12:00:00");
    ledger.send(completed("v1"));
    ledger.send(completed("v2").into("staging"));
    ledger.send(completed("v2").on("eu"));
    assert!(ledger.send(completed("v1")).repeated);
}

#[test]
fn a_blind_retry_ends_no_other_run() {
    let mut ledger = Ledger::at("12:00:00");
    let first = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:00:01");
    let second = ledger.send(started("v1").invoked_by("run-2"));
    ledger.clock("12:00:30");
    assert_eq!(ledger.send(completed("v1")).id, second.id);
    ledger.clock("12:00:31");
    let retry = ledger.send(completed("v1"));
    assert_eq!((retry.id, retry.repeated), (second.id, true));
    assert_eq!(ledger.deployment(first.id).run.closing(), None);
}
