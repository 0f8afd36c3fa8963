//! The same random commands, once through the store in groups and once through `decide` on one
//! snapshot that is never reloaded. Where both agree, the store loads all that decisions look up.

use std::sync::Arc;

use std::time::Duration;

use landfall_domain::catalog::{Application, Catalog};
use landfall_domain::command::{ApplicationEdit, Assignment, Command, Envelope};
use landfall_domain::decide::decide;
use landfall_domain::deployment::Deployment;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::{ApplicationId, DeploymentId, EnvironmentId, OrganizationId};
use landfall_domain::identity::RunKey;
use landfall_domain::outcome::Decision;
use landfall_domain::report::{Report, Subject};
use landfall_domain::sha::CommitSha;
use landfall_domain::snapshot::{Fallbacks, Snapshot};
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_domain::view::CellView;
use landfall_store::rows::{catalog, deployment as row, organization};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::fixture::{Fixture, build, deployment, envelope, name};
use crate::harness::{Record, noon};

/// What is done, with numbers in place of ids that are not known yet.
#[derive(Clone, Debug)]
enum Action {
    Report(Told),
    Void(usize),
    Retire { application: usize, environment: usize, target: Option<usize> },
    Rename { application: usize, to: usize },
    DeleteApplication(usize),
    DeleteEnvironment(usize),
    Assign { application: usize, environment: usize },
}

/// A report in numbers.
#[derive(Clone, Debug)]
struct Told {
    application: usize,
    version: usize,
    /// Where to; a build goes nowhere.
    place: Option<(usize, Option<usize>)>,
    status: Status,
    source_id: Option<usize>,
    invoke_id: Option<usize>,
    /// Its own time, in seconds since [`noon`].
    at: Option<i64>,
    sha: Option<usize>,
    actor: Option<usize>,
}

/// An action, how much later than the one before it comes, and whether it begins a new group.
#[derive(Clone, Debug)]
struct Step {
    action: Action,
    pause: Duration,
    begins_group: bool,
    forgets: bool,
}

fn told() -> impl Strategy<Value = Told> {
    let status = prop_oneof![
        1 => Just(Status::Pending),
        3 => Just(Status::Started),
        4 => Just(Status::Completed),
        1 => Just(Status::Failed),
        1 => Just(Status::Aborted),
    ];
    let place = prop_oneof![
        1 => Just(None),
        4 => (0..2_usize, prop::option::weighted(0.2, 0..1_usize)).prop_map(Some),
    ];
    let rarely = |end| prop::option::weighted(0.15, 0..end);
    (
        (0..2_usize, 0..3_usize, place, status),
        (rarely(2_usize), prop::option::weighted(0.4, 0..2_usize)),
        prop::option::weighted(0.4, -7_200..7_200_i64),
        (rarely(3_usize), rarely(2_usize)),
    )
        .prop_map(
            |((application, version, place, status), (source_id, invoke_id), at, facts)| {
                let (sha, actor) = facts;
                Told { application, version, place, status, source_id, invoke_id, at, sha, actor }
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![
        60 => told().prop_map(Action::Report),
        6 => any::<usize>().prop_map(Action::Void),
        2 => (0..4_usize, 0..4_usize, prop::option::of(0..1_usize)).prop_map(
            |(application, environment, target)| Action::Retire { application, environment, target }
        ),
        1 => (0..4_usize, 0..3_usize)
            .prop_map(|(application, to)| Action::Rename { application, to }),
        1 => (0..4_usize).prop_map(Action::DeleteApplication),
        1 => (0..4_usize).prop_map(Action::DeleteEnvironment),
        2 => (0..4_usize, 0..2_usize)
            .prop_map(|(application, environment)| Action::Assign { application, environment }),
    ];
    let pause = prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::from_millis(1)),
        Just(Duration::from_secs(90)),
        Just(Duration::from_secs(301)),
        Just(Duration::from_hours(25)),
    ];
    (action, pause, prop::bool::weighted(0.3), prop::bool::weighted(0.2)).prop_map(
        |(action, pause, begins_group, forgets)| Step { action, pause, begins_group, forgets },
    )
}

impl Told {
    fn report(&self) -> Report {
        let Self { application, version, place, status, .. } = self;
        let (application, version) = (format!("app-{application}"), format!("v{version}"));
        let mut report = match place {
            None => build(&application, &version, None),
            Some((environment, target)) => {
                let mut report = deployment(&application, &version, ENVIRONMENTS[*environment]);
                if let Subject::Deployment { target: part, .. } = &mut report.subject {
                    *part = target.map(|_| name("eu"));
                }
                report
            }
        };
        let word = |number: Option<usize>| number.map(|number| number.to_string());
        report.status = *status;
        report.key = RunKey { source_id: word(self.source_id), invoke_id: word(self.invoke_id) };
        report.told_at = self.at.map(from_noon);
        let facts = Arc::make_mut(&mut report.facts);
        facts.commit_sha = self.sha.map(|number| CommitSha::parse(SHAS[number]).unwrap());
        facts.actor = word(self.actor);
        report
    }
}

const ENVIRONMENTS: [&str; 2] = ["staging", "production"];
/// The first two name one commit.
const SHAS: [&str; 3] = ["abc1234", "abc1234def", "fff0000"];

fn from_noon(seconds: i64) -> Timestamp {
    Timestamp::from_micros(noon().as_micros() + seconds * 1_000_000)
}

/// The ledger in memory that is never reloaded.
struct Model {
    snapshot: Snapshot,
}

impl Model {
    /// The command that an action is, as things are now.
    fn command(&self, action: &Action) -> Command {
        let catalog = &self.snapshot.catalog;
        let application = |number: usize| -> ApplicationId {
            nth(catalog.applications.values().map(|known| known.id), number)
        };
        let environment = |number: usize| -> EnvironmentId {
            nth(catalog.environments.values().map(|known| known.id), number)
        };
        match action {
            Action::Report(told) => Command::Report(Arc::new(told.report())),
            Action::Void(number) => {
                let ids = self.snapshot.deployments.values().map(|known| known.id);
                Command::VoidDeployment { id: nth(ids, *number), reason: None }
            }
            Action::Retire { application: a, environment: e, target } => {
                Command::RetireApplication {
                    application: application(*a),
                    environment: environment(*e),
                    target: target.map(|_| name("eu")),
                }
            }
            Action::Rename { application: a, to } => {
                let edit = ApplicationEdit {
                    name: Some(name(&format!("app-{to}"))),
                    ..ApplicationEdit::default()
                };
                Command::EditApplication(application(*a), edit)
            }
            Action::DeleteApplication(a) => Command::DeleteApplication(application(*a)),
            Action::DeleteEnvironment(e) => Command::DeleteEnvironment(environment(*e)),
            Action::Assign { application: a, environment: e } => {
                let assignment = Assignment {
                    application: name(&format!("app-{a}")),
                    environments: vec![name(ENVIRONMENTS[*e])],
                };
                Command::AssignApplications {
                    project: name("default"),
                    assignments: vec![assignment],
                }
            }
        }
    }

    fn decide(&mut self, envelope: Envelope) -> Decision {
        if let Command::VoidDeployment { id, .. } = envelope.command {
            self.snapshot.fallbacks = self.fallbacks(id);
        }
        let decision = decide(&mut self.snapshot, envelope);
        self.snapshot.fallbacks = Fallbacks::default();
        decision
    }

    fn fallbacks(&self, id: DeploymentId) -> Fallbacks {
        let Some(voided) = self.snapshot.deployments.get(id) else { return Fallbacks::default() };
        let latest = |status| {
            let others = self.snapshot.deployments.values().filter(|other| {
                other.id != id
                    && other.place == voided.place
                    && other.voided.is_none()
                    && other.run.status() == status
            });
            others
                .max_by_key(|other| (other.run.ended_at(), other.identity()))
                .map(|other| other.id)
        };
        Fallbacks { completed: latest(Status::Completed), failed: latest(Status::Failed) }
    }

    fn assert_equals(&self, record: &Record) {
        let events: Vec<_> = self
            .snapshot
            .events
            .iter()
            .map(|event| {
                let data = serde_json::to_value(&event.data).unwrap();
                (event.sequence, event.kind.to_string(), event.at, event.recorded_at, data)
            })
            .collect();
        let stored: Vec<_> = record
            .events
            .iter()
            .skip(record.events.len() - events.len())
            .map(|event| {
                let data = serde_json::from_str(&event.data).unwrap();
                (event.sequence, event.kind.to_string(), event.at, event.recorded_at, data)
            })
            .collect();
        assert_eq!(stored, events, "the log differs");
        let cells = self.snapshot.places().into_iter().filter_map(|place| {
            let cell = self.snapshot.cell(&place)?;
            cell.retired_at.is_none().then(|| (place, CellView::from(cell)))
        });
        assert_eq!(record.cells, cells.collect(), "cells differ");
    }
}

/// One of the ids in order; one that nothing has, if there are none.
fn nth<K>(
    ids: impl Iterator<Item = landfall_domain::id::Id<K>>,
    number: usize,
) -> landfall_domain::id::Id<K> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    let unknown = landfall_domain::id::IdSource::new([9; 16]).next(noon());
    if ids.is_empty() { unknown } else { ids[number % ids.len()] }
}

async fn model(fixture: &Fixture, id: OrganizationId) -> Model {
    let load = move |db: &mut landfall_store::Connection| {
        let nouns: Catalog = catalog::load(db, id)?;
        Ok(Snapshot::new(organization::find(db, id)?.expect("it was just made"), nouns))
    };
    Model { snapshot: fixture.reader.read(load).await.unwrap() }
}

async fn check(fixture: &Fixture, slug: &str, steps: &[Step]) {
    let (made, _) = fixture.engine.create_organization(&fixture.admin, slug, None).await.unwrap();
    let mut model = model(fixture, made.id).await;
    let (mut now, mut number) = (noon(), 0);
    for group in steps.chunk_by(|_, next| !next.begins_group) {
        let (mut envelopes, mut decided) = (Vec::new(), Vec::new());
        for step in group {
            now = now + step.pause;
            number += 1;
            let envelope = envelope(number, now, model.command(&step.action));
            decided.push(model.decide(envelope.clone()));
            envelopes.push((envelope, None));
        }
        if group[0].forgets {
            fixture.forget().await;
        }
        let answered = fixture.decide_together(made.id, envelopes).await;
        let answered: Vec<Decision> = answered.into_iter().map(Result::unwrap).collect();
        assert_eq!(answered, decided, "{group:#?}");
    }
    let record = fixture.record(made.id).await;
    record.assert_gapless();
    model.assert_equals(&record);
    assert_rows_are_equal(fixture, made.id, &model, &record).await;
}

async fn assert_rows_are_equal(
    fixture: &Fixture,
    id: OrganizationId,
    model: &Model,
    record: &Record,
) {
    let mut known: Vec<Deployment> = model.snapshot.deployments.values().cloned().collect();
    known.sort_by_key(|deployment| deployment.id);
    assert_eq!(record.deployments.len(), known.len());
    let ids: Vec<DeploymentId> = known.iter().map(|deployment| deployment.id).collect();
    let read = move |db: &mut landfall_store::Connection| {
        ids.into_iter().map(|deployment| row::find(db, id, deployment)).collect()
    };
    let stored: Vec<Option<Deployment>> = fixture.reader.read(read).await.unwrap();
    assert_eq!(stored, known.into_iter().map(Some).collect::<Vec<_>>(), "deployments differ");
    let applications = |catalog: &Catalog| {
        let mut all: Vec<Application> = catalog.applications.values().cloned().collect();
        all.sort_by_key(|application| application.id);
        all
    };
    let (stored, known) = (&record.catalog, &model.snapshot.catalog);
    assert_eq!(applications(stored), applications(known), "applications differ");
    let kinds = record.catalog.environments.values().map(|known| known.kind);
    assert!(kinds.into_iter().all(|kind| kind != EnvironmentType::Preview));
}

#[tokio::test]
async fn a_report_after_a_voiding_is_ordered_after_what_was_voided() {
    let fixture = Fixture::new().await;
    let report = |status| {
        let place = Some((1, None));
        Action::Report(Told {
            application: 0,
            version: 0,
            place,
            status,
            source_id: None,
            invoke_id: None,
            at: None,
            sha: None,
            actor: None,
        })
    };
    let actions = [report(Status::Completed), Action::Void(0), report(Status::Pending)];
    let steps = actions.map(|action| Step {
        action,
        pause: Duration::ZERO,
        begins_group: true,
        forgets: true,
    });
    check(&fixture, "voided", &steps).await;
}

#[test]
fn the_store_decides_as_one_snapshot_that_holds_everything() {
    let is_long = std::env::var_os("LANDFALL_TEST_LONG").is_some_and(|value| value == "1");
    let cases = if is_long { 5_000 } else { 150 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fixture = runtime.block_on(Fixture::new());
    let number = std::cell::Cell::new(0);
    let steps = prop::collection::vec(step(), 1..40);
    let mut runner = if is_long {
        TestRunner::new(config)
    } else {
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    let outcome = runner.run(&steps, |steps| {
        number.set(number.get() + 1);
        runtime.block_on(check(&fixture, &format!("case-{}", number.get()), &steps));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
