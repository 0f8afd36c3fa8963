//! What holds after any command whatsoever.

use std::sync::Arc;

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::harness::{Ledger, Told, fixed_id, latest, name};
use super::samples;
use crate::cell::Cell;
use crate::command::{
    ApplicationEdit, Assignment, Command, EnvironmentEdit, NewApplication, NewEnvironment,
    NewProject, NewTeam, OrganizationEdit, ProjectEdit, TeamEdit,
};
use crate::deployment::{Deployment, Place};
use crate::id::Id;
use crate::report::ProjectChoice;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::status::Status;
use crate::table::Table;
use crate::text::TargetName;

/// A command in the making; `nth` picks among what exists when its turn comes.
#[derive(Clone, Debug)]
enum Step {
    Report(Box<Told>),
    ReportOfKey(Box<Told>, usize),
    Void(usize),
    Retire(usize, usize, Option<&'static str>),
    Create(Noun, &'static str),
    Rename(Noun, usize, &'static str),
    Delete(Noun, usize),
    Archive(usize, bool),
    Assign(&'static str, &'static str, &'static str),
    Settings { strict: bool, refuse_other_sha: bool, stale_after_hours: u32, max: Option<u32> },
}

#[derive(Clone, Copy, Debug)]
enum Noun {
    Project,
    Application,
    Environment,
    Team,
}

fn noun() -> impl Strategy<Value = Noun> {
    select(&[Noun::Project, Noun::Application, Noun::Environment, Noun::Team][..])
}

fn word() -> impl Strategy<Value = &'static str> {
    select(&["default", "shop", "mail", "production", "staging", "other"][..])
}

fn step() -> impl Strategy<Value = Step> {
    let told = || samples::any_report().prop_map(Box::new);
    let max = prop::option::of(0..4_u32);
    let settings = (any::<bool>(), any::<bool>(), 0..30_u32, max).prop_map(
        |(strict, refuse_other_sha, stale_after_hours, max)| Step::Settings {
            strict,
            refuse_other_sha,
            stale_after_hours,
            max,
        },
    );
    let nth = || 0..8_usize;
    prop_oneof![
        12 => told().prop_map(Step::Report),
        1 => (told(), nth()).prop_map(|(told, nth)| Step::ReportOfKey(told, nth)),
        4 => nth().prop_map(Step::Void),
        1 => (nth(), nth(), select(&[None, Some("eu")][..]))
            .prop_map(|(a, e, target)| Step::Retire(a, e, target)),
        1 => (noun(), word()).prop_map(|(noun, word)| Step::Create(noun, word)),
        1 => (noun(), nth(), word()).prop_map(|(noun, nth, word)| Step::Rename(noun, nth, word)),
        1 => (noun(), nth()).prop_map(|(noun, nth)| Step::Delete(noun, nth)),
        1 => (nth(), any::<bool>()).prop_map(|(nth, archived)| Step::Archive(nth, archived)),
        1 => (word(), word(), word()).prop_map(|(p, a, e)| Step::Assign(p, a, e)),
        1 => settings,
    ]
}

fn pick<K, V: Clone>(table: &Table<Id<K>, V>, id: impl Fn(&V) -> Id<K>, nth: usize) -> Id<K> {
    let mut ids: Vec<Id<K>> = table.values().map(id).collect();
    ids.sort();
    // Now and then the id of nothing.
    ids.push(fixed_id(99));
    ids[nth % ids.len()]
}

fn command(snapshot: &Snapshot, step: Step) -> Command {
    let catalog = &snapshot.catalog;
    let application = |nth| pick(&catalog.applications, |a| a.id, nth);
    let environment = |nth| pick(&catalog.environments, |e| e.id, nth);
    match step {
        Step::Report(told) => Command::Report(Arc::new(told.report)),
        Step::ReportOfKey(told, nth) => {
            let project = pick(&catalog.projects, |p| p.id, nth);
            let told = told.in_project(ProjectChoice::OfKey(project));
            Command::Report(Arc::new(told.report))
        }
        Step::Void(nth) => {
            Command::VoidDeployment { id: pick(&snapshot.deployments, |d| d.id, nth), reason: None }
        }
        Step::Retire(a, e, target) => Command::RetireApplication {
            application: application(a),
            environment: environment(e),
            target: target.map(|target| TargetName::parse(target).unwrap()),
        },
        Step::Create(noun, word) => create(noun, word),
        Step::Rename(noun, nth, word) => rename(snapshot, noun, nth, word),
        Step::Delete(Noun::Project, nth) => {
            Command::DeleteProject(pick(&catalog.projects, |p| p.id, nth))
        }
        Step::Delete(Noun::Application, nth) => Command::DeleteApplication(application(nth)),
        Step::Delete(Noun::Environment, nth) => Command::DeleteEnvironment(environment(nth)),
        Step::Delete(Noun::Team, nth) => Command::DeleteTeam(pick(&catalog.teams, |t| t.id, nth)),
        Step::Archive(nth, archived) => {
            let edit = EnvironmentEdit { archived: Some(archived), ..EnvironmentEdit::default() };
            Command::EditEnvironment(environment(nth), edit)
        }
        Step::Assign(project, application, code) => {
            let environments = vec![name(code)];
            let assignment = Assignment { application: name(application), environments };
            Command::AssignApplications { project: name(project), assignments: vec![assignment] }
        }
        Step::Settings { strict, refuse_other_sha, stale_after_hours, max } => {
            let settings = Settings {
                strict,
                refuse_other_sha,
                stale_after_hours,
                environments_max: max,
                applications_max: max,
                ..Settings::default()
            };
            let edit = OrganizationEdit { name: None, settings: Some(settings) };
            Command::EditOrganization(edit)
        }
    }
}

fn create(noun: Noun, word: &str) -> Command {
    match noun {
        Noun::Project => Command::CreateProject(NewProject {
            name: name(word),
            description: None,
            team: Some("shop".to_owned()).filter(|team| team == word),
        }),
        Noun::Application => Command::CreateApplication(NewApplication {
            project: None,
            name: name(word),
            description: None,
            repository: None,
            team: None,
        }),
        Noun::Environment => Command::CreateEnvironment(NewEnvironment {
            code: name(word),
            name: None,
            kind: None,
            team: None,
            url: None,
            position: None,
        }),
        Noun::Team => Command::CreateTeam(NewTeam { code: word.to_owned(), name: None }),
    }
}

fn rename(snapshot: &Snapshot, noun: Noun, nth: usize, word: &str) -> Command {
    let catalog = &snapshot.catalog;
    match noun {
        Noun::Project => Command::EditProject(
            pick(&catalog.projects, |p| p.id, nth),
            ProjectEdit { name: Some(name(word)), ..ProjectEdit::default() },
        ),
        Noun::Application => Command::EditApplication(
            pick(&catalog.applications, |a| a.id, nth),
            ApplicationEdit { name: Some(name(word)), ..ApplicationEdit::default() },
        ),
        Noun::Environment => Command::EditEnvironment(
            pick(&catalog.environments, |e| e.id, nth),
            EnvironmentEdit { code: Some(name(word)), ..EnvironmentEdit::default() },
        ),
        Noun::Team => Command::EditTeam(
            pick(&catalog.teams, |t| t.id, nth),
            TeamEdit { code: Some(word.to_owned()), name: None },
        ),
    }
}

fn here<'a>(snapshot: &'a Snapshot, place: &Place) -> impl Iterator<Item = &'a Deployment> {
    snapshot.deployments.values().filter(move |deployment| deployment.place == *place)
}

/// A cell is what a look through all of history would give.
fn check_cell(snapshot: &Snapshot, place: &Place, cell: &Cell) -> Result<(), TestCaseError> {
    let of = |status| latest(here(snapshot, place), status).map(|deployment| deployment.id);
    prop_assert_eq!(cell.current_id(), of(Status::Completed));
    prop_assert_eq!(cell.failed.as_ref().map(|failed| failed.run.id), of(Status::Failed));
    let is_open = |d: &&Deployment| d.voided.is_none() && d.run.closing().is_none();
    prop_assert_eq!(cell.open.len(), here(snapshot, place).filter(is_open).count());
    for open in &cell.open {
        let run = &snapshot.deployments.get(open.run.id).unwrap().run;
        prop_assert_eq!((open.run.began_at, open.run.news_at), (run.began_at(), run.news_at()));
    }
    Ok(())
}

/// How many applications and environments count.
fn live(snapshot: &Snapshot) -> [usize; 2] {
    let applications = snapshot.catalog.applications.values();
    let environments = snapshot.catalog.environments.values();
    [
        applications.filter(|a| a.deleted_at.is_none()).count(),
        environments.filter(|e| e.deleted_at.is_none() && e.archived_at.is_none()).count(),
    ]
}

/// Nothing came into being beyond what there may be.
fn check_quotas(snapshot: &Snapshot, before: [usize; 2]) -> Result<(), TestCaseError> {
    let Settings { applications_max, environments_max, .. } = snapshot.organization.settings;
    let maxima = [applications_max, environments_max];
    for ((now, before), max) in live(snapshot).into_iter().zip(before).zip(maxima) {
        prop_assert!(now <= before || max.is_none_or(|max| now <= max as usize));
    }
    Ok(())
}

/// No cell is missing, no deployment is counted twice, and no number of the log is left out.
fn check_ledger(snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let numbers: Vec<u64> = snapshot.events.iter().map(|event| event.sequence).collect();
    let expected: Vec<u64> = (1..snapshot.organization.next_sequence).collect();
    prop_assert_eq!(numbers, expected);
    for place in snapshot.places() {
        prop_assert!(snapshot.is_alive(&place));
        check_cell(snapshot, &place, snapshot.cell(&place).unwrap())?;
    }
    for deployment in snapshot.deployments.values() {
        let place = &deployment.place;
        prop_assert!(!snapshot.is_alive(place) || snapshot.cell(place).is_some());
    }
    Ok(())
}

fn currents(snapshot: &Snapshot) -> Vec<(Place, Option<crate::id::DeploymentId>)> {
    let mut currents: Vec<_> = snapshot
        .places()
        .into_iter()
        .map(|place| (place.clone(), snapshot.cell(&place).unwrap().current_id()))
        .collect();
    currents.sort();
    currents
}

/// One event tells of each deployment that a report made current, and no other does.
fn check_told(
    ledger: &Ledger,
    head: u64,
    before: &[(Place, Option<crate::id::DeploymentId>)],
) -> Result<(), TestCaseError> {
    let events = ledger.snapshot.events.iter().filter(|event| event.sequence > head);
    let became = events.filter(|event| event.data.became_current == Some(true));
    let told: Vec<_> = became.map(|e| e.data.deployment.as_ref().unwrap().id).collect();
    let now = currents(&ledger.snapshot);
    let changed = now.iter().filter(|current| current.1.is_some() && !before.contains(current));
    let changed: Vec<_> = changed.filter_map(|(_, id)| id.map(Id::uuid)).collect();
    prop_assert_eq!(told, changed);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_sequence_of_commands_breaks_the_ledger(
        steps in prop::collection::vec((step(), samples::pause()), 1..24)
    ) {
        let mut ledger = Ledger::at("10:10");
        for (step, pause) in steps {
            ledger.pass(pause);
            let (is_void, head) = (matches!(step, Step::Void(_)), ledger.head());
            let before = format!("{:?}", ledger.snapshot);
            let (stood, counted) = (currents(&ledger.snapshot), live(&ledger.snapshot));
            let command = command(&ledger.snapshot, step);
            if ledger.decide(command).is_err() {
                prop_assert_eq!(format!("{:?}", ledger.snapshot), before);
            }
            check_ledger(&ledger.snapshot)?;
            check_quotas(&ledger.snapshot, counted)?;
            if !is_void {
                check_told(&ledger, head, &stood)?;
            }
        }
    }

    #[test]
    fn no_sequence_of_arrivals_in_one_instant_breaks_the_ledger(
        reports in prop::collection::vec(samples::any_report(), 1..16)
    ) {
        let mut ledger = Ledger::at("10:00:03");
        for told in reports {
            let _refused_for_its_sha = ledger.try_send(told);
            check_ledger(&ledger.snapshot)?;
        }
    }

    #[test]
    fn no_clock_that_runs_backwards_breaks_the_ledger(
        reports in prop::collection::vec((samples::any_report(), 0..600_u64), 1..16)
    ) {
        let mut ledger = Ledger::at("10:00");
        for (told, second) in reports {
            ledger.now = samples::epoch() + Duration::from_secs(second);
            let _refused_for_its_sha = ledger.try_send(told);
            check_ledger(&ledger.snapshot)?;
        }
    }
}
