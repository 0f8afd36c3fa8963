//! Which deployment a report joins.

use super::harness::{Ledger, completed, failed, pending, started};
use crate::status::Status;

#[test]
fn a_lifecycle_in_order_is_one_deployment_and_three_events() {
    let mut ledger = Ledger::at("12:00");
    let first = ledger.send(pending("v1").invoked_by("run-1"));
    let head = ledger.head();
    ledger.clock("12:01");
    let second = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:02");
    let third = ledger.send(completed("v1").invoked_by("run-1"));
    assert_eq!((first.id, second.id), (second.id, third.id));
    assert_eq!(ledger.history(), ["v1 completed 12:00:00-12:02:00"]);
    let told = ["deployment.started v1", "deployment.completed v1 current"];
    assert_eq!(ledger.log_after(head), told);
}

#[test]
fn a_bare_terminal_report_is_a_complete_record() {
    let mut ledger = Ledger::at("12:00");
    let done = ledger.send(completed("v1"));
    assert_eq!((done.run.status, done.became_current), (Status::Completed, true));
    let told = ["application.created", "environment.created", "deployment.completed v1 current"];
    assert_eq!(ledger.log_after(0), told);
}

#[test]
fn a_report_with_an_invoke_id_adopts_an_open_deployment_that_has_none() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1"));
    ledger.clock("12:05");
    let done = ledger.send(completed("v1").invoked_by("run-1"));
    assert_eq!(done.id, open.id);
    assert_eq!(done.run.invoke_id.as_deref(), Some("run-1"));
    assert_eq!(ledger.cell().open, []);
    let rerun = ledger.send(started("v1").invoked_by("run-1"));
    assert_ne!(rerun.id, open.id);
}

#[test]
fn a_report_without_an_invoke_id_joins_the_open_deployment_that_has_one() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:05");
    let done = ledger.send(completed("v1"));
    assert_eq!(done.id, open.id);
    assert_eq!(done.run.invoke_id.as_deref(), Some("run-1"));
    assert!(ledger.send(completed("v1").invoked_by("run-1")).repeated);
}

#[test]
fn a_report_with_another_invoke_id_is_another_deployment() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1").invoked_by("run-1"));
    assert_ne!(ledger.send(completed("v1").invoked_by("run-2")).id, open.id);
    assert_eq!(ledger.cell().open.len(), 1);
}

#[test]
fn a_report_of_another_version_joins_nothing() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1"));
    ledger.clock("12:01");
    assert_ne!(ledger.send(completed("v2")).id, open.id);
}

#[test]
fn the_source_system_s_own_id_wins_over_the_invoke_id() {
    let mut ledger = Ledger::at("12:00");
    let one = ledger.send(started("v1").known_as("d-1").invoked_by("run-1"));
    let two = ledger.send(started("v1").known_as("d-2").invoked_by("run-1"));
    assert_ne!(one.id, two.id);
    assert_eq!(ledger.send(completed("v1").known_as("d-1").invoked_by("run-1")).id, one.id);
}

#[test]
fn two_regions_of_one_environment_are_two_places() {
    let mut ledger = Ledger::at("12:00");
    let eu = ledger.send(started("v1").on("eu").invoked_by("run-1"));
    let us = ledger.send(started("v1").on("us").invoked_by("run-1"));
    assert_ne!(eu.id, us.id);
    ledger.clock("12:05");
    assert_eq!(ledger.send(completed("v1").on("eu").invoked_by("run-1")).id, eu.id);
    assert_eq!(ledger.send(failed("v1").on("us").invoked_by("run-1")).id, us.id);
    let cell = |region| ledger.snapshot.cell(&ledger.place("production", region)).unwrap();
    assert_eq!(cell("eu").current_id(), Some(eu.id));
    assert_eq!(cell("us").current_id(), None);
    assert_eq!(cell("us").failed.as_ref().map(|failed| failed.run.id), Some(us.id));
    assert_eq!(ledger.snapshot.cell(&ledger.place("production", "")), None);
}

#[test]
fn a_repeat_of_an_open_status_fills_what_was_empty_and_says_nothing() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1"));
    let head = ledger.head();
    ledger.clock("12:01");
    let again = ledger.send(started("v1").by("ada"));
    assert_eq!((again.id, again.repeated), (open.id, true));
    assert_eq!(again.run.actor.as_ref().and_then(|actor| actor.login.as_deref()), Some("ada"));
    assert_eq!(ledger.head(), head);
    assert_eq!(ledger.cell().in_progress().unwrap().actor.as_deref(), Some("ada"));
}

#[test]
fn a_late_pending_is_an_update_once() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1"));
    ledger.clock("12:01");
    let head = ledger.head();
    let late = ledger.send(pending("v1"));
    assert_eq!((late.id, late.run.status), (open.id, Status::Started));
    ledger.clock("12:02");
    assert!(ledger.send(pending("v1")).repeated);
    assert_eq!(ledger.log_after(head), ["deployment.updated v1"]);
}

#[test]
fn a_deployment_in_progress_stands_beside_the_current_one() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    ledger.clock("12:10");
    ledger.send(started("v2"));
    assert_eq!(ledger.current(), Some("v1"));
    assert_eq!(ledger.cell().in_progress().unwrap().version_name.as_str(), "v2");
    ledger.clock("12:15");
    ledger.send(failed("v2"));
    assert_eq!(ledger.current(), Some("v1"));
    assert_eq!(ledger.cell().in_progress(), None);
    assert_eq!(ledger.cell().failed_since().unwrap().version_name.as_str(), "v2");
}
