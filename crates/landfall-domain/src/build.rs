//! A build: one run that makes a version.

use crate::id::{ApplicationId, BuildId, VersionId};
use crate::identity::{Identity, RunKey};
use crate::run::Run;

/// One build as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Its id.
    pub id: BuildId,
    /// What is built.
    pub application: ApplicationId,
    /// The version it makes.
    pub version: VersionId,
    /// What its source system calls it.
    pub key: RunKey,
    /// Its reports.
    pub run: Run,
}

impl Build {
    /// What its reports have in common.
    pub fn identity(&self) -> Identity {
        Identity::of_build(self.application, self.version, &self.key)
    }
}
