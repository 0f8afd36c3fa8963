//! Versions: immutable build products, pinned to a commit by their first build.

use crate::cell::OpenRun;
use crate::id::BuildId;
use crate::id::{ApplicationId, VersionId};
use crate::sha::CommitSha;
use crate::text::VersionName;
use crate::time::Timestamp;

/// One immutable build product of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// The application it is of.
    pub application: ApplicationId,
    /// Its name, unique in the application.
    pub name: VersionName,
    /// Its commit: of its first build that named one, else of its first deployment that did.
    pub commit_sha: Option<CommitSha>,
    /// Whether a build named the commit, so that it can't change any more.
    pub is_pinned: bool,
    /// The earliest time that anything is told of it.
    pub created_at: Timestamp,
    /// Its builds that have not ended, oldest first, and the one that was reported last even if it
    /// has: a retry of its end is found by it.
    pub open_builds: Vec<OpenRun<BuildId>>,
}

impl Version {
    /// Whether `sha` contradicts the commit that a build pinned.
    pub fn contradicts(&self, sha: Option<&CommitSha>) -> bool {
        match (&self.commit_sha, sha) {
            (Some(own), Some(other)) => self.is_pinned && !own.matches(other),
            _ => false,
        }
    }

    /// Takes in the commit of a build that does not contradict: pins it, or makes it longer.
    pub fn pin(&mut self, sha: &CommitSha) {
        self.commit_sha = Some(match self.commit_sha.take() {
            Some(own) if self.is_pinned || own.matches(sha) => own.longer(sha.clone()),
            _ => sha.clone(),
        });
        self.is_pinned = true;
    }

    /// Whether a deployment's commit is news: none is known, or it is a longer name of the same.
    pub fn learns_from(&self, sha: &CommitSha) -> bool {
        self.commit_sha
            .as_ref()
            .is_none_or(|own| own.matches(sha) && sha.as_str().len() > own.as_str().len())
    }
}
