//! A report: what one call from CI says, in the vocabulary that every dialect translates to.

use std::sync::Arc;

use crate::facts::Facts;
use crate::id::ProjectId;
use crate::identity::RunKey;
use crate::status::Status;
use crate::text::{ApplicationName, EnvironmentCode, ProjectName, TargetName, VersionName};
use crate::time::Timestamp;

/// What one call reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Build or deployment, and where to.
    pub subject: Subject,
    /// The project, where the report names one.
    pub project: ProjectChoice,
    /// The application.
    pub application: ApplicationName,
    /// The version.
    pub version: VersionName,
    /// Where the run stands.
    pub status: Status,
    /// What the source system calls the run.
    pub key: RunKey,
    /// The report's own time, where its status allows one.
    pub told_at: Option<Timestamp>,
    /// Everything else.
    pub facts: Arc<Facts>,
}

/// What is reported about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A build.
    Build,
    /// A deployment.
    Deployment {
        /// Where to.
        environment: EnvironmentCode,
        /// Which part of it.
        target: Option<TargetName>,
    },
}

/// Which project a report goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectChoice {
    /// The one it names, made if it is new.
    Named(ProjectName),
    /// The one it names, which must exist.
    Existing(ProjectName),
    /// The default of its API key.
    OfKey(ProjectId),
    /// `default`.
    Default,
}

/// A report that was refused, kept so that "I posted it and it does not show" has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedReport {
    /// When it arrived.
    pub at: Timestamp,
    /// The refusal's stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// Which interface it came through, such as `versioner`.
    pub dialect: &'static str,
    /// The method and path of the request.
    pub request: String,
    /// The key it came with.
    pub key_id: String,
    /// The beginning of its body.
    pub body: String,
}

impl RefusedReport {
    /// More of a body than this is cut off.
    pub const BODY_BYTES_MAX: usize = 8 * 1024;
}
