//! The nouns of an organization: projects, applications, environments and teams, by id and name.

use foldhash::HashMap;

use serde::{Deserialize, Serialize};

use crate::environment::EnvironmentType;
use crate::id::{ApplicationId, EnvironmentId, OrganizationId, ProjectId, TeamId};
use crate::settings::Settings;
use crate::table::Table;
use crate::text::{ApplicationName, EnvironmentCode, ProjectName};
use crate::time::Timestamp;

/// The project that every organization has.
pub const DEFAULT_PROJECT: &str = "default";

/// The tenant, and the head of its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name in keys and URLs: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What it may set.
    pub settings: Settings,
    /// The number that its next event gets; the first is 1.
    pub next_sequence: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A group of applications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name, unique in the organization.
    pub name: ProjectName,
    /// Names it had before; reports may go on using them.
    pub aliases: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// A thing that is built and deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// The project it is in.
    pub project: ProjectId,
    /// Its name, unique in the project.
    pub name: ApplicationName,
    /// Names it had before; reports may go on using them.
    pub aliases: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// Where it is meant to run, in the order in which that was said; some may be deleted by now.
    pub environments: Vec<EnvironmentId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// Where things run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its code, unique in the organization.
    pub code: EnvironmentCode,
    /// Its name for people.
    pub name: String,
    /// Codes it had before; reports may go on using them.
    pub aliases: Vec<String>,
    /// What it is for.
    pub kind: EnvironmentType,
    /// The team that owns it.
    pub team: Option<TeamId>,
    /// Where it is found.
    pub url: Option<String>,
    /// Its place among those of its type.
    pub position: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is out of sight; a report brings it back.
    pub archived_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// A group of people who own things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// Its code, unique in the organization.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// All nouns of one organization, found by id and by name or alias.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Projects by id.
    pub projects: Table<ProjectId, Project>,
    /// Applications by id.
    pub applications: Table<ApplicationId, Application>,
    /// Environments by id.
    pub environments: Table<EnvironmentId, Environment>,
    /// Teams by id.
    pub teams: Table<TeamId, Team>,
    project_names: HashMap<String, ProjectId>,
    application_names: HashMap<ProjectId, HashMap<String, ApplicationId>>,
    environment_codes: HashMap<String, EnvironmentId>,
}

impl Catalog {
    /// Takes in a project as it was stored.
    pub fn load_project(&mut self, project: Project) {
        self.name_project(&project);
        self.projects.load(project.id, project);
    }

    /// Takes in an application as it was stored.
    pub fn load_application(&mut self, application: Application) {
        self.name_application(&application);
        self.applications.load(application.id, application);
    }

    /// Takes in an environment as it was stored.
    pub fn load_environment(&mut self, environment: Environment) {
        self.name_environment(&environment);
        self.environments.load(environment.id, environment);
    }

    /// Adds or replaces a project, and finds it by its names from now on.
    pub fn put_project(&mut self, project: Project) {
        self.project_names.retain(|_, id| *id != project.id);
        self.name_project(&project);
        self.projects.put(project.id, project);
    }

    /// Adds or replaces an application, and finds it by its names from now on.
    pub fn put_application(&mut self, application: Application) {
        for names in self.application_names.values_mut() {
            names.retain(|_, id| *id != application.id);
        }
        self.name_application(&application);
        self.applications.put(application.id, application);
    }

    /// Adds or replaces an environment, and finds it by its codes from now on.
    pub fn put_environment(&mut self, environment: Environment) {
        self.environment_codes.retain(|_, id| *id != environment.id);
        self.name_environment(&environment);
        self.environments.put(environment.id, environment);
    }

    /// Adds a new application, which no name pointed to before.
    pub fn add_application(&mut self, application: Application) {
        self.name_application(&application);
        self.applications.put(application.id, application);
    }

    /// The project of that name or former name.
    pub fn project_named(&self, name: &str) -> Option<&Project> {
        self.projects.get(*self.project_names.get(name)?)
    }

    /// The application of that name or former name in a project.
    pub fn application_named(&self, project: ProjectId, name: &str) -> Option<&Application> {
        self.applications.get(*self.application_names.get(&project)?.get(name)?)
    }

    /// The environment of that code or former code.
    pub fn environment_coded(&self, code: &str) -> Option<&Environment> {
        self.environments.get(*self.environment_codes.get(code)?)
    }

    /// The team of that code.
    pub fn team_coded(&self, code: &str) -> Option<&Team> {
        self.teams.values().find(|team| team.code == code && team.deleted_at.is_none())
    }

    /// How many nouns it holds, for the bound of a cache.
    pub fn len(&self) -> usize {
        self.projects.len() + self.applications.len() + self.environments.len() + self.teams.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn name_project(&mut self, project: &Project) {
        if project.deleted_at.is_none() {
            for name in names(project.name.as_str(), &project.aliases) {
                self.project_names.insert(name.to_owned(), project.id);
            }
        }
    }

    fn name_application(&mut self, application: &Application) {
        if application.deleted_at.is_none() {
            let by_name = self.application_names.entry(application.project).or_default();
            for name in names(application.name.as_str(), &application.aliases) {
                by_name.insert(name.to_owned(), application.id);
            }
        }
    }

    fn name_environment(&mut self, environment: &Environment) {
        if environment.deleted_at.is_none() {
            for code in names(environment.code.as_str(), &environment.aliases) {
                self.environment_codes.insert(code.to_owned(), environment.id);
            }
        }
    }
}

fn names<'a>(name: &'a str, aliases: &'a [String]) -> impl Iterator<Item = &'a str> {
    aliases.iter().map(String::as_str).chain([name])
}
