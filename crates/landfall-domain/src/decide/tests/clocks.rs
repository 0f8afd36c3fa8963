//! Runners whose clocks are behind or ahead, and servers whose clocks differ.

use super::harness::{Ledger, completed, failed, started};
use crate::view::Flag;

#[test]
fn a_runner_whose_clock_is_behind_still_ends_its_deployment() {
    let mut ledger = Ledger::at("12:00");
    let open = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:02");
    let done = ledger.send(completed("v1").invoked_by("run-1").told("11:58"));
    assert_eq!(done.id, open.id);
    assert_eq!(ledger.history(), ["v1 completed 11:58:00"]);
    assert_eq!(ledger.cell().in_progress(), None);
}

#[test]
fn a_runner_whose_clock_is_behind_starts_again_after_its_last_end() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(failed("v1").invoked_by("run-1"));
    ledger.clock("12:05");
    let rerun = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:10");
    let done = ledger.send(completed("v1").invoked_by("run-1").told("12:04"));
    assert_eq!(done.id, rerun.id);
    assert_eq!(ledger.history(), ["v1 failed 12:00:00", "v1 completed 12:04:00"]);
}

#[test]
fn an_end_before_the_previous_end_does_not_close_what_is_open() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(failed("v1").invoked_by("run-1").told("12:00"));
    ledger.clock("12:05");
    let open = ledger.send(started("v1").invoked_by("run-1"));
    ledger.clock("12:10");
    assert_ne!(ledger.send(completed("v1").invoked_by("run-1").told("11:50")).id, open.id);
    assert_eq!(ledger.deployment(open.id).run.closing(), None);
    assert_eq!(ledger.current(), Some("v1"));
}

#[test]
fn a_runner_whose_clock_is_ahead_is_flagged_and_held_to_the_arrival() {
    let mut ledger = Ledger::at("12:00:00");
    let ahead = ledger.send(completed("v1").invoked_by("run-1").told("13:00"));
    assert_eq!(ahead.flags(), [Flag::ClockAhead]);
    assert_eq!(ledger.history(), ["v1 completed 12:00:00"]);
    ledger.clock("12:00:05");
    let retry = ledger.send(completed("v1").invoked_by("run-1").told("13:00"));
    assert_eq!((retry.id, retry.repeated, retry.sequence), (ahead.id, true, None));
    assert_eq!(ledger.history(), ["v1 completed 12:00:00"]);
}

#[test]
fn a_clock_ahead_by_ten_minutes_is_not_worth_a_flag() {
    let mut ledger = Ledger::at("12:00");
    assert_eq!(ledger.send(completed("v1").told("12:10")).flags(), []);
}

#[test]
fn a_start_told_ahead_is_a_repeat_even_after_its_end() {
    let mut ledger = Ledger::at("12:00");
    let start = started("v1").invoked_by("run-1").told("13:00");
    let first = ledger.send(start.clone());
    ledger.clock("12:01");
    ledger.send(completed("v1").invoked_by("run-1").told("13:01"));
    ledger.clock("12:02");
    let retry = ledger.send(start);
    assert_eq!((retry.id, retry.repeated), (first.id, true));
    assert_eq!(ledger.history(), ["v1 completed 12:00:00-12:01:00"]);
}

#[test]
fn an_end_without_a_time_closes_its_run_even_where_the_server_s_clock_is_behind() {
    let mut ledger = Ledger::at("12:00:01");
    let open = ledger.send(started("v1").invoked_by("run-1").told("12:00:01"));
    ledger.clock("12:00:00");
    assert_eq!(ledger.send(completed("v1").invoked_by("run-1")).id, open.id);
    assert_eq!(ledger.history(), ["v1 completed 12:00:01"]);
}
