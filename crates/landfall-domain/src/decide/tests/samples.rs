//! Random reports from small alphabets, so that they meet and tie often.

use std::time::Duration;

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::harness::{Told, report, time};
use crate::facts::Facts;
use crate::sha::CommitSha;
use crate::status::Status;
use crate::time::Timestamp;

const STATUSES: [Status; 5] =
    [Status::Pending, Status::Started, Status::Completed, Status::Failed, Status::Aborted];

/// The time that all random reports tell is within a few seconds after this.
pub(super) fn epoch() -> Timestamp {
    time("10:00")
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0..6_u64).prop_map(|seconds| epoch() + Duration::from_secs(seconds))
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    weighted(0.3, select(words).prop_map(str::to_owned))
}

fn facts() -> impl Strategy<Value = Facts> {
    let objects = select(&[r#"{"a": 1}"#, r#"{"a": 2, "b": 3}"#, "{}", r#"{"c":4}"#][..]);
    (
        word(&["ada", "bob"]),
        word(&["https://ci.test/1", "https://ci.test/2"]),
        word(&["first", "second"]),
        weighted(0.3, moment()),
        weighted(0.2, select(&["abc1234", "abc1234def", "fff1234"][..])),
        weighted(0.3, objects),
    )
        .prop_map(|(actor, url, description, started_at, sha, object)| Facts {
            actor,
            url,
            description,
            started_at,
            commit_sha: sha.map(|sha| CommitSha::parse(sha).unwrap()),
            metadata: object.map(|text| serde_json::from_str(text).unwrap()),
            ..Facts::default()
        })
}

fn place() -> impl Strategy<Value = (&'static str, &'static str, Option<&'static str>)> {
    let busiest = Just(("shop", "production", None));
    let any = (
        select(&["shop", "mail"][..]),
        select(&["production", "staging"][..]),
        weighted(0.3, Just("eu")),
    );
    prop_oneof![3 => busiest, 1 => any]
}

/// A report of a deployment without id and time.
fn anonymous() -> impl Strategy<Value = Told> {
    let version = prop_oneof![3 => Just("v1"), 1 => Just("v2")];
    (select(&STATUSES[..]), version, place(), facts()).prop_map(
        |(status, version, (application, environment, target), facts)| {
            let mut told = report(status, version).of(application).into(environment);
            told.report.facts = facts.into();
            match target {
                Some(target) => told.on(target),
                None => told,
            }
        },
    )
}

/// A report with an id and a time, whose final state no order of arrival changes.
pub(super) fn certain() -> impl Strategy<Value = Told> {
    let key = prop_oneof![
        4 => Just(("run-1", None)),
        1 => Just(("run-2", None)),
        1 => Just(("run-1", Some("d-1"))),
    ];
    (anonymous(), key, moment()).prop_map(|(told, (invoked_by, source), at)| {
        let told = told.invoked_by(invoked_by).told_at(at);
        match source {
            Some(id) => told.known_as(id),
            None => told,
        }
    })
}

/// Any report: a build or deployment, with or without an id and a time.
pub(super) fn any_report() -> impl Strategy<Value = Told> {
    let key = weighted(0.5, select(&["run-1", "run-2"][..]));
    let source = weighted(0.1, Just("d-1"));
    let at = weighted(0.5, prop_oneof![4 => moment(), 1 => Just(time("11:00"))]);
    (anonymous(), key, source, at, proptest::bool::weighted(0.2)).prop_map(
        |(told, key, source, at, is_build)| {
            let mut told = if is_build { told.of_build() } else { told };
            told.report.key.invoke_id = key.map(str::to_owned);
            told.report.key.source_id = source.map(str::to_owned);
            told.report.told_at = at;
            // Only an end tells its start beside its own time.
            if !told.report.status.is_terminal() {
                std::sync::Arc::make_mut(&mut told.report.facts).started_at = None;
            }
            told
        },
    )
}

/// How long it takes to the next report; never nothing, as arrivals are told apart.
pub(super) fn pause() -> impl Strategy<Value = Duration> {
    select(vec![
        Duration::from_millis(1),
        Duration::from_secs(1),
        Duration::from_mins(1),
        Duration::from_mins(6),
        Duration::from_hours(25),
    ])
}
