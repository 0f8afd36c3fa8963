//! Putting right what was wrong: voiding and retiring.

use std::time::Duration;

use super::harness::{Ledger, completed, failed, started};
use crate::command::Command;
use crate::outcome::Outcome;

fn retire(ledger: &mut Ledger) -> Outcome {
    let place = ledger.place("production", "");
    let command = Command::RetireApplication {
        application: place.application,
        environment: place.environment,
        target: None,
    };
    ledger.decide(command).unwrap()
}

#[test]
fn voiding_the_current_deployment_falls_back_on_the_one_before() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    ledger.clock("12:10");
    ledger.send(failed("v2"));
    ledger.clock("12:20");
    let wrong = ledger.send(completed("v3"));
    assert_eq!(ledger.cell().failed_since(), None);
    let head = ledger.head();
    ledger.void(wrong.id).unwrap();
    assert_eq!(ledger.current(), Some("v1"));
    assert_eq!(ledger.cell().failed_since().unwrap().version_name.as_str(), "v2");
    assert_eq!(ledger.log_after(head), ["deployment.voided v3"]);
}

#[test]
fn voiding_twice_changes_nothing() {
    let mut ledger = Ledger::at("12:00");
    let wrong = ledger.send(completed("v1"));
    let first = ledger.void(wrong.id).unwrap();
    let before = format!("{:?}", ledger.snapshot);
    ledger.clock("12:01");
    assert_eq!(ledger.void(wrong.id).unwrap(), first);
    assert_eq!(format!("{:?}", ledger.snapshot), before);
    assert_eq!(ledger.current(), None);
}

#[test]
fn voiding_all_from_the_newest_on_leaves_nothing() {
    let mut ledger = Ledger::at("12:00");
    let ids = ["v1", "v2", "v3"].map(|version| {
        ledger.pass(Duration::from_mins(1));
        ledger.send(completed(version)).id
    });
    for (id, left) in ids.into_iter().rev().zip([Some("v2"), Some("v1"), None]) {
        ledger.void(id).unwrap();
        assert_eq!(ledger.current(), left);
    }
}

#[test]
fn voiding_the_last_failure_falls_back_on_the_one_before() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(failed("v1"));
    ledger.clock("12:10");
    let wrong = ledger.send(failed("v2"));
    ledger.void(wrong.id).unwrap();
    assert_eq!(ledger.cell().failed_since().unwrap().version_name.as_str(), "v1");
}

#[test]
fn a_deployment_that_is_reported_again_after_its_voiding_is_another() {
    let mut ledger = Ledger::at("12:00");
    let wrong = ledger.send(completed("v1"));
    ledger.void(wrong.id).unwrap();
    ledger.clock("12:01");
    let right = ledger.send(completed("v1"));
    assert!(right.became_current && !right.repeated);
    assert_ne!(right.id, wrong.id);
}

#[test]
fn a_rerun_after_the_voiding_of_an_open_deployment_is_another() {
    let mut ledger = Ledger::at("12:00");
    let zombie = ledger.send(started("v1").invoked_by("run-1"));
    ledger.void(zombie.id).unwrap();
    assert_eq!(ledger.cell().open, []);
    ledger.clock("12:10");
    let rerun = ledger.send(started("v1").invoked_by("run-1"));
    assert_ne!(rerun.id, zombie.id);
    assert!(ledger.send(completed("v1").invoked_by("run-1")).became_current);
}

#[test]
fn a_retry_of_a_voided_deployment_does_not_bring_it_back() {
    let mut ledger = Ledger::at("12:00");
    let wrong = ledger.send(completed("v1").invoked_by("run-1").told("12:00"));
    ledger.void(wrong.id).unwrap();
    let retry = ledger.send(completed("v1").invoked_by("run-1").told("12:00"));
    assert_eq!((retry.id, retry.repeated), (wrong.id, true));
    assert!(retry.run.voided.is_some());
    assert_eq!(ledger.current(), None);
}

#[test]
fn a_deployment_that_does_not_exist_can_not_be_voided() {
    let mut ledger = Ledger::at("12:00");
    let refusal = ledger.void(super::harness::fixed_id(9)).unwrap_err();
    assert_eq!(refusal.code(), "not_found");
}

#[test]
fn what_was_reported_in_the_same_group_counts_as_a_fallback() {
    let mut ledger = Ledger::at("12:00");
    let wrong = ledger.send(completed("v2").told("12:00"));
    ledger.send(completed("v1").told("11:50"));
    let at_head = super::super::decide;
    // The store loaded nothing to fall back on, since `v1` was not stored yet.
    let envelope = crate::command::Envelope {
        actor: crate::actor::Actor::system(),
        at: ledger.now,
        entropy: [7; 16],
        command: Command::VoidDeployment { id: wrong.id, reason: None },
    };
    at_head(&mut ledger.snapshot, envelope).unwrap();
    assert_eq!(ledger.current(), Some("v1"));
}

#[test]
fn a_retired_application_returns_by_a_report() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    ledger.clock("12:10");
    let head = ledger.head();
    assert_eq!(retire(&mut ledger), Outcome::Done);
    assert_eq!(ledger.cell().retired_at, Some(ledger.now));
    assert_eq!(ledger.log_after(head), ["application.retired"]);
    ledger.clock("12:20");
    ledger.send(completed("v2"));
    assert_eq!(ledger.cell().retired_at, None);
    assert_eq!(ledger.current(), Some("v2"));
}

#[test]
fn a_retired_application_does_not_return_by_a_retry_or_by_history() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    ledger.clock("12:01");
    retire(&mut ledger);
    assert!(ledger.send(completed("v1")).repeated);
    ledger.send(completed("v0").told("11:00"));
    assert!(ledger.cell().retired_at.is_some());
}

#[test]
fn what_never_ran_somewhere_can_not_be_retired_from_there() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1"));
    ledger.send(completed("v1").of("other").into("staging"));
    let command = Command::RetireApplication {
        application: ledger.place("production", "").application,
        environment: ledger.place("staging", "").environment,
        target: None,
    };
    assert_eq!(ledger.decide(command).unwrap_err().code(), "not_found");
}

#[test]
fn voiding_in_a_deleted_environment_makes_no_cell_there() {
    let mut ledger = Ledger::at("12:00");
    let wrong = ledger.send(completed("v1"));
    let place = ledger.place("production", "");
    ledger.decide(Command::DeleteEnvironment(place.environment)).unwrap();
    assert_eq!(ledger.snapshot.cell(&place), None);
    ledger.void(wrong.id).unwrap();
    assert_eq!(ledger.snapshot.cell(&place), None);
    let command = Command::RetireApplication {
        application: place.application,
        environment: place.environment,
        target: None,
    };
    assert_eq!(ledger.decide(command).unwrap_err().code(), "not_found");
}
