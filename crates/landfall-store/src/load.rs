//! Loading what a group of commands will look up, in a fixed number of steps: versions and cells by
//! name and place, then the builds and deployments that those lead to.

use landfall_domain::cell::Cell;
use landfall_domain::command::{Command, Envelope};
use landfall_domain::deployment::Place;
use landfall_domain::id::{ApplicationId, BuildId, DeploymentId, OrganizationId, VersionId};
use landfall_domain::identity::Identity;
use landfall_domain::report::{Report, Subject};
use landfall_domain::snapshot::{Fallbacks, Snapshot};
use landfall_domain::time::Timestamp;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::known::Known;
use crate::rows::{build, cell, deployment, version};

/// Loads what `commands` may look up.
pub(crate) fn load(
    db: &mut Connection,
    snapshot: &mut Snapshot,
    commands: &[&Envelope],
    known: Option<&Known>,
) -> Result<(), StoreError> {
    let reports = reports(commands);
    load_places(db, snapshot, &reports)?;
    load_runs(db, snapshot, &reports, known)?;
    for envelope in commands {
        load_correction(db, snapshot, &envelope.command)?;
    }
    Ok(())
}

/// The identities whose newest deployments [`load`] will look for, as far as what is in memory tells.
pub(crate) fn wanted_ahead(snapshot: &Snapshot, commands: &[&Envelope]) -> Vec<Identity> {
    let (mut deployments, mut builds) = (Wanted::default(), Wanted::default());
    want_all(snapshot, &reports(commands), &mut deployments, &mut builds);
    deployments.newest
}

fn reports<'c>(commands: &[&'c Envelope]) -> Vec<(&'c Report, Timestamp)> {
    let reports = commands.iter().filter_map(|envelope| match &envelope.command {
        Command::Report(report) => Some((&**report, envelope.at)),
        _ => None,
    });
    reports.collect()
}

/// Versions by name, and cells by place.
fn load_places(
    db: &mut Connection,
    snapshot: &mut Snapshot,
    reports: &[(&Report, Timestamp)],
) -> Result<(), StoreError> {
    let organization = snapshot.organization.id;
    let mut versions: Vec<(ApplicationId, &str)> = Vec::with_capacity(reports.len());
    let mut places = Vec::with_capacity(reports.len());
    for (report, _) in reports {
        let located = snapshot.locate(report);
        let Some(application) = located.application else { continue };
        if snapshot.version_named(application, report.version.as_str()).is_none() {
            versions.push((application, report.version.as_str()));
        }
        if let (Subject::Deployment { target, .. }, Some(environment)) =
            (&report.subject, located.environment)
        {
            let target = target.as_ref().map_or("", |target| target.as_str()).to_owned();
            let place = Place { application, environment, target };
            if snapshot.cell(&place).is_none() {
                places.push(place);
            }
        }
    }
    versions.sort_unstable();
    versions.dedup();
    places.sort_unstable();
    places.dedup();
    version::load_named(db, organization, &versions, |found| snapshot.load_version(found))?;
    cell::load(db, organization, &places, |place, found| snapshot.load_cell(place, found))
}

/// What is loaded of builds or deployments.
struct Wanted<I> {
    newest: Vec<Identity>,
    ending_after: Vec<(Identity, i64)>,
    ids: Vec<I>,
}

impl<I> Default for Wanted<I> {
    fn default() -> Self {
        Self { newest: Vec::new(), ending_after: Vec::new(), ids: Vec::new() }
    }
}

impl<I: Ord> Wanted<I> {
    fn identity(
        &mut self,
        snapshot: &Snapshot,
        identity: Identity,
        (told, arrived_at): (Option<Timestamp>, Timestamp),
    ) {
        if !snapshot.is_newest_loaded(identity) {
            self.newest.push(identity);
        }
        if let Some(told) = told {
            self.ending_after.push((identity, told.min(arrived_at).as_micros()));
        }
    }

    /// Does without those that nobody reported before.
    fn leave_out_new(&mut self, known: &Known) {
        self.ending_after.retain(|(identity, _)| known.may_hold(*identity));
        self.newest.retain(|identity| known.may_hold(*identity));
    }

    fn once_each(&mut self) {
        self.newest.sort_unstable();
        self.newest.dedup();
        self.ids.sort_unstable();
        self.ids.dedup();
    }
}

fn load_runs(
    db: &mut Connection,
    snapshot: &mut Snapshot,
    reports: &[(&Report, Timestamp)],
    known: Option<&Known>,
) -> Result<(), StoreError> {
    let mut deployments = Wanted::<DeploymentId>::default();
    let mut builds = Wanted::<BuildId>::default();
    want_all(snapshot, reports, &mut deployments, &mut builds);
    for identity in deployments.newest.iter().chain(&builds.newest) {
        snapshot.note_newest_loaded(*identity);
    }
    if let Some(known) = known {
        deployments.leave_out_new(known);
        builds.leave_out_new(known);
    }
    let organization = snapshot.organization.id;
    let Wanted { newest, ending_after, ids } = deployments;
    deployment::load_newest(db, organization, &newest, |d| snapshot.load_deployment(d))?;
    deployment::load_ending_after(db, organization, &ending_after, |d| {
        snapshot.load_deployment(d);
    })?;
    deployment::load_by_id(db, organization, &ids, |d| snapshot.load_deployment(d))?;
    let Wanted { newest, ending_after, ids } = builds;
    build::load_identities(db, organization, &newest, &ending_after, |b| snapshot.load_build(b))?;
    build::load_by_id(db, organization, &ids, |b| snapshot.load_build(b))
}

/// Notes which runs reports of known versions may touch, each once.
fn want_all(
    snapshot: &Snapshot,
    reports: &[(&Report, Timestamp)],
    deployments: &mut Wanted<DeploymentId>,
    builds: &mut Wanted<BuildId>,
) {
    for (report, arrived_at) in reports {
        want(snapshot, report, *arrived_at, deployments, builds);
    }
    deployments.once_each();
    builds.once_each();
}

/// Notes which runs a report of a known version may touch.
fn want(
    snapshot: &Snapshot,
    report: &Report,
    arrived_at: Timestamp,
    deployments: &mut Wanted<DeploymentId>,
    builds: &mut Wanted<BuildId>,
) {
    let located = snapshot.locate(report);
    let Some(application) = located.application else { return };
    let Some(version) = snapshot.version_named(application, report.version.as_str()) else {
        return;
    };
    match (&report.subject, located.environment) {
        (Subject::Build, _) => {
            let identity = Identity::of_build(application, version.id, &report.key);
            builds.identity(snapshot, identity, (report.told_at, arrived_at));
            let open = version.open_builds.iter().map(|open| open.id);
            builds.ids.extend(open.filter(|id| !snapshot.builds.contains(*id)));
        }
        (Subject::Deployment { target, .. }, Some(environment)) => {
            let target = target.as_ref().map_or("", |target| target.as_str());
            let at_place = (application, environment, target);
            let identity = Identity::of_deployment(at_place, version.id, &report.key);
            deployments.identity(snapshot, identity, (report.told_at, arrived_at));
            let place = Place { application, environment, target: target.to_owned() };
            if let Some(cell) = snapshot.cell(&place) {
                let ids = joinable(cell, version.id, report.key.is_given());
                deployments.ids.extend(ids.filter(|id| !snapshot.deployments.contains(*id)));
            }
        }
        (Subject::Deployment { .. }, None) => {}
    }
}

/// The deployments that a report without an id may join or repeat, or one with an id may adopt.
fn joinable(cell: &Cell, version: VersionId, is_keyed: bool) -> impl Iterator<Item = DeploymentId> {
    let open = cell.open.iter();
    let open = open.filter(move |open| open.version == version && !(is_keyed && open.run.is_keyed));
    let last = cell.last_report.iter().filter(move |last| last.version == version && !is_keyed);
    open.map(|open| open.run.id).chain(last.map(|last| last.deployment))
}

fn load_correction(
    db: &mut Connection,
    snapshot: &mut Snapshot,
    command: &Command,
) -> Result<(), StoreError> {
    let organization = snapshot.organization.id;
    match command {
        Command::VoidDeployment { id, .. } => load_void(db, snapshot, organization, *id),
        Command::RetireApplication { application, environment, .. } => {
            for (place, found) in cell::of_pair(db, organization, *application, *environment)? {
                snapshot.load_cell(place, found);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A deployment that is to be voided, its cell, and what the cell falls back on.
fn load_void(
    db: &mut Connection,
    snapshot: &mut Snapshot,
    organization: OrganizationId,
    id: DeploymentId,
) -> Result<(), StoreError> {
    let Some(found) = deployment::find(db, organization, id)? else { return Ok(()) };
    let place = found.place.clone();
    cell::load(db, organization, std::slice::from_ref(&place), |place, cell| {
        snapshot.load_cell(place, cell);
    })?;
    let [completed, failed] = deployment::find_fallbacks(db, organization, &place, id)?;
    snapshot.fallbacks = Fallbacks {
        completed: completed.as_ref().map(|deployment| deployment.id),
        failed: failed.as_ref().map(|deployment| deployment.id),
    };
    for deployment in [Some(found), completed, failed].into_iter().flatten() {
        if let Some(version) = version::find(db, organization, deployment.version)? {
            snapshot.load_version(version);
        }
        snapshot.load_deployment(deployment);
    }
    Ok(())
}
