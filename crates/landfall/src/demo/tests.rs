//! What the demo promises to show, on whatever day it is started.

use std::collections::BTreeMap;
use std::time::Duration;

use landfall_domain::report::Subject;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_domain::view::{CellView, DeploymentView};
use landfall_domain::webhook::State;
use landfall_engine::compare::Relation;
use landfall_engine::history::{DeploymentFilter, HistoryPage};
use landfall_engine::status::{MatrixFilter, Rows};
use landfall_engine::tasks::Tasks;
use landfall_engine::{Ambient, Caller, Engine, Options};
use landfall_store::Store;
use tempfile::TempDir;

use super::happening::Deed;
use super::*;

/// A Saturday night, when nobody is at work.
const NOW: &str = "2026-11-21T02:18:14.123456Z";

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

/// Every third hour of a fortnight, so that every weekday and time of day is met.
fn moments() -> impl Iterator<Item = Timestamp> {
    (0..14 * 8).map(|step| now() + calendar::hours(step * 3))
}

/// In memory where the machine has one: a demo is hundreds of commits.
fn memory_directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

fn settings_of(data: &Path) -> Settings {
    let flags = BTreeMap::from([("data", data.to_str().unwrap().to_owned())]);
    let sources = Sources { flags, environment: BTreeMap::new(), file: None };
    sources.resolve().unwrap().settings().unwrap()
}

/// Prepares a demo with a receiver of its own, which ends with the filling.
async fn prepare_in(data: &Path, now: Timestamp) -> anyhow::Result<String> {
    let (mut settings, receiver) = (settings_of(data), Receiver::start(data).await.unwrap());
    receiver.open(&mut settings);
    let key = prepare(&settings, &receiver, now).await;
    receiver.stop().await;
    key
}

struct Demo {
    engine: Engine,
    caller: Caller,
    _directory: TempDir,
}

impl Demo {
    async fn fill() -> Self {
        Self::fill_at(now()).await
    }

    async fn fill_at(now: Timestamp) -> Self {
        let directory = memory_directory();
        let data = directory.path().join("demo");
        let key = prepare_in(&data, now).await.unwrap();
        let store = Store::open(&data).unwrap();
        let ambient = Ambient::manual(now);
        let outbound = serve::outbound(&settings_of(&data), &Ambient::system()).unwrap();
        let engine = Engine::new(store, ambient, Options::default(), outbound);
        let caller = engine.authenticate(&key).await.unwrap();
        Self { engine, caller, _directory: directory }
    }

    async fn deployments(&self) -> Vec<DeploymentView> {
        let (filter, page) = (DeploymentFilter::default(), HistoryPage::first(10_000));
        self.engine.list_deployments(&self.caller, filter, page).await.unwrap()
    }

    /// Every cell, with whether it is shown as stale.
    async fn cells(&self) -> Vec<(CellView, bool)> {
        let filter = MatrixFilter::default();
        let matrix = self.engine.status(&self.caller, filter, Rows::All).await.unwrap();
        let cells = matrix.rows.iter().flat_map(|row| {
            let cells = format!("[{}]", row.cells);
            serde_json::from_str::<Vec<serde_json::Value>>(&cells).unwrap()
        });
        cells
            .map(|cell| {
                let is_stale = cell.get("stale").is_some();
                (serde_json::from_value(cell).unwrap(), is_stale)
            })
            .collect()
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let told = |seed| format!("{:?}", story::tell(now(), seed));
    assert_eq!(told(story::SEED), told(story::SEED));
    assert_ne!(told(story::SEED), told(story::SEED + 1));
}

#[test]
fn the_story_is_in_order_and_of_the_right_length_on_any_day() {
    for now in moments() {
        let told = story::tell(now, story::SEED);
        assert!(told.is_sorted_by_key(|happening| happening.at), "{now}");
        assert!(told.last().unwrap().at <= now, "{now}");
        assert!(told.first().unwrap().at > story::begin(now), "{now}");
        assert!((3_000..6_000).contains(&told.len()), "{now}: {}", told.len());
        let singles = told
            .iter()
            .filter(|told| matches!(told.deed, Deed::Mistake(..) | Deed::Void { .. } | Deed::Tidy));
        assert_eq!(singles.count(), 3, "{now}");
    }
}

#[test]
fn some_deployments_fail_but_not_many() {
    for now in moments() {
        let mut ended: BTreeMap<Status, usize> = BTreeMap::new();
        for happening in story::tell(now, story::SEED) {
            let Deed::Report(report) = happening.deed else { continue };
            if report.status.is_terminal() && report.subject != Subject::Build {
                *ended.entry(report.status).or_default() += 1;
            }
        }
        let all: usize = ended.values().sum();
        let failed = ended[&Status::Failed] * 1000 / all;
        assert!((50..90).contains(&failed), "{now}: {failed} of 1000");
        assert!(ended[&Status::Aborted] > 0, "{now}");
    }
}

#[test]
fn nothing_begins_at_night_but_what_is_under_way_now() {
    let told = story::tell(now(), story::SEED);
    let at_night = |at: Timestamp| calendar::at_work(at) + calendar::hours(3) < at;
    let reports = told.iter().filter(|t| matches!(t.deed, Deed::Report(_)) && at_night(t.at));
    assert_eq!(reports.count(), 2, "pending and started");
}

#[tokio::test]
async fn the_demo_shows_a_company_at_work() {
    let demo = Demo::fill().await;
    let catalog = demo.engine.catalog(&demo.caller).await.unwrap();
    assert_eq!(catalog.applications.values().count(), 12);
    let seen = catalog.environments.values().filter(|found| found.archived_at.is_none());
    assert_eq!(seen.count(), 6, "five, and a preview in use");
    assert!(catalog.environment_coded("pr-98").unwrap().archived_at.is_some());

    let deployments = demo.deployments().await;
    let oldest = deployments.last().unwrap().run.began_at;
    assert!(now().since(oldest) > Duration::from_hours(60 * 24), "{oldest}");
    assert!(deployments.iter().any(|found| found.run.status == Status::Failed));
    assert!(deployments.iter().any(|found| found.run.status == Status::Aborted));
    assert_eq!(deployments.iter().filter(|found| found.run.voided.is_some()).count(), 1);
    assert!(rollbacks(&deployments) >= 3, "{}", rollbacks(&deployments));

    let refused = demo.engine.list_refused(&demo.caller, HistoryPage::first(10)).await.unwrap();
    assert_eq!(refused.len(), 3);
}

/// On a Monday morning, when least has happened since they were made.
#[tokio::test]
async fn webhooks_were_sent_what_happened_and_fare_differently() {
    let demo = Demo::fill_at(now() + calendar::hours(54)).await;
    let tasks = Tasks::default();
    demo.engine.start_dispatch(&tasks).await.unwrap();
    let all = demo.engine.glance_webhooks(&demo.caller, None, 100).await.unwrap();
    assert_eq!(all.len(), 7);
    let glance = |name: &str| {
        let found = all.iter().find(|glance| glance.now.armed.webhook.config.name == name);
        found.unwrap().now.clone()
    };
    let health = |name| glance(name).standing.health;
    assert!(health("Data warehouse").last_success_at.is_some());
    assert!(health("Release notes").failing_since.is_none());
    assert!(health("Incident desk").breaker.open_since().is_some());
    assert!(glance("Deploy console").dead > 0);
    let paused = glance(hooks::PAUSED);
    assert!(paused.armed.webhook.state == State::Paused && paused.standing.seen < paused.head);
    tasks.stop();
    tasks.join().await;
}

/// Deployments to production of a version older than the one before.
fn rollbacks(deployments: &[DeploymentView]) -> usize {
    let mut current = BTreeMap::new();
    let mut count = 0;
    let completed = deployments.iter().rev().filter(|found| found.run.status == Status::Completed);
    for found in completed.filter(|found| found.environment.code == "production") {
        let before = current.insert((found.application.id, &found.target), found.version.id);
        count += usize::from(before.is_some_and(|before| found.version.id < before));
    }
    count
}

/// The last acts depend on the hour and the weekday more than the rest does.
#[tokio::test]
async fn the_last_acts_are_seen_on_any_day() {
    for hours in [0, 54, 81, 135] {
        let demo = Demo::fill_at(now() + calendar::hours(hours)).await;
        check_matrix(&demo).await;
        check_comparison(&demo).await;
    }
}

/// One deployment is in progress, one job is dead, one deployment failed since the current one.
async fn check_matrix(demo: &Demo) {
    let cells = demo.cells().await;
    let open: Vec<_> = cells.iter().filter(|(cell, _)| cell.in_progress.is_some()).collect();
    assert_eq!(open.len(), 2);
    assert_eq!(open.iter().filter(|(_, is_stale)| *is_stale).count(), 1);
    assert!(cells.iter().any(|(cell, _)| cell.failed.is_some() && cell.current.is_some()));
}

/// Staging lacks the hotfix of production, and is ahead elsewhere.
async fn check_comparison(demo: &Demo) {
    let compared = demo.engine.compare(&demo.caller, "staging", "production").await.unwrap();
    let checkout = compared.rows.iter().find(|row| row.application.name.as_str() == "checkout");
    let checkout = checkout.unwrap();
    assert_eq!(checkout.relation, Relation::Behind(1));
    assert!(checkout.to.as_ref().unwrap().version.contains("hotfix"));
    assert!(compared.rows.iter().any(|row| matches!(row.relation, Relation::Ahead(_))));
    assert_eq!(compared.rows.len(), 13, "one of the twelve runs in two regions");
}

#[tokio::test]
async fn the_log_has_no_gaps_and_tells_of_no_backfill() {
    let demo = Demo::fill().await;
    let events = demo.engine.events_after(&demo.caller, 0, 100_000).await.unwrap();
    for (sequence, event) in (1..).zip(&events) {
        assert_eq!(event.sequence, sequence);
        assert!(!format!("{event:?}").contains("backfill"), "{event:?}");
    }
    let filter = MatrixFilter::default();
    let matrix = demo.engine.status(&demo.caller, filter, Rows::All).await.unwrap();
    assert_eq!(matrix.sequence, events.len() as u64);
}

#[tokio::test]
async fn a_demo_is_made_once_and_served_from_then_on() {
    let directory = memory_directory();
    let key = prepare_in(directory.path(), now()).await.unwrap();
    assert_eq!(prepare_in(directory.path(), now()).await.unwrap(), key);
    let mode = std::fs::metadata(directory.path().join(KEY_FILE)).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}

#[tokio::test]
async fn a_directory_with_anything_else_is_refused() {
    for (file, reason) in [("landfall.db", "something else"), (PARTIAL_FILE, "not finished")] {
        let directory = memory_directory();
        std::fs::write(directory.path().join(file), "").unwrap();
        let error = prepare_in(directory.path(), now()).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
