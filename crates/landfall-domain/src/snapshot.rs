//! What one organization's decisions are made on: the rows that were loaded for them, changed in
//! memory, and written back together.

use foldhash::{HashMap, HashSet};

use crate::build::Build;
use crate::catalog::{Catalog, DEFAULT_PROJECT, Organization, Project};
use crate::cell::Cell;
use crate::deployment::{Deployment, Place};
use crate::event::{AuditEntry, Event, EventData, EventType};
use crate::id::{ApplicationId, BuildId, DeploymentId, EnvironmentId, VersionId};
use crate::identity::Identity;
use crate::report::{ProjectChoice, Report, Subject};
use crate::table::Table;
use crate::time::Timestamp;
use crate::version::Version;

/// The loaded part of one organization's ledger.
///
/// Promise of whoever loads it: a row that a command may look up is here if it is stored, so what
/// is missing here does not exist.
#[derive(Debug)]
pub struct Snapshot {
    /// The organization and the head of its log.
    pub organization: Organization,
    /// All its nouns.
    pub catalog: Catalog,
    /// Versions by id.
    pub versions: Table<VersionId, Version>,
    version_names: HashMap<ApplicationId, HashMap<String, VersionId>>,
    /// Deployments by id.
    pub deployments: Table<DeploymentId, Deployment>,
    deployments_by_identity: HashMap<Identity, Vec<DeploymentId>>,
    /// Builds by id.
    pub builds: Table<BuildId, Build>,
    builds_by_identity: HashMap<Identity, Vec<BuildId>>,
    pub(crate) cells: Table<Place, Cell>,
    newest_loaded: HashSet<Identity>,
    /// The completed deployment to fall back on, where one is about to be voided.
    pub fallbacks: Fallbacks,
    /// Environments whose cells all go, because the environment was deleted.
    pub emptied_environments: Vec<EnvironmentId>,
    /// Applications whose cells all go, because the application was deleted.
    pub emptied_applications: Vec<ApplicationId>,
    /// What is appended to the log.
    pub events: Vec<Event>,
    /// What is appended to the audit log.
    pub audit: Vec<AuditEntry>,
    /// Whether the organization's own row changed, beside the head.
    pub is_organization_changed: bool,
}

/// What a cell falls back on when a deployment of it is voided.
#[derive(Clone, Debug, Default)]
pub struct Fallbacks {
    /// The latest other completed deployment.
    pub completed: Option<DeploymentId>,
    /// The latest other failed one.
    pub failed: Option<DeploymentId>,
}

impl Snapshot {
    /// A snapshot of which only the head and the nouns are loaded.
    pub fn new(organization: Organization, catalog: Catalog) -> Self {
        Self {
            organization,
            catalog,
            versions: Table::default(),
            version_names: HashMap::default(),
            deployments: Table::default(),
            deployments_by_identity: HashMap::default(),
            builds: Table::default(),
            builds_by_identity: HashMap::default(),
            cells: Table::default(),
            newest_loaded: HashSet::default(),
            fallbacks: Fallbacks::default(),
            emptied_environments: Vec::new(),
            emptied_applications: Vec::new(),
            events: Vec::new(),
            audit: Vec::new(),
            is_organization_changed: false,
        }
    }

    /// Where a report's names lead, as far as they are known.
    pub fn locate(&self, report: &Report) -> Located {
        let project = self.project_chosen(&report.project);
        let application = project.and_then(|project| {
            self.catalog.application_named(project.id, report.application.as_str())
        });
        let environment = match &report.subject {
            Subject::Build => None,
            Subject::Deployment { environment, .. } => {
                self.catalog.environment_coded(environment.as_str())
            }
        };
        Located {
            project: project.map(|project| project.id),
            application: application.map(|application| application.id),
            environment: environment.map(|environment| environment.id),
        }
    }

    /// The project that a report goes to, if there is one; a key whose project was deleted is as
    /// good as one without.
    pub fn project_chosen(&self, choice: &ProjectChoice) -> Option<&Project> {
        let of_key = match choice {
            ProjectChoice::Named(name) | ProjectChoice::Existing(name) => {
                return self.catalog.project_named(name.as_str());
            }
            ProjectChoice::OfKey(id) => self.catalog.projects.get(*id),
            ProjectChoice::Default => None,
        };
        of_key
            .filter(|project| project.deleted_at.is_none())
            .or_else(|| self.catalog.project_named(DEFAULT_PROJECT))
    }

    /// Takes in a version as it is stored.
    pub fn load_version(&mut self, version: Version) {
        let names = self.version_names.entry(version.application).or_default();
        names.entry(version.name.to_string()).or_insert(version.id);
        self.versions.load(version.id, version);
    }

    /// Adds a version.
    pub fn add_version(&mut self, version: Version) {
        let names = self.version_names.entry(version.application).or_default();
        names.insert(version.name.to_string(), version.id);
        self.versions.put(version.id, version);
    }

    /// The version of that name.
    pub fn version_named(&self, application: ApplicationId, name: &str) -> Option<&Version> {
        self.versions.get(*self.version_names.get(&application)?.get(name)?)
    }

    /// Takes in a deployment as it is stored.
    pub fn load_deployment(&mut self, deployment: Deployment) {
        if !self.deployments.contains(deployment.id) {
            self.index_deployment(deployment.identity(), deployment.id);
            self.deployments.load(deployment.id, deployment);
        }
    }

    /// Adds or replaces a deployment, whose run key may have changed, and with it its identity.
    pub fn put_deployment(&mut self, deployment: Deployment) {
        let old = self.deployments.get(deployment.id);
        if old.is_none_or(|old| old.key != deployment.key) {
            if let Some(old) = old.map(Deployment::identity) {
                let ids = self.deployments_by_identity.entry(old).or_default();
                ids.retain(|id| *id != deployment.id);
            }
            self.index_deployment(deployment.identity(), deployment.id);
        }
        self.deployments.put(deployment.id, deployment);
    }

    fn index_deployment(&mut self, identity: Identity, id: DeploymentId) {
        self.deployments_by_identity.entry(identity).or_default().push(id);
    }

    /// The deployments of one identity, in order of time, the open one last.
    pub fn deployments_of(&self, identity: Identity) -> Vec<&Deployment> {
        let ids = self.deployments_by_identity.get(&identity).map_or(&[][..], Vec::as_slice);
        let mut found: Vec<&Deployment> =
            ids.iter().filter_map(|id| self.deployments.get(*id)).collect();
        found.sort_by_key(|deployment| run_order(&deployment.run));
        found
    }

    /// Takes in a build as it is stored.
    pub fn load_build(&mut self, build: Build) {
        if !self.builds.contains(build.id) {
            self.index_build(build.identity(), build.id);
            self.builds.load(build.id, build);
        }
    }

    /// Adds or replaces a build, whose run key may have changed, and with it its identity.
    pub fn put_build(&mut self, build: Build) {
        let old = self.builds.get(build.id);
        if old.is_none_or(|old| old.key != build.key) {
            if let Some(old) = old.map(Build::identity) {
                let ids = self.builds_by_identity.entry(old).or_default();
                ids.retain(|id| *id != build.id);
            }
            self.index_build(build.identity(), build.id);
        }
        self.builds.put(build.id, build);
    }

    fn index_build(&mut self, identity: Identity, id: BuildId) {
        self.builds_by_identity.entry(identity).or_default().push(id);
    }

    /// The builds of one identity, in order of time, the open one last.
    pub fn builds_of(&self, identity: Identity) -> Vec<&Build> {
        let ids = self.builds_by_identity.get(&identity).map_or(&[][..], Vec::as_slice);
        let mut found: Vec<&Build> = ids.iter().filter_map(|id| self.builds.get(*id)).collect();
        found.sort_by_key(|build| run_order(&build.run));
        found
    }

    /// Takes in a cell as it is stored.
    pub fn load_cell(&mut self, place: Place, cell: Cell) {
        self.cells.load(place, cell);
    }

    /// What runs in a place, if anything was ever reported there.
    pub fn cell(&self, place: &Place) -> Option<&Cell> {
        self.cells.get(place)
    }

    /// What runs in a place, to be changed.
    pub fn cell_mut(&mut self, place: &Place) -> &mut Cell {
        if !self.cells.contains(place) {
            self.cells.put(place.clone(), Cell::default());
        }
        self.cells.get_mut(place).expect("it was just put there")
    }

    /// Whether a place can be shown: nothing runs in what was deleted.
    pub fn is_alive(&self, place: &Place) -> bool {
        let application = self.catalog.applications.get(place.application);
        let environment = self.catalog.environments.get(place.environment);
        application.is_some_and(|application| application.deleted_at.is_none())
            && environment.is_some_and(|environment| environment.deleted_at.is_none())
    }

    /// Forgets the cells of an environment that was deleted.
    pub fn empty_environment(&mut self, id: EnvironmentId) {
        self.cells.retain(|place| place.environment != id);
        self.emptied_environments.push(id);
    }

    /// Forgets the cells of an application that was deleted.
    pub fn empty_application(&mut self, id: ApplicationId) {
        self.cells.retain(|place| place.application != id);
        self.emptied_applications.push(id);
    }

    /// The places that are loaded.
    pub fn places(&self) -> Vec<Place> {
        self.cells.keys().cloned().collect()
    }

    /// Whether the newest run of an identity is here, or known not to exist.
    pub fn is_newest_loaded(&self, identity: Identity) -> bool {
        self.newest_loaded.contains(&identity)
    }

    /// Says that the newest run of an identity is here, or does not exist.
    pub fn note_newest_loaded(&mut self, identity: Identity) {
        self.newest_loaded.insert(identity);
    }

    /// Forgets all rows but the head and the nouns. Everything must be stored.
    pub fn unload(&mut self) {
        self.versions = Table::default();
        self.version_names.clear();
        self.deployments = Table::default();
        self.deployments_by_identity.clear();
        self.builds = Table::default();
        self.builds_by_identity.clear();
        self.cells = Table::default();
        self.newest_loaded.clear();
    }

    /// Forgets the runs that ended, which hardly anybody reports again; versions and cells stay. Of an identity
    /// of which a run is open nothing is forgotten, of any other one everything, so what is here of an identity
    /// is never a part of what was. Everything must be stored.
    pub fn unload_ended(&mut self) {
        let Self { deployments, deployments_by_identity, builds, builds_by_identity, .. } = self;
        let is_open = |id: &DeploymentId| deployments.get(*id).is_some_and(|it| it.run.is_open());
        deployments_by_identity.retain(|_, ids| ids.iter().any(is_open));
        let kept: HashSet<_> = deployments_by_identity.values().flatten().copied().collect();
        deployments.retain(|id| kept.contains(id));
        let is_open = |id: &BuildId| builds.get(*id).is_some_and(|it| it.run.is_open());
        builds_by_identity.retain(|_, ids| ids.iter().any(is_open));
        let kept: HashSet<_> = builds_by_identity.values().flatten().copied().collect();
        builds.retain(|id| kept.contains(id));
        self.newest_loaded.retain(|identity| {
            deployments_by_identity.contains_key(identity)
                || builds_by_identity.contains_key(identity)
        });
    }

    /// How many rows are loaded, nouns aside; the bound of a cache.
    pub fn rows_loaded(&self) -> usize {
        self.versions.len()
            + self.deployments.len()
            + self.builds.len()
            + self.cells.len()
            + self.newest_loaded.len()
    }

    /// Appends an event and returns its number.
    pub fn append(
        &mut self,
        kind: EventType,
        (at, recorded_at): (Timestamp, Timestamp),
        data: EventData,
    ) -> u64 {
        let sequence = self.organization.next_sequence;
        self.organization.next_sequence += 1;
        self.events.push(Event { sequence, kind, at, recorded_at, data });
        sequence
    }
}

fn run_order(run: &crate::run::Run) -> (Timestamp, crate::status::Status, Timestamp) {
    (run.ended_at().unwrap_or(Timestamp::MAX), run.status(), run.latest_at())
}

/// Where a report's names lead, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The project.
    pub project: Option<crate::id::ProjectId>,
    /// The application.
    pub application: Option<ApplicationId>,
    /// The environment.
    pub environment: Option<EnvironmentId>,
}
