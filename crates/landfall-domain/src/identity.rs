//! Which reports speak of the same thing.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::id::{ApplicationId, EnvironmentId, VersionId};

/// How a source system names a run, where it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunKey {
    /// The source system's own id of this very build or deployment.
    pub source_id: Option<String>,
    /// The id of the CI run; shared by everything that one workflow does, re-runs included.
    pub invoke_id: Option<String>,
}

impl RunKey {
    /// Whether reports can find the run by it.
    pub const fn is_given(&self) -> bool {
        self.source_id.is_some() || self.invoke_id.is_some()
    }

    fn words(&self) -> (&'static str, &str) {
        match (&self.source_id, &self.invoke_id) {
            (Some(id), _) => ("source", id),
            (None, Some(id)) => ("invoke", id),
            (None, None) => ("none", ""),
        }
    }
}

/// What reports are about, as a hash: application, version, environment, target and run key.
///
/// A source system's own id is taken together with the rest, since one CI deployment may bring
/// several applications to several places under one id (decision 0002).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity([u8; 16]);

impl Identity {
    /// The identity of a deployment's reports.
    pub fn of_deployment(
        (application, environment, target): (ApplicationId, EnvironmentId, &str),
        version: VersionId,
        key: &RunKey,
    ) -> Self {
        let (kind, word) = key.words();
        Self::hash(&[
            application.uuid().as_bytes(),
            environment.uuid().as_bytes(),
            version.uuid().as_bytes(),
            target.as_bytes(),
            kind.as_bytes(),
            word.as_bytes(),
        ])
    }

    /// The identity of a build's reports.
    pub fn of_build(application: ApplicationId, version: VersionId, key: &RunKey) -> Self {
        let (kind, word) = key.words();
        Self::hash(&[
            application.uuid().as_bytes(),
            version.uuid().as_bytes(),
            kind.as_bytes(),
            word.as_bytes(),
        ])
    }

    fn hash(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize()[..16]);
        Self(bytes)
    }

    /// From the data file.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// For the data file.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).simple().fmt(f)
    }
}

impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        uuid::Uuid::from_bytes(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Identity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        uuid::Uuid::deserialize(deserializer).map(|uuid| Self(uuid.into_bytes()))
    }
}
