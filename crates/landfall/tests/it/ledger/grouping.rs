//! Groups: many callers, one commit, and each caller its own answer.

use std::sync::Arc;

use std::time::Duration;

use landfall_domain::command::Command;
use landfall_domain::outcome::{Outcome, ReportedSubject};
use landfall_domain::refusal::Refusal;
use landfall_domain::status::Status;
use landfall_engine::ledger::RawRequest;
use landfall_store::Stats;
use landfall_store::idempotency::Idempotency;
use tokio::task::JoinSet;

use super::fixture::{Answered, Fixture, build, deployment, envelope};
use crate::harness::noon;

const RAW: RawRequest<'static> = RawRequest { dialect: "test", request: "POST /", body: b"" };

#[tokio::test(flavor = "multi_thread")]
async fn many_reports_at_once_are_numbered_without_gaps() {
    let fixture = Fixture::new().await;
    let mut reporting = JoinSet::new();
    for number in 0..500 {
        let (engine, admin) = (fixture.engine.clone(), fixture.admin.clone());
        let application = format!("app-{}", number % 7);
        let report = deployment(&application, &format!("1.{number}"), "production");
        reporting.spawn(async move { engine.report(&admin, report, None, RAW).await.unwrap() });
    }
    let mut numbers: Vec<u64> =
        reporting.join_all().await.iter().map(|reported| reported.sequence.unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 500, "each has a number of its own");
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    assert_eq!((record.deployments.len(), record.cells.len()), (500, 7));
    assert!(Stats::value(&fixture.stats.groups) < 400, "they were grouped");
}

#[tokio::test]
async fn a_refused_command_leaves_its_neighbours_alone() {
    let fixture = Fixture::new().await;
    let groups = Stats::value(&fixture.stats.groups);
    let answers = fixture
        .report_together(vec![
            build("shop", "1", Some("abc1234")),
            build("shop", "1", Some("fff0000")),
            build("shop", "2", Some("fff0000")),
            deployment("shop", "1", "production"),
        ])
        .await;
    assert_eq!(Stats::value(&fixture.stats.groups), groups + 1, "they were one group");
    let [first, refused, second, deployed] = &answers[..] else { panic!("four answers") };
    assert!(matches!(refused, Ok(Err(Refusal::VersionConflict { .. }))), "{refused:?}");
    assert!([first, second, deployed].iter().all(|answer| matches!(answer, Ok(Ok(_)))));
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    assert_eq!((record.builds.len(), record.versions.len(), record.deployments.len()), (2, 2, 1));
}

fn deployment_id(answer: &Answered) -> String {
    let Ok(Ok(Outcome::Reported(reported))) = answer else { panic!("{answer:?}") };
    let ReportedSubject::Deployment(view) = &reported.subject else { panic!("a build") };
    view.run.id.to_string()
}

#[tokio::test]
async fn runs_go_on_and_are_repeated_also_after_memory_was_full() {
    let fixture = Fixture::new().await;
    let of_runs = |runs: std::ops::Range<u32>, status| {
        let one = |run: u32| {
            let mut report = deployment("shop", "1", "production");
            report.status = status;
            report.key.invoke_id = Some(run.to_string());
            report
        };
        runs.map(one).collect()
    };
    let begun = fixture.report_together(of_runs(0..10, Status::Started)).await;
    // With the last of them there is more than is kept in memory: two rows of each.
    let mut others = Vec::new();
    for first in (10..3_010).step_by(500) {
        let runs = of_runs(first..first + 500, Status::Completed);
        others.extend(fixture.report_together(runs).await);
    }
    let again = fixture.report_together(of_runs(3_009..3_010, Status::Completed)).await;
    let ended = fixture.report_together(of_runs(0..10, Status::Completed)).await;
    let ids = |answers: &[Answered]| -> Vec<String> { answers.iter().map(deployment_id).collect() };
    assert_eq!(ids(&again), ids(&others[2_999..]));
    assert_eq!(ids(&ended), ids(&begun));
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    assert_eq!(record.deployments.len(), 3_010);
}

#[tokio::test]
async fn two_requests_under_one_idempotency_key_are_one_even_in_one_group() {
    let fixture = Fixture::new().await;
    let key = |request_hash| Idempotency {
        key_id: "k1".to_owned(),
        key: "retry".to_owned(),
        request_hash,
        kept_for: Duration::from_hours(24),
    };
    let command = |version| Command::Report(Arc::new(deployment("shop", version, "production")));
    let envelopes = [("1", [1; 32]), ("1", [1; 32]), ("2", [2; 32])].into_iter().enumerate();
    let envelopes = envelopes.map(|(number, (version, hash))| {
        (envelope(number as u64, noon(), command(version)), Some(key(hash)))
    });
    let answers = fixture.decide_together(fixture.admin.organization, envelopes.collect()).await;
    let [first, again, other] = &answers[..] else { panic!("three answers") };
    assert_eq!(first.as_ref().unwrap(), again.as_ref().unwrap());
    assert_eq!(other.as_ref().unwrap(), &Err(Refusal::IdempotencyMismatch));
    assert_eq!(fixture.record(fixture.admin.organization).await.deployments.len(), 1);
}

#[tokio::test]
async fn a_store_that_is_reopened_shows_what_it_showed() {
    let fixture = Fixture::new().await;
    for version in ["1", "2", "3"] {
        let places = ["staging", "production", "pr-1"];
        let reports = places.map(|place| deployment("shop", version, place));
        fixture.report_together(reports.into()).await;
    }
    let organization = fixture.admin.organization;
    let before = fixture.record(organization).await;
    let fixture = fixture.reopen().await;
    let after = fixture.record(organization).await;
    assert_eq!(after.cells, before.cells);
    assert_eq!(after.events, before.events);
    assert_eq!(after.deployments, before.deployments);
    // It goes on where it was.
    fixture.report_together(vec![deployment("shop", "4", "production")]).await;
    let record = fixture.record(organization).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    assert_eq!(record.head, before.head + 1);
}
