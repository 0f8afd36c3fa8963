//! Jobs that never report their end.

use super::harness::{Ledger, completed, failed, started, time};
use crate::settings::Settings;

fn is_stale(ledger: &Ledger) -> bool {
    let open = &ledger.cell().open[0].run;
    open.is_stale(ledger.now, Settings::default().stale_after())
}

#[test]
fn a_cancelled_job_stays_open_and_is_stale_after_a_day() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(started("v1"));
    ledger.clock("2026-03-02T12:00:00Z");
    assert!(!is_stale(&ledger));
    ledger.clock("2026-03-02T12:00:01Z");
    assert!(is_stale(&ledger));
    assert_eq!(ledger.history(), ["v1 started 12:00:00"]);
}

#[test]
fn a_stale_deployment_is_not_joined_by_guess() {
    let mut ledger = Ledger::at("12:00");
    let zombie = ledger.send(started("v1"));
    ledger.clock("2026-03-02T12:00:01Z");
    assert_ne!(ledger.send(completed("v1")).id, zombie.id);
    assert_ne!(ledger.send(completed("v1").invoked_by("run-9")).id, zombie.id);
    assert_eq!(ledger.deployment(zombie.id).run.closing(), None);
}

#[test]
fn a_stale_deployment_is_joined_by_its_own_id() {
    let mut ledger = Ledger::at("12:00");
    let zombie = ledger.send(started("v1").known_as("deployment-1"));
    ledger.clock("2026-03-05T12:00:00Z");
    assert_eq!(ledger.send(failed("v1").known_as("deployment-1")).id, zombie.id);
}

#[test]
fn a_superseded_deployment_is_not_in_progress_and_not_joined_by_guess() {
    let mut ledger = Ledger::at("12:00");
    let zombie = ledger.send(started("v1"));
    ledger.clock("12:10");
    ledger.send(completed("v2"));
    assert!(ledger.cell().is_superseded(&ledger.cell().open[0].run));
    assert_eq!(ledger.cell().in_progress(), None);
    ledger.clock("12:20");
    assert_ne!(ledger.send(completed("v1")).id, zombie.id);
    assert_eq!(ledger.deployment(zombie.id).run.closing(), None);
    assert_eq!(ledger.current(), Some("v1"));
}

#[test]
fn a_superseded_deployment_is_joined_by_its_own_id() {
    let mut ledger = Ledger::at("12:00");
    let slow = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:10");
    ledger.send(completed("v2").invoked_by("run-2"));
    ledger.clock("12:20");
    let done = ledger.send(completed("v1").invoked_by("run-1"));
    assert_eq!((done.id, done.became_current), (slow.id, true));
    assert_eq!(ledger.current(), Some("v1"));
}

#[test]
fn a_late_end_joins_the_deployment_that_was_not_superseded_at_its_time() {
    let mut ledger = Ledger::at("12:00");
    let slow = ledger.send(started("v1"));
    ledger.clock("12:10");
    ledger.send(completed("v2"));
    ledger.clock("12:11");
    let late = ledger.send(completed("v1").told("12:05"));
    assert_eq!((late.id, late.became_current), (slow.id, false));
    assert_eq!(ledger.current(), Some("v2"));
}

#[test]
fn news_keeps_a_long_deployment_from_going_stale() {
    let mut ledger = Ledger::at("12:00");
    let long = ledger.send(started("v1"));
    ledger.clock("2026-03-02T10:00:00Z");
    ledger.send(started("v1").by("ada"));
    ledger.clock("2026-03-02T20:00:00Z");
    assert!(!is_stale(&ledger));
    assert_eq!(ledger.send(completed("v1")).id, long.id);
    assert_eq!(ledger.deployment(long.id).run.ended_at(), Some(time("2026-03-02T20:00:00Z")));
}

#[test]
fn a_job_that_only_repeats_that_it_runs_does_not_go_stale() {
    let mut ledger = Ledger::at("12:00");
    let job = ledger.send(started("v1"));
    ledger.clock("2026-03-02T11:00:00Z");
    let again = ledger.send(started("v1"));
    assert!(again.repeated && again.id == job.id);
    ledger.clock("2026-03-02T13:00:00Z");
    assert!(!is_stale(&ledger));
}
