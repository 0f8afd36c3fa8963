//! Loading what a group of commands will look up, in one step or two: versions and cells by name and place
//! with the builds and deployments of those that are in memory, then those of what was just found.

use landfall_domain::cell::Cell;
use landfall_domain::command::{Command, Envelope};
use landfall_domain::deployment::Place;
use landfall_domain::id::{
    ApplicationId, BuildId, DeploymentId, EnvironmentId, OrganizationId, VersionId,
};
use landfall_domain::identity::Identity;
use landfall_domain::report::{Report, Subject};
use landfall_domain::snapshot::{Fallbacks, Snapshot};
use landfall_domain::time::Timestamp;

use crate::driver::{Connection, Reading, Row};
use crate::error::StoreError;
use crate::known::Filter;
use crate::rows::{build, cell, deployment, version};

/// Loads what `commands` may look up: all of it at once, as far as what is in memory tells where to look,
/// and the rest when it does.
pub(crate) fn load(
    db: &mut Connection,
    snapshot: &mut Snapshot,
    commands: &[&Envelope],
    known: Option<&Filter>,
) -> Result<(), StoreError> {
    let reports = reports(commands).into_iter();
    let (ready, later): (Vec<_>, Vec<_>) =
        reports.partition(|(report, _)| is_found(snapshot, report));
    let places = Places::of(snapshot, &later);
    let runs = Runs::of(snapshot, &ready, known);
    let organization = snapshot.organization.id;
    let mut search = Search::default();
    places.add_to(&mut search, organization);
    runs.add_to(&mut search, organization);
    search.run(db, snapshot)?;
    let runs = Runs::of(snapshot, &later, known);
    let mut search = Search::default();
    runs.add_to(&mut search, organization);
    search.run(db, snapshot)?;
    for envelope in commands {
        load_correction(db, snapshot, &envelope.command)?;
    }
    Ok(())
}

/// What reads rows, and what takes them into memory.
#[derive(Default)]
struct Search<'k> {
    readings: Vec<Reading<'k>>,
    takers: Vec<Taker>,
}

type Taker = fn(&mut Snapshot, &Row<'_>) -> Result<(), StoreError>;

impl<'k> Search<'k> {
    fn add(&mut self, readings: impl IntoIterator<Item = Reading<'k>>, taker: Taker) {
        self.readings.extend(readings.into_iter().filter(|reading| !reading.keys.is_empty()));
        self.takers.resize(self.readings.len(), taker);
    }

    /// Reads all of it at once.
    fn run(self, db: &mut Connection, snapshot: &mut Snapshot) -> Result<(), StoreError> {
        let Self { readings, takers } = self;
        db.read_together(&readings, |number, row| takers[number](snapshot, row))
    }
}

fn take_version(snapshot: &mut Snapshot, row: &Row<'_>) -> Result<(), StoreError> {
    version::decode(row).map(|found| snapshot.load_version(found))
}

fn take_cell(snapshot: &mut Snapshot, row: &Row<'_>) -> Result<(), StoreError> {
    cell::decode(row).map(|(place, found)| snapshot.load_cell(place, found))
}

fn take_deployment(snapshot: &mut Snapshot, row: &Row<'_>) -> Result<(), StoreError> {
    deployment::decode(row).map(|found| snapshot.load_deployment(found))
}

fn take_build(snapshot: &mut Snapshot, row: &Row<'_>) -> Result<(), StoreError> {
    build::decode(row).map(|found| snapshot.load_build(found))
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

/// Whether the version of a report, and the cell that it is about, are in memory.
fn is_found(snapshot: &Snapshot, report: &Report) -> bool {
    let located = snapshot.locate(report);
    let Some(application) = located.application else { return false };
    let is_version_found = snapshot.version_named(application, report.version.as_str()).is_some();
    let place = place_of(report, application, located.environment);
    is_version_found && place.is_none_or(|place| snapshot.cell(&place).is_some())
}

/// Versions by name, and cells by place, that are not in memory.
struct Places<'r> {
    versions: Vec<(ApplicationId, &'r str)>,
    cells: Vec<Place>,
}

impl<'r> Places<'r> {
    fn of(snapshot: &Snapshot, reports: &[(&'r Report, Timestamp)]) -> Self {
        let mut versions = Vec::with_capacity(reports.len());
        let mut cells = Vec::with_capacity(reports.len());
        for (report, _) in reports {
            let located = snapshot.locate(report);
            let Some(application) = located.application else { continue };
            if snapshot.version_named(application, report.version.as_str()).is_none() {
                versions.push((application, report.version.as_str()));
            }
            cells.extend(place_of(report, application, located.environment));
        }
        cells.retain(|place| snapshot.cell(place).is_none());
        versions.sort_unstable();
        versions.dedup();
        cells.sort_unstable();
        cells.dedup();
        Self { versions, cells }
    }

    fn add_to<'k>(&'k self, search: &mut Search<'k>, organization: OrganizationId) {
        search.add([version::named(organization, &self.versions)], take_version);
        search.add([cell::at(organization, &self.cells)], take_cell);
    }
}

/// The place of a deployment's report, if its environment is there.
fn place_of(
    report: &Report,
    application: ApplicationId,
    environment: Option<EnvironmentId>,
) -> Option<Place> {
    let Subject::Deployment { target, .. } = &report.subject else { return None };
    let target = target.as_ref().map_or("", |target| target.as_str()).to_owned();
    Some(Place { application, environment: environment?, target })
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
    fn leave_out_new(&mut self, known: &Filter) {
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

/// The runs that reports of known versions may touch, as far as they are not in memory.
#[derive(Default)]
struct Runs {
    deployments: Wanted<DeploymentId>,
    builds: Wanted<BuildId>,
}

impl Runs {
    /// From then on they count as looked for.
    fn of(
        snapshot: &mut Snapshot,
        reports: &[(&Report, Timestamp)],
        known: Option<&Filter>,
    ) -> Self {
        let mut runs = Self::default();
        want_all(snapshot, reports, &mut runs.deployments, &mut runs.builds);
        let Self { deployments, builds } = &mut runs;
        for identity in deployments.newest.iter().chain(&builds.newest) {
            snapshot.note_newest_loaded(*identity);
        }
        if let Some(known) = known {
            deployments.leave_out_new(known);
            builds.leave_out_new(known);
        }
        runs
    }

    fn add_to<'k>(&'k self, search: &mut Search<'k>, organization: OrganizationId) {
        let Wanted { newest, ending_after, ids } = &self.deployments;
        search.add(deployment::newest(organization, newest), take_deployment);
        search.add([deployment::ending_after(organization, ending_after)], take_deployment);
        search.add([deployment::by_ids(organization, ids)], take_deployment);
        let Wanted { newest, ending_after, ids } = &self.builds;
        search.add(build::newest(organization, newest), take_build);
        search.add([build::ending_after(organization, ending_after)], take_build);
        search.add([build::by_ids(organization, ids)], take_build);
    }
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
    match place_of(report, application, located.environment) {
        None if matches!(report.subject, Subject::Build) => {
            let identity = Identity::of_build(application, version.id, &report.key);
            builds.identity(snapshot, identity, (report.told_at, arrived_at));
            let open = version.open_builds.iter().map(|open| open.id);
            builds.ids.extend(open.filter(|id| !snapshot.builds.contains(*id)));
        }
        None => {}
        Some(place) => {
            let at_place = (application, place.environment, place.target.as_str());
            let identity = Identity::of_deployment(at_place, version.id, &report.key);
            deployments.identity(snapshot, identity, (report.told_at, arrived_at));
            if let Some(cell) = snapshot.cell(&place) {
                let ids = joinable(cell, version.id, report.key.is_given());
                deployments.ids.extend(ids.filter(|id| !snapshot.deployments.contains(*id)));
            }
        }
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
    let mut search = Search::default();
    search.add([cell::at(organization, std::slice::from_ref(&place))], take_cell);
    search.run(db, snapshot)?;
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
