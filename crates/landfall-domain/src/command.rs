//! Commands: everything that can be asked of an organization's ledger.

use std::sync::Arc;

use crate::actor::Actor;
use crate::environment::EnvironmentType;
use crate::id::{ApplicationId, DeploymentId, EnvironmentId, ProjectId, TeamId};
use crate::report::Report;
use crate::settings::Settings;
use crate::text::{ApplicationName, EnvironmentCode, ProjectName, TargetName};
use crate::time::Timestamp;
use crate::view::Named;
use crate::webhook::Disabled;

/// A command with all that a pure decision about it needs.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Who asks.
    pub actor: Actor,
    /// When it arrived.
    pub at: Timestamp,
    /// What new ids are made from.
    pub entropy: [u8; 16],
    /// What is asked.
    pub command: Command,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take in a report.
    Report(Arc<Report>),
    /// Declare that a deployment never happened.
    VoidDeployment {
        /// Which one.
        id: DeploymentId,
        /// Why.
        reason: Option<String>,
    },
    /// Say that an application no longer runs in an environment; a report brings it back.
    RetireApplication {
        /// What.
        application: ApplicationId,
        /// Where.
        environment: EnvironmentId,
        /// Which part; all parts if none is named.
        target: Option<TargetName>,
    },
    /// Make a project.
    CreateProject(NewProject),
    /// Find a project, or make it unless the organization is strict.
    EnsureProject(ProjectName),
    /// Change a project.
    EditProject(ProjectId, ProjectEdit),
    /// Delete a project that has no applications.
    DeleteProject(ProjectId),
    /// Make an application.
    CreateApplication(NewApplication),
    /// Change an application.
    EditApplication(ApplicationId, ApplicationEdit),
    /// Delete an application; its history stays.
    DeleteApplication(ApplicationId),
    /// Note where applications of a project are meant to run; those that are new are made.
    AssignApplications {
        /// The project, which must exist.
        project: ProjectName,
        /// What runs where, beside what was said before.
        assignments: Vec<Assignment>,
    },
    /// Make an environment.
    CreateEnvironment(NewEnvironment),
    /// Change an environment.
    EditEnvironment(EnvironmentId, EnvironmentEdit),
    /// Archive an environment unless it is archived, deleted or gone: by nobody's wish, and by several
    /// nodes at once perhaps.
    ArchiveEnvironment(EnvironmentId),
    /// Delete an environment; its history stays.
    DeleteEnvironment(EnvironmentId),
    /// Make a team.
    CreateTeam(NewTeam),
    /// Change a team.
    EditTeam(TeamId, TeamEdit),
    /// Delete a team; what it owned has no owner then.
    DeleteTeam(TeamId),
    /// Change the organization's name or settings.
    EditOrganization(OrganizationEdit),
    /// Tell what became of a webhook, and not by a person.
    NoteWebhook {
        /// Which one.
        webhook: Named,
        /// What became of it.
        notice: WebhookNotice,
    },
}

/// What becomes of a webhook by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookNotice {
    /// It was disabled.
    Disabled(Disabled),
    /// Events were forgotten before it was sent them: the first and the last number.
    Skipped(u64, u64),
}

/// What a field becomes: `None` leaves it, `Some(None)` empties it.
pub type Change<T> = Option<Option<T>>;

/// A project to be made.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Its name.
    pub name: ProjectName,
    /// What it is for.
    pub description: Option<String>,
    /// The code of its team.
    pub team: Option<String>,
}

/// What a project becomes.
#[derive(Clone, Debug, Default)]
pub struct ProjectEdit {
    /// Its new name; the old one stays as an alias.
    pub name: Option<ProjectName>,
    /// What it is for.
    pub description: Change<String>,
    /// The code of its team.
    pub team: Change<String>,
}

/// An application to be made.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// The name of its project; `default` if none.
    pub project: Option<ProjectName>,
    /// Its name.
    pub name: ApplicationName,
    /// What it is for.
    pub description: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// The code of its team.
    pub team: Option<String>,
}

/// What an application becomes.
#[derive(Clone, Debug, Default)]
pub struct ApplicationEdit {
    /// Its new name; the old one stays as an alias.
    pub name: Option<ApplicationName>,
    /// What it is for.
    pub description: Change<String>,
    /// Where its source is.
    pub repository: Change<String>,
    /// The code of its team.
    pub team: Change<String>,
    /// The codes of all environments that it is meant to run in.
    pub environments: Option<Vec<EnvironmentCode>>,
}

/// Where an application is meant to run.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// What.
    pub application: ApplicationName,
    /// The codes of the environments, which must exist.
    pub environments: Vec<EnvironmentCode>,
}

/// An environment to be made.
#[derive(Clone, Debug)]
pub struct NewEnvironment {
    /// Its code.
    pub code: EnvironmentCode,
    /// Its name for people; the code if none.
    pub name: Option<String>,
    /// What it is for; inferred from the code if none.
    pub kind: Option<EnvironmentType>,
    /// The code of its team.
    pub team: Option<String>,
    /// Where it is found.
    pub url: Option<String>,
    /// Its place among those of its type.
    pub position: Option<i64>,
}

/// What an environment becomes.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentEdit {
    /// Its new code; the old one stays as an alias.
    pub code: Option<EnvironmentCode>,
    /// Its name for people.
    pub name: Option<String>,
    /// What it is for.
    pub kind: Option<EnvironmentType>,
    /// The code of its team.
    pub team: Change<String>,
    /// Where it is found.
    pub url: Change<String>,
    /// Its place among those of its type.
    pub position: Option<i64>,
    /// Out of sight, or back.
    pub archived: Option<bool>,
}

/// A team to be made.
#[derive(Clone, Debug)]
pub struct NewTeam {
    /// Its code.
    pub code: String,
    /// Its name for people; the code if none.
    pub name: Option<String>,
}

/// What a team becomes.
#[derive(Clone, Debug, Default)]
pub struct TeamEdit {
    /// Its new code.
    pub code: Option<String>,
    /// Its name for people.
    pub name: Option<String>,
}

/// What an organization becomes.
#[derive(Clone, Debug, Default)]
pub struct OrganizationEdit {
    /// Its name for people.
    pub name: Option<String>,
    /// Its settings, whole.
    pub settings: Option<Settings>,
}
