//! History that is reported long after it happened.

use std::time::Duration;

use super::harness::{Ledger, completed, started, time};

const DAY: Duration = Duration::from_hours(24);

fn days_ago(days: u32) -> crate::time::Timestamp {
    time("12:00") - DAY * days
}

#[test]
fn a_backfill_of_sixty_days_changes_history_and_leaves_the_present() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("live").invoked_by("today"));
    let head = ledger.head();
    for day in (2..=60).rev() {
        let (version, run) = (format!("v{day}"), format!("run-{day}"));
        let begin = days_ago(day);
        ledger.pass(Duration::from_millis(5));
        ledger.send(started(&version).invoked_by(&run).told_at(begin));
        let end = begin + Duration::from_mins(10);
        assert!(!ledger.send(completed(&version).invoked_by(&run).told_at(end)).became_current);
    }
    assert_eq!(ledger.current(), Some("live"));
    let log = ledger.log_after(head);
    assert_eq!(log.len(), 2 * 59);
    assert!(log.iter().all(|line| line.ends_with(" backfill")), "{log:?}");
    let versions: Vec<String> =
        ledger.history().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    let expected: Vec<String> = (2..=60).rev().map(|day| format!("v{day}")).collect();
    assert_eq!(versions[..59], expected);
    assert_eq!(versions[59], "live");
}

#[test]
fn a_backfill_into_an_empty_place_says_what_became_current() {
    let mut ledger = Ledger::at("12:00");
    for day in [60, 30, 2] {
        ledger.pass(Duration::from_millis(5));
        ledger.send(completed(&format!("v{day}")).told_at(days_ago(day)));
    }
    assert_eq!(ledger.current(), Some("v2"));
    let last = ledger.log_after(ledger.head() - 1);
    assert_eq!(last, ["deployment.completed v2 current backfill"]);
}

#[test]
fn a_day_old_report_is_news_and_an_older_one_is_backfill() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("v1").told_at(days_ago(1)));
    ledger.send(completed("v2").told_at(days_ago(1) - Duration::from_secs(1)).into("staging"));
    let log = ledger.log_after(0);
    assert!(log.contains(&"deployment.completed v1 current".to_owned()), "{log:?}");
    assert!(log.contains(&"deployment.completed v2 current backfill".to_owned()), "{log:?}");
}

#[test]
fn a_backfill_without_ids_does_not_end_what_runs_now() {
    let mut ledger = Ledger::at("12:00");
    let running = ledger.send(started("v1"));
    ledger.clock("12:01");
    let old = ledger.send(completed("v1").told_at(days_ago(60)));
    assert_ne!(old.id, running.id);
    assert_eq!(ledger.deployment(running.id).run.closing(), None);
    ledger.clock("12:05");
    assert_eq!(ledger.send(completed("v1")).id, running.id);
}

#[test]
fn a_backfill_of_lifecycles_without_ids_joins_what_belongs_together() {
    let mut ledger = Ledger::at("12:00");
    ledger.send(completed("live"));
    for day in [60, 30] {
        let begin = days_ago(day);
        let version = format!("v{day}");
        ledger.pass(Duration::from_millis(5));
        let open = ledger.send(started(&version).told_at(begin));
        let end = begin + Duration::from_mins(10);
        assert_eq!(ledger.send(completed(&version).told_at(end)).id, open.id);
    }
    assert_eq!(ledger.cell().open, []);
    assert_eq!(ledger.current(), Some("live"));
}
