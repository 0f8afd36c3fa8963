//! Typed identifiers: a UUID that knows what it names.
//!
//! Ids are version 7 UUIDs, so they sort by time. The time inside is the *effective* time of what
//! they name, not its arrival: a backfilled deployment takes its place in history by its id alone.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::time::Timestamp;

/// The id of one `K`.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident;)*) => {$(
        #[doc = concat!("The kind of [`", stringify!($alias), "`].")]
        #[derive(Debug)]
        pub enum $kind {}
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// Names an organization, the tenant.
    OrganizationKind, OrganizationId;
    /// Names a project.
    ProjectKind, ProjectId;
    /// Names an application.
    ApplicationKind, ApplicationId;
    /// Names an environment.
    EnvironmentKind, EnvironmentId;
    /// Names a team.
    TeamKind, TeamId;
    /// Names a version of an application.
    VersionKind, VersionId;
    /// Names a deployment.
    DeploymentKind, DeploymentId;
    /// Names a build.
    BuildKind, BuildId;
    /// Names a report that was refused and kept.
    RefusedKind, RefusedId;
    /// Names an entry of the audit log.
    AuditKind, AuditId;
    /// Names a webhook.
    WebhookKind, WebhookId;
    /// Names a record of attempts.
    AttemptKind, AttemptId;
    /// Names a resend or replay.
    JobKind, JobId;
    /// Names a person.
    UserKind, UserId;
    /// Names a session of a person or key; it is no secret, unlike the session's token.
    SessionKind, SessionId;
    /// Names a node from its start to its end; one that was thought dead takes another name.
    NodeKind, NodeId;
}

impl<K> Id<K> {
    /// Takes a UUID that is known to name a `K`.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// The UUID itself.
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// What sorts before every id of that millisecond or later, and after every earlier one.
    pub fn first_of(at: Timestamp) -> Self {
        let millis = u128::try_from(at.as_micros() / 1000).unwrap_or(0);
        Self::from_uuid(Uuid::from_u128(millis << 80))
    }

    /// The id as 24 hexadecimal digits, for clients of products that store in `MongoDB`: its time in
    /// milliseconds, then 48 of its random bits.
    pub fn object_id(self) -> String {
        let bytes = self.uuid.as_u128();
        format!("{:012x}{:012x}", bytes >> 80, bytes & 0xffff_ffff_ffff)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.fmt(f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::parse_str(text).map(Self::from_uuid)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(serializer)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from_uuid)
    }
}

/// Makes the ids of one command from entropy that was passed in.
///
/// The same entropy gives the same ids, so a decision can be repeated exactly.
#[derive(Clone, Debug)]
pub struct IdSource {
    entropy: [u8; 16],
    taken: u32,
}

impl IdSource {
    /// A source whose ids are as unpredictable as `entropy` is.
    pub const fn new(entropy: [u8; 16]) -> Self {
        Self { entropy, taken: 0 }
    }

    /// The next id, sorted by `at`.
    pub fn next<K>(&mut self, at: Timestamp) -> Id<K> {
        self.taken += 1;
        let mut hasher = Sha256::new();
        hasher.update(self.entropy);
        hasher.update(self.taken.to_be_bytes());
        let digest = hasher.finalize();
        let mut random = [0_u8; 10];
        random.copy_from_slice(&digest[..10]);
        let micros = u64::try_from(at.as_micros()).unwrap_or(0);
        let (millis, rest) = (micros / 1000, micros % 1000);
        // The twelve bits behind the milliseconds hold the rest of the time (RFC 9562, §6.2,
        // method 3), so that ids sort to a quarter of a microsecond.
        let fraction = u16::try_from(rest * 4096 / 1000).unwrap_or(0);
        random[..2].copy_from_slice(&fraction.to_be_bytes());
        Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_microseconds_whatever_their_entropy() {
        let ids = (0..5_000).map(|micros| {
            let seed = [u8::try_from(micros % 251).unwrap(); 16];
            let at = Timestamp::from_micros(1_700_000_000_000_000 + micros);
            IdSource::new(seed).next::<DeploymentKind>(at)
        });
        assert!(ids.collect::<Vec<_>>().is_sorted());
    }

    #[test]
    fn an_object_id_is_the_beginning_and_the_end() {
        let uuid = Uuid::from_u128(0x0193_5a1b_2c3d_7e4f_8a5b_6c7d_8e9f_a0b1);
        let id = Id::<DeploymentKind>::from_uuid(uuid);
        assert_eq!(id.object_id(), "01935a1b2c3d6c7d8e9fa0b1");
    }

    #[test]
    fn ids_are_version_seven() {
        let id = IdSource::new([7; 16]).next::<DeploymentKind>(Timestamp::from_micros(999));
        assert_eq!(id.uuid().get_version_num(), 7);
    }
}
