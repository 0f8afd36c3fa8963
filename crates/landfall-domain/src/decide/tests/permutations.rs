//! Reports that carry times and ids end in the same state whichever way they arrive, and that
//! state is the one that the rule of runs gives for all of them at once.

use std::sync::Arc;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::harness::{Ledger, Told, fixed_id, name};
use super::samples;
use crate::catalog::{Application, Environment};
use crate::cell::{Cell, Standing};
use crate::deployment::Deployment;
use crate::environment::EnvironmentType;
use crate::identity::Identity;
use crate::run::{Entry, cut};
use crate::time::Timestamp;
use crate::version::Version;

/// A ledger whose names have the same ids in every run, since those settle ties.
fn ledger_with_names() -> Ledger {
    let mut ledger = Ledger::at("12:00");
    for (index, application) in ["shop", "mail"].into_iter().enumerate() {
        let number = u8::try_from(index).unwrap() * 10;
        let id = fixed_id(10 + number);
        ledger.snapshot.catalog.load_application(Application {
            id,
            project: fixed_id(2),
            name: name(application),
            aliases: Vec::new(),
            description: None,
            repository: None,
            team: None,
            environments: Vec::new(),
            created_at: Timestamp::default(),
            deleted_at: None,
        });
        for version in 1..=2 {
            ledger.snapshot.load_version(Version {
                id: fixed_id(10 + number + version),
                application: id,
                name: name(&format!("v{version}")),
                commit_sha: None,
                is_pinned: false,
                created_at: Timestamp::default(),
                open_builds: Vec::new(),
            });
        }
    }
    for (id, code) in [(50, "production"), (51, "staging")] {
        ledger.snapshot.catalog.load_environment(Environment {
            id: fixed_id(id),
            code: name(code),
            name: code.to_owned(),
            aliases: Vec::new(),
            kind: EnvironmentType::infer(code),
            team: None,
            url: None,
            position: 0,
            created_at: Timestamp::default(),
            archived_at: None,
            deleted_at: None,
        });
    }
    ledger
}

fn ledger_after(reports: Vec<Told>) -> Ledger {
    let mut ledger = ledger_with_names();
    for told in reports {
        ledger.pass(Duration::from_secs(1));
        ledger.send(told);
    }
    ledger
}

/// The reports of a run, whenever they arrived and however often.
fn essence(entries: &[Entry]) -> BTreeSet<Entry> {
    let timeless = |entry: &Entry| Entry { arrived_at: Timestamp::default(), ..entry.clone() };
    entries.iter().map(timeless).collect()
}

type Runs = BTreeMap<Identity, Vec<BTreeSet<Entry>>>;

fn runs(ledger: &Ledger) -> Runs {
    let identities: BTreeSet<Identity> =
        ledger.snapshot.deployments.values().map(Deployment::identity).collect();
    let runs_of = |identity| {
        let deployments = ledger.snapshot.deployments_of(identity).into_iter();
        deployments.map(|deployment| essence(deployment.run.entries())).collect()
    };
    identities.into_iter().map(|identity| (identity, runs_of(identity))).collect()
}

/// What the rule gives for all reports of each identity at once.
fn runs_by_rule(ledger: &Ledger, reports: &[Told]) -> Runs {
    let mut entries: BTreeMap<Identity, Vec<Entry>> = BTreeMap::new();
    for Told { report } in reports {
        let located = ledger.snapshot.locate(report);
        let application = located.application.unwrap();
        let version = ledger.snapshot.version_named(application, report.version.as_str()).unwrap();
        let target = match &report.subject {
            crate::report::Subject::Deployment { target: Some(target), .. } => target.as_str(),
            _ => "",
        };
        let at_place = (application, located.environment.unwrap(), target);
        let identity = Identity::of_deployment(at_place, version.id, &report.key);
        entries.entry(identity).or_default().push(Entry {
            at: report.told_at.unwrap(),
            status: report.status,
            told: report.told_at,
            facts: Arc::clone(&report.facts),
            arrived_at: Timestamp::default(),
        });
    }
    let essences = |entries| cut(entries).iter().map(|run| essence(run)).collect();
    entries.into_iter().map(|(identity, entries)| (identity, essences(entries))).collect()
}

/// All that a cell shows, by content.
fn shown(cell: &Cell) -> String {
    let content = |standing: &Standing| {
        let mut standing = standing.clone();
        standing.run.id = fixed_id(0);
        standing.run.news_at = Timestamp::default();
        format!("{standing:?}")
    };
    let open: Vec<String> = cell.open.iter().map(|open| content(open)).collect();
    let current = cell.current.as_deref().map(content);
    let failed = cell.failed.as_deref().map(content);
    let in_progress = cell.in_progress().map(content);
    format!("{current:?} {failed:?} {in_progress:?} {open:?}")
}

fn cells(ledger: &Ledger) -> BTreeMap<String, String> {
    let places = ledger.snapshot.places().into_iter();
    places.map(|at| (format!("{at:?}"), shown(ledger.snapshot.cell(&at).unwrap()))).collect()
}

fn facts_and_times(ledger: &Ledger) -> BTreeSet<String> {
    let summary = |deployment: &Deployment| {
        let run = &deployment.run;
        let times = (run.began_at(), run.ended_at(), run.status());
        format!("{:?} {times:?} {:?}", deployment.identity(), run.facts())
    };
    ledger.snapshot.deployments.values().map(summary).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_order_of_arrival_ends_in_the_same_state(
        (reports, shuffled) in prop::collection::vec(samples::certain(), 1..9)
            .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle()))
    ) {
        let one = ledger_after(reports.clone());
        let other = ledger_after(shuffled);
        prop_assert_eq!(runs(&one), runs_by_rule(&one, &reports));
        prop_assert_eq!(runs(&one), runs(&other));
        prop_assert_eq!(facts_and_times(&one), facts_and_times(&other));
        prop_assert_eq!(cells(&one), cells(&other));
    }
}
