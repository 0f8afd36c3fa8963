//! The rule of runs, and that taking reports in one by one follows it.

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::{Entry, Insertion, Run, cut};
use crate::facts::Facts;
use crate::status::Status::{self, Aborted, Completed, Failed, Pending, Started};
use crate::time::Timestamp;

fn entry(at: i64, status: Status) -> Entry {
    let at = Timestamp::from_micros(at);
    let facts = Facts::default();
    Entry {
        at,
        status,
        told: Some(at),
        facts: facts.into(),
        arrived_at: Timestamp::from_micros(1_000),
    }
}

fn untimed(arrived_at: i64, status: Status) -> Entry {
    let at = Timestamp::from_micros(arrived_at);
    Entry { told: None, arrived_at: at, ..entry(arrived_at, status) }
}

/// Takes reports in one by one, as `decide` does.
fn insert_each(entries: Vec<Entry>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for entry in entries {
        match runs.iter().position(|run| run.reaches(&entry)) {
            None => runs.push(Run::begin(entry)),
            Some(index) => {
                if let (_, Some(rest)) = runs[index].insert(entry) {
                    runs.insert(index + 1, rest);
                }
            }
        }
    }
    runs
}

/// What a run consists of, whenever it arrived and however often.
fn essence(entries: &[Entry]) -> Vec<Entry> {
    let timeless = |entry: &Entry| Entry { arrived_at: Timestamp::default(), ..entry.clone() };
    let mut essence: Vec<Entry> = entries.iter().map(timeless).collect();
    essence.dedup();
    essence
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let actor = proptest::option::of(select(&["ada", "bob"][..]));
    let url = proptest::option::of(select(&["https://ci.test/1", "https://ci.test/2"][..]));
    let status = select(&[Pending, Started, Completed, Failed, Aborted][..]);
    (0..6_i64, status, actor, url, 100..200_i64).prop_map(|(at, status, actor, url, arrived_at)| {
        let actor = actor.map(str::to_owned);
        let facts = Facts { actor, url: url.map(str::to_owned), ..Facts::default() };
        Entry {
            facts: facts.into(),
            arrived_at: Timestamp::from_micros(arrived_at),
            ..entry(at, status)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn inserting_in_any_order_is_cutting_at_once(entries in prop::collection::vec(any_entry(), 1..12)) {
        let at_once: Vec<_> = cut(entries.clone()).iter().map(|run| essence(run)).collect();
        let one_by_one = insert_each(entries);
        let essences: Vec<_> = one_by_one.iter().map(|run| essence(run.entries())).collect();
        prop_assert_eq!(essences, at_once);
    }

    #[test]
    fn a_run_is_bounded_and_keeps_its_end_and_its_founder(
        times in prop::collection::vec(0..900_i64, 40..80)
    ) {
        let mut run = Run::begin(entry(0, Pending));
        run.insert(entry(1_000, Completed));
        let founder = run.created_at();
        for (index, at) in (0_u8..).zip(times) {
            let arrived_at = founder + Duration::from_micros(u64::from(index) + 1);
            let (insertion, rest) = run.insert(Entry { arrived_at, ..entry(at, Started) });
            prop_assert_ne!(insertion, Insertion::Advance);
            prop_assert_eq!(rest, None);
            prop_assert!(run.entries().len() <= Run::ENTRIES_MAX);
        }
        prop_assert_eq!((run.created_at(), run.status()), (founder, Completed));
        prop_assert_eq!(run.ended_at(), Some(Timestamp::from_micros(1_000)));
    }
}

#[test]
fn a_terminal_report_ends_a_run() {
    let runs = cut(vec![entry(3, Started), entry(4, Failed), entry(1, Started), entry(2, Aborted)]);
    let statuses: Vec<Vec<Status>> =
        runs.iter().map(|run| run.iter().map(|entry| entry.status).collect()).collect();
    assert_eq!(statuses, [[Started, Aborted], [Started, Failed]]);
}

#[test]
fn equal_times_are_ordered_by_status() {
    let runs = cut(vec![entry(1, Completed), entry(1, Started), entry(1, Failed)]);
    let ends: Vec<usize> = runs.iter().map(Vec::len).collect();
    assert_eq!(ends, [2, 1]);
}

#[test]
fn an_end_told_twice_ends_one_run() {
    assert_eq!(cut(vec![entry(1, Completed), entry(1, Completed)]).len(), 1);
}

#[test]
fn what_was_told_without_a_time_is_never_after_the_end_that_arrived_later() {
    let mut run = Run::begin(untimed(100, Started));
    assert_eq!(run.insert(entry(90, Completed)), (Insertion::Advance, None));
    let span = (run.began_at(), run.ended_at());
    assert_eq!(span, (Timestamp::from_micros(90), Some(Timestamp::from_micros(90))));
}

#[test]
fn the_furthest_status_speaks_first_then_the_earlier_report() {
    let says = |at, status, actor: &str, branch: &str| Entry {
        facts: Facts {
            actor: Some(actor.to_owned()),
            branch: Some(branch.to_owned()).filter(|branch| !branch.is_empty()),
            ..Facts::default()
        }
        .into(),
        ..entry(at, status)
    };
    let mut run = Run::begin(says(2, Started, "bob", "late"));
    run.insert(says(1, Started, "ada", "early"));
    assert_eq!(run.facts().actor.as_deref(), Some("ada"));
    run.insert(says(3, Completed, "eve", ""));
    assert_eq!(run.facts().actor.as_deref(), Some("eve"));
    assert_eq!(run.facts().branch.as_deref(), Some("early"));
}

#[test]
fn a_repeat_is_remembered_where_a_later_cut_may_part_it_from_what_says_the_same() {
    let by = |at, actor: &str, url: Option<&str>| Entry {
        facts: Facts {
            actor: Some(actor.to_owned()).filter(|actor| !actor.is_empty()),
            url: url.map(str::to_owned),
            ..Facts::default()
        }
        .into(),
        ..entry(at, Started)
    };
    let mut run = Run::begin(by(3, "ada", None));
    run.insert(by(5, "", Some("https://ci.test/1")));
    assert_eq!(run.insert(by(5, "ada", None)).0, Insertion::Repeat { enriched: false });
    let (_, rest) = run.insert(entry(4, Completed));
    assert_eq!(rest.unwrap().facts().actor.as_deref(), Some("ada"));
}

#[test]
fn a_run_survives_the_data_file() {
    let mut run = Run::begin(untimed(100, Started));
    run.insert(entry(90, Completed));
    let text = serde_json::to_string(&run).unwrap();
    assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
}
