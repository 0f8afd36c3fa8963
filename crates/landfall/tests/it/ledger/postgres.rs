//! Groups on PostgreSQL: round trips, several nodes on one log, connections that are lost.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use landfall_domain::command::{ApplicationEdit, Command};
use landfall_domain::id::OrganizationId;
use landfall_domain::outcome::{Outcome, ReportedSubject};
use landfall_domain::report::Report;
use landfall_store::idempotency::Idempotency;
use landfall_store::{Stats, Store, StoreError, Writer};
use tokio::task::JoinSet;

use super::fixture::{Fixture, deployment, envelope, name};
use crate::harness::{end_connections, noon, open_store};

/// What a report of each of so many applications says.
fn reports(applications: u64, version: &str) -> Vec<Report> {
    let one = |number| deployment(&format!("app-{number}"), version, "production");
    (0..applications).map(one).collect()
}

/// The groups that reports make which come together, and the round trips of these.
async fn round_trips(fixture: &Fixture, reports: Vec<Report>) -> (u64, u64) {
    let value = || {
        let Stats { groups, round_trips, .. } = &*fixture.stats;
        (Stats::value(groups), Stats::value(round_trips))
    };
    let before = value();
    let answers = fixture.report_together(reports).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Ok(_)))), "{answers:?}");
    let after = value();
    (after.0 - before.0, after.1 - before.1)
}

#[tokio::test]
async fn a_group_of_100_reports_takes_as_many_round_trips_as_one_report() {
    let fixture = Fixture::new().await;
    // Every statement is prepared by then, for one and for many.
    for applications in [200, 1, 200, 1, 8] {
        fixture.forget().await;
        let version = fixture.record(fixture.admin.organization).await.head.to_string();
        round_trips(&fixture, reports(applications, &version)).await;
    }
    round_trips(&fixture, reports(200, "warm")).await;
    // The versions; everything that is written, with BEGIN and COMMIT.
    assert_eq!(round_trips(&fixture, reports(1, "new")).await, (1, 2));
    // Eight are not divided.
    assert_eq!(round_trips(&fixture, reports(8, "new, too")).await, (1, 2));
    // A group takes half of those that wait: 100, and fewer as they are told.
    let (groups, warm) = round_trips(&fixture, reports(200, "newer")).await;
    assert!((2..10).contains(&groups), "{groups}");
    assert_eq!(warm, 2 * groups);
    // Four kinds of nouns and the cells, where nothing is in memory.
    fixture.forget().await;
    assert_eq!(round_trips(&fixture, reports(1, "cold")).await, (1, 7));
    fixture.forget().await;
    assert_eq!(round_trips(&fixture, reports(8, "cold, too")).await, (1, 7));
    fixture.forget().await;
    let (groups, cold) = round_trips(&fixture, reports(200, "colder")).await;
    assert!((2..10).contains(&groups), "{groups}");
    assert!((7..=7 * groups).contains(&cold), "{cold} of {groups}");
}

#[tokio::test]
async fn nothing_is_looked_up_for_a_run_that_nobody_reported_before() {
    let fixture = Fixture::new().await;
    let begun = |run: &str| {
        let mut report = deployment("shop", "1", "production");
        report.key.invoke_id = Some(run.to_owned());
        vec![report]
    };
    // The noun, the version and the place are in memory then, and every statement is prepared.
    for run in ["1", "2", "3"] {
        round_trips(&fixture, begun(run)).await;
    }
    assert_eq!(round_trips(&fixture, begun("4")).await, (1, 1));
}

/// Reports what one client says, one after the other, until each is taken; gives how often it was
/// refused meanwhile.
async fn report_all(writer: Writer, organization: OrganizationId, client: u64) -> u64 {
    let mut refused = 0;
    for (number, report) in runs(client) {
        let at = noon() + Duration::from_secs(number);
        loop {
            let command = Command::Report(Arc::new(report.clone()));
            let envelope = envelope(number, at, command);
            match writer.decide(organization, envelope, None).await {
                Ok(decided) => break drop(decided.decision.unwrap()),
                Err(StoreError::NotCommitted(_)) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    refused
}

/// Ten runs of one client, in an application of its own and in one that all share.
fn runs(client: u64) -> impl Iterator<Item = (u64, Report)> {
    (0..10).flat_map(move |run| {
        let number = 1_000 + client * 100 + run * 2;
        let own = deployment(&format!("app-{client}"), &run.to_string(), "production");
        let shared = deployment("shared", &format!("{client}-{run}"), "staging");
        [(number, own), (number + 1, shared)]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_write_to_one_organization_at_once_leave_no_gap() {
    let fixture = Fixture::new().await;
    let other = open_store(fixture.path());
    let before = fixture.record(fixture.admin.organization).await.events.len();
    let mut clients = JoinSet::new();
    for client in 0..8 {
        let writer = if client % 2 == 0 { &fixture.writer } else { &other.writer };
        clients.spawn(report_all(writer.clone(), fixture.admin.organization, client));
    }
    let refused: u64 = clients.join_all().await.into_iter().sum();
    assert_eq!(refused, 0);
    close(other).await;
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    let told = &record.told()[before..];
    let completed = told.iter().filter(|kind| **kind == "deployment.completed").count();
    assert_eq!((completed, record.deployments.len()), (160, 160));
    assert_eq!(
        record.catalog.applications.len(),
        9,
        "the nouns of one node are known to the other"
    );
}

/// Closes a store as a plain thread does.
async fn close(store: Store) {
    tokio::task::spawn_blocking(move || store.close()).await.unwrap();
}

static NUMBER: AtomicU64 = AtomicU64::new(10_000);

async fn decide(writer: &Writer, fixture: &Fixture, command: Command) -> Outcome {
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let envelope = envelope(number, noon() + Duration::from_secs(number), command);
    let decided = writer.decide(fixture.admin.organization, envelope, None).await.unwrap();
    decided.decision.unwrap()
}

fn deployment_of(outcome: Outcome) -> impl PartialEq + std::fmt::Debug {
    let Outcome::Reported(reported) = outcome else { panic!("{outcome:?}") };
    let ReportedSubject::Deployment(view) = reported.subject else { panic!("a build") };
    view.run.id
}

#[tokio::test]
async fn what_another_node_changed_is_known_to_the_next_group() {
    let fixture = Fixture::new().await;
    let other = open_store(fixture.path());
    let with_status = |status: &str| {
        let mut report = deployment("shop", "1", "production");
        report.status = landfall_domain::status::Status::parse(status).unwrap();
        Command::Report(Arc::new(report))
    };
    // Each node has what it needs in memory when the other one writes.
    let begun = deployment_of(decide(&fixture.writer, &fixture, with_status("pending")).await);
    let started = deployment_of(decide(&other.writer, &fixture, with_status("started")).await);
    let ended = deployment_of(decide(&fixture.writer, &fixture, with_status("completed")).await);
    assert!(begun == started && started == ended, "they are one deployment: {ended:?}");

    let found = fixture.record(fixture.admin.organization).await;
    let shop = found.catalog.applications.values().next().unwrap();
    let edit = ApplicationEdit { name: Some(name("store")), ..ApplicationEdit::default() };
    decide(&other.writer, &fixture, Command::EditApplication(shop.id, edit)).await;
    let again = Command::Report(Arc::new(deployment("shop", "2", "production")));
    decide(&fixture.writer, &fixture, again).await;
    close(other).await;
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    assert_eq!(record.catalog.applications.len(), 1, "the former name leads to it");
    assert_eq!(record.deployments.len(), 2);
}

#[tokio::test]
async fn a_run_that_began_on_another_node_is_not_taken_for_new() {
    let fixture = Fixture::new().await;
    let other = open_store(fixture.path());
    let of_run = |run: &str, status: &str| {
        let mut report = deployment("shop", "1", "production");
        report.key.invoke_id = Some(run.to_owned());
        report.status = landfall_domain::status::Status::parse(status).unwrap();
        Command::Report(Arc::new(report))
    };
    // From then on this node knows all runs that there are, and looks for no other ones.
    for run in ["1", "2"] {
        decide(&fixture.writer, &fixture, of_run(run, "completed")).await;
    }
    // The first of these was decided ahead and is decided again; the second one is decided once.
    for run in ["3", "4"] {
        let begun = deployment_of(decide(&other.writer, &fixture, of_run(run, "started")).await);
        let ended = decide(&fixture.writer, &fixture, of_run(run, "completed")).await;
        assert_eq!(deployment_of(ended), begun);
    }
    close(other).await;
    assert_eq!(fixture.record(fixture.admin.organization).await.deployments.len(), 4);
}

#[tokio::test]
async fn a_run_that_got_its_id_on_another_node_by_a_repeated_report_is_not_taken_for_new() {
    let fixture = Fixture::new().await;
    let told = |status: &str, run: Option<&str>| {
        let mut report = deployment("shop", "1", "production");
        report.key.invoke_id = run.map(str::to_owned);
        report.status = landfall_domain::status::Status::parse(status).unwrap();
        Command::Report(Arc::new(report))
    };
    let begun = deployment_of(decide(&fixture.writer, &fixture, told("started", None)).await);
    // This one reads which runs there are, and then that one gets its id, which appends no event.
    let other = open_store(fixture.path());
    let named = decide(&fixture.writer, &fixture, told("started", Some("9"))).await;
    let ended = decide(&other.writer, &fixture, told("completed", Some("9"))).await;
    for outcome in [named, ended] {
        assert_eq!(deployment_of(outcome), begun);
    }
    close(other).await;
    assert_eq!(fixture.record(fixture.admin.organization).await.deployments.len(), 1);
}

#[tokio::test]
async fn what_was_decided_before_another_node_wrote_is_decided_again() {
    let fixture = Fixture::new().await;
    let other = open_store(fixture.path());
    let report =
        |version: &str| Command::Report(Arc::new(deployment("shop", version, "production")));
    let overtaken = || Stats::value(&fixture.stats.overtaken);
    // The first group holds the head and fills the memory, on which the second one goes on.
    for version in ["1", "2"] {
        decide(&fixture.writer, &fixture, report(version)).await;
    }
    assert_eq!(overtaken(), 0);
    decide(&other.writer, &fixture, report("3")).await;
    decide(&fixture.writer, &fixture, report("4")).await;
    assert_eq!(overtaken(), 1);
    // For a while this node holds the head again, so that nobody can come first.
    decide(&other.writer, &fixture, report("5")).await;
    decide(&fixture.writer, &fixture, report("6")).await;
    assert_eq!(overtaken(), 1);
    assert_eq!(Stats::value(&fixture.stats.failures), 0);
    close(other).await;
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    assert_eq!(record.deployments.len(), 6);
}

/// A report under a key of its own, which is decided while the head is held.
async fn report_with_key(writer: &Writer, organization: OrganizationId, number: u64) {
    let report = deployment("keyed", &number.to_string(), "production");
    let at = noon() + Duration::from_secs(number);
    let envelope = envelope(number, at, Command::Report(Arc::new(report)));
    let idempotency = Idempotency {
        key_id: "k1".to_owned(),
        key: number.to_string(),
        request_hash: [1; 32],
        kept_for: Duration::from_hours(24),
    };
    writer.decide(organization, envelope, Some(idempotency)).await.unwrap().decision.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_told_in_order_whether_decided_ahead_or_not() {
    let fixture = Fixture::new().await;
    let organization = fixture.admin.organization;
    let store = open_store(fixture.path());
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    assert!(store.writer.listen(Box::new(move |committed| {
        heard.lock().unwrap().extend(committed.events.iter().map(|event| event.sequence));
    })));
    let mut clients = JoinSet::new();
    for client in 0..16 {
        clients.spawn(report_all(store.writer.clone(), organization, client));
    }
    for number in 5_000..5_100 {
        report_with_key(&store.writer, organization, number).await;
    }
    clients.join_all().await;
    close(store).await;
    let told = told.lock().unwrap();
    assert!(told.len() >= 420, "{}", told.len());
    assert!(told.windows(2).all(|pair| pair[1] == pair[0] + 1), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_lost_connections_and_the_store_recovers_by_itself() {
    let fixture = Fixture::new().await;
    let mut clients = JoinSet::new();
    for client in 0..4 {
        clients.spawn(report_all(fixture.writer.clone(), fixture.admin.organization, client));
    }
    for _ in 0..5 {
        end_connections(fixture.path());
        // One that reads fails or not, and the next one works: by then there is something to cut.
        drop(fixture.engine.events_after(&fixture.admin, 0, 1).await);
        fixture.engine.events_after(&fixture.admin, 0, 1).await.unwrap();
    }
    clients.join_all().await;
    // A report of which nobody knew whether it was stored was sent again: it is there once or, where
    // it was another one's turn in between, twice; but nothing is missing and the log has no gap.
    let record = fixture.record(fixture.admin.organization).await;
    record.assert_gapless();
    record.assert_cells_are_current();
    let versions: BTreeSet<_> =
        record.deployments.iter().map(|found| (found.application.id, found.version.id)).collect();
    assert_eq!(versions.len(), 80);
}
