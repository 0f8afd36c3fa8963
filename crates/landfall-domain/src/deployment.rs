//! A deployment: one run of one version into one environment and target.

use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, DeploymentId, EnvironmentId, VersionId};
use crate::identity::{Identity, RunKey};
use crate::run::Run;
use crate::time::{Timestamp, micros};

/// Where a version runs: the key of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// What runs.
    pub application: ApplicationId,
    /// Where.
    pub environment: EnvironmentId,
    /// In which part of it; empty if no report named one.
    pub target: String,
}

/// One deployment as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// Where it runs.
    pub place: Place,
    /// What was deployed.
    pub version: VersionId,
    /// What its source system calls it.
    pub key: RunKey,
    /// Its reports.
    pub run: Run,
    /// Set when it was declared never to have happened.
    pub voided: Option<Voided>,
}

/// Who said that a deployment never happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided {
    /// When.
    #[serde(with = "micros")]
    pub at: Timestamp,
    /// By which API key.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Deployment {
    /// What its reports have in common.
    pub fn identity(&self) -> Identity {
        let Place { application, environment, target } = &self.place;
        Identity::of_deployment((*application, *environment, target), self.version, &self.key)
    }

    /// When it was completed, if it was and still counts.
    pub fn completed_at(&self) -> Option<Timestamp> {
        let is_complete = self.run.status() == crate::status::Status::Completed;
        (is_complete && self.voided.is_none()).then(|| self.run.ended_at()).flatten()
    }
}
