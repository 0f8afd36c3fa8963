//! Reports that arrive after what they precede.

use super::harness::{Ledger, completed, failed, started, time};
use crate::status::Status;

#[test]
fn a_start_that_arrives_after_the_end_joins_the_closed_run() {
    let mut ledger = Ledger::at("12:10");
    let done = ledger.send(completed("v1").invoked_by("run-1").told("12:05"));
    let head = ledger.head();
    let late = ledger.send(started("v1").invoked_by("run-1").told("12:00"));
    assert_eq!((late.id, late.run.status), (done.id, Status::Completed));
    assert_eq!((late.repeated, late.became_current), (false, false));
    assert_eq!(ledger.log_after(head), ["deployment.updated v1"]);
    assert_eq!(ledger.history(), ["v1 completed 12:00:00-12:05:00"]);
}

#[test]
fn a_late_failure_cuts_a_completed_run_and_the_id_stays_with_the_half_that_got_it() {
    let mut ledger = Ledger::at("12:00");
    let first = ledger.send(started("v1").invoked_by("run-1").told("12:00"));
    ledger.clock("12:20");
    ledger.send(completed("v1").invoked_by("run-1").told("12:20"));
    let head = ledger.head();
    ledger.clock("12:30");
    let late = ledger.send(failed("v1").invoked_by("run-1").told("12:10"));
    assert_eq!((late.id, late.run.status), (first.id, Status::Failed));
    assert_eq!(ledger.current(), Some("v1"));
    assert_ne!(ledger.cell().current_id(), Some(first.id));
    assert_eq!(ledger.history(), ["v1 failed 12:00:00-12:10:00", "v1 completed 12:20:00"]);
    let told = ["deployment.updated v1", "deployment.updated v1 current"];
    assert_eq!(ledger.log_after(head), told);
}

#[test]
fn a_late_failure_takes_a_new_id_where_the_end_had_the_first_report() {
    let mut ledger = Ledger::at("12:20");
    let done = ledger.send(completed("v1").invoked_by("run-1").told("12:20"));
    ledger.send(started("v1").invoked_by("run-1").told("12:00"));
    let head = ledger.head();
    let late = ledger.send(failed("v1").invoked_by("run-1").told("12:10"));
    assert_ne!(late.id, done.id);
    assert_eq!(ledger.cell().current_id(), Some(done.id));
    assert_eq!(ledger.deployment(done.id).run.began_at(), time("12:20"));
    let told = ["deployment.failed v1", "deployment.updated v1"];
    assert_eq!(ledger.log_after(head), told);
}

#[test]
fn the_id_stays_with_its_half_even_where_all_arrive_in_one_microsecond() {
    let mut ledger = Ledger::at("12:30");
    let done = ledger.send(completed("v1").invoked_by("run-1").told("12:20"));
    let late = ledger.send(failed("v1").invoked_by("run-1").told("12:10"));
    assert_ne!(late.id, done.id);
    assert_eq!(ledger.deployment(done.id).run.status(), Status::Completed);
}

#[test]
fn an_older_completion_that_arrives_late_does_not_become_current() {
    let mut ledger = Ledger::at("12:30");
    ledger.send(completed("v2").invoked_by("run-2").told("12:20"));
    let late = ledger.send(completed("v1").invoked_by("run-1").told("12:10"));
    assert!(!late.became_current);
    assert_eq!(ledger.current(), Some("v2"));
}

#[test]
fn an_end_with_a_time_does_not_end_by_guess_what_started_later() {
    let mut ledger = Ledger::at("12:30");
    let open = ledger.send(started("v1").told("12:20"));
    let done = ledger.send(completed("v1").invoked_by("run-1").told("12:10"));
    assert_ne!(done.id, open.id);
    assert_eq!(ledger.deployment(open.id).key.invoke_id, None);
    assert_eq!(ledger.deployment(open.id).run.closing(), None);
}
