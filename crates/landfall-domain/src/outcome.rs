//! What a command that was accepted did.

use serde::{Deserialize, Serialize};

use crate::catalog::{Application, Environment, Organization, Project, Team};
use crate::refusal::Refusal;
use crate::view::{BuildView, DeploymentView, Named};

/// Accepted, or refused with a reason.
pub type Decision = Result<Outcome, Refusal>;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A report was taken in.
    Reported(Box<Reported>),
    /// A deployment was voided.
    Voided(Box<DeploymentView>),
    /// A project was made or changed.
    Project(Project),
    /// An application was made or changed.
    Application(Application),
    /// Where applications are meant to run was noted; one for each that was named.
    Assigned(Vec<Named>),
    /// An environment was made or changed.
    Environment(Environment),
    /// A team was made or changed.
    Team(Team),
    /// The organization was changed.
    Organization(Organization),
    /// Something was deleted or retired.
    Done,
}

/// What became of a report. It can be stored, to answer a retry under the same idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// The build or deployment it belongs to, as it stands now.
    pub subject: ReportedSubject,
    /// It said nothing new, so no event was appended.
    pub repeated: bool,
    /// It made its deployment the current one.
    pub became_current: bool,
    /// The number of the event that it appended.
    pub sequence: Option<u64>,
}

/// What a report belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportedSubject {
    /// A build.
    Build(BuildView),
    /// A deployment.
    Deployment(DeploymentView),
}
