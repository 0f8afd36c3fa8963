//! Idempotency keys: the outcome of a request, kept to answer its retries.

use std::collections::HashMap;
use std::time::Duration;

use landfall_domain::catalog::Environment;
use landfall_domain::id::OrganizationId;
use landfall_domain::outcome::{Decision, Outcome, Reported};
use landfall_domain::refusal::Refusal;
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use serde::{Deserialize, Serialize};

use crate::driver::{Connection, Drafting, Value};
use crate::error::StoreError;
use crate::rows::to_json;

const FIND: &str = "SELECT organization_id, key_id, idempotency_key, request_hash, outcome \
    FROM idempotency_keys \
    WHERE organization_id = ?1 AND key_id = ?2 AND idempotency_key = ?3 AND expires_at > ?4";
const PUT: &str = "INSERT INTO idempotency_keys \
    (organization_id, key_id, idempotency_key, request_hash, outcome, created_at, expires_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (organization_id, key_id, idempotency_key) \
    DO UPDATE SET request_hash = excluded.request_hash, outcome = excluded.outcome, \
    created_at = excluded.created_at, expires_at = excluded.expires_at";
const PRUNE: &str = "DELETE FROM idempotency_keys WHERE organization_id = ?1 AND expires_at <= ?2";

/// A caller's promise that requests under one key are one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The API key that it belongs to.
    pub key_id: String,
    /// The `Idempotency-Key` header.
    pub key: String,
    /// Hash of method, path and body.
    pub request_hash: [u8; 32],
    /// How long the outcome is kept, to answer the request when it comes again.
    pub kept_for: Duration,
}

/// An outcome as it is stored. The first two names are older than the others.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Stored {
    #[serde(rename = "Ok")]
    Reported(Box<Reported>),
    #[serde(rename = "Err")]
    Refused(Refusal),
    Environment(Environment),
    Assigned(Vec<Named>),
}

impl Stored {
    /// What is stored of a decision; nothing of those that no request promises to make once.
    fn of(decision: &Decision) -> Option<Self> {
        Some(match decision.clone() {
            Err(refusal) => Self::Refused(refusal),
            Ok(Outcome::Reported(reported)) => Self::Reported(reported),
            Ok(Outcome::Environment(environment)) => Self::Environment(environment),
            Ok(Outcome::Assigned(applications)) => Self::Assigned(applications),
            Ok(_) => return None,
        })
    }

    fn into_decision(self) -> Decision {
        match self {
            Self::Reported(reported) => Ok(Outcome::Reported(reported)),
            Self::Refused(refusal) => Err(refusal),
            Self::Environment(environment) => Ok(Outcome::Environment(environment)),
            Self::Assigned(applications) => Ok(Outcome::Assigned(applications)),
        }
    }
}

/// The outcomes that are known for the keys of one group.
#[derive(Default)]
pub(crate) struct Outcomes {
    known: HashMap<(OrganizationId, String, String), ([u8; 32], Stored)>,
    new: Vec<(OrganizationId, Idempotency, Timestamp, String)>,
}

impl Outcomes {
    /// Loads what is stored for those keys.
    pub(crate) fn load<'a>(
        db: &mut Connection,
        asked: impl Iterator<Item = (OrganizationId, &'a Idempotency, Timestamp)>,
    ) -> Result<Self, StoreError> {
        let keys = asked.map(|(organization, asked, now)| {
            [Value::from(organization), (&asked.key_id).into(), (&asked.key).into(), now.into()]
        });
        let mut known = HashMap::new();
        db.read_many(FIND, keys, |row| {
            let key = (OrganizationId::from_uuid(row.uuid(0)?), row.text(1)?, row.text(2)?);
            let hash = row.bytes(3)?.try_into();
            let hash = hash.map_err(|error| StoreError::corrupt("request hash", error))?;
            known.insert(key, (hash, row.json(4, "outcome")?));
            Ok(())
        })?;
        Ok(Self { known, new: Vec::new() })
    }

    /// The outcome of an earlier request under this key, or a refusal if that was another request.
    pub(crate) fn earlier(
        &self,
        organization: OrganizationId,
        asked: &Idempotency,
    ) -> Option<Result<Decision, Refusal>> {
        let key = (organization, asked.key_id.clone(), asked.key.clone());
        let (hash, stored) = self.known.get(&key)?;
        if *hash != asked.request_hash {
            return Some(Err(Refusal::IdempotencyMismatch));
        }
        Some(Ok(stored.clone().into_decision()))
    }

    /// Remembers an outcome.
    pub(crate) fn remember(
        &mut self,
        organization: OrganizationId,
        asked: &Idempotency,
        at: Timestamp,
        decision: &Decision,
    ) -> Result<(), StoreError> {
        let Some(stored) = Stored::of(decision) else { return Ok(()) };
        self.new.push((organization, asked.clone(), at, to_json(&stored, "outcome")?));
        let key = (organization, asked.key_id.clone(), asked.key.clone());
        self.known.insert(key, (asked.request_hash, stored));
        Ok(())
    }

    /// Drafts the rows of what is new.
    pub(crate) fn save(&self, draft: &mut Drafting<'_>) -> Result<(), StoreError> {
        let rows = self.new.iter().map(|(organization, asked, at, outcome)| {
            [
                Value::from(*organization),
                (&asked.key_id).into(),
                (&asked.key).into(),
                (&asked.request_hash).into(),
                outcome.into(),
                (*at).into(),
                (*at + asked.kept_for).into(),
            ]
        });
        draft.write(PUT, rows)
    }
}

/// Forgets outcomes whose requests do not come again.
pub fn prune(
    db: &mut Connection,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    db.write_many(PRUNE, [[Value::from(organization), now.into()]])
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[FIND, PUT, PRUNE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_stored_as_it_was_by_older_versions() {
        let named = r#"{"id":"018f0000-0000-7000-8000-000000000000","name":"x"}"#;
        let time = "2026-03-01T12:00:00Z";
        let text = format!(
            r#"{{"Ok":{{"subject":{{"Build":{{"id":"018f0000-0000-7000-8000-000000000000","status":"started","began_at":"{time}","created_at":"{time}","project":{named},"application":{named},"version":{named}}}}},"repeated":false,"became_current":false,"sequence":7}}}}"#
        );
        let older: Result<Reported, Refusal> = serde_json::from_str(&text).unwrap();
        let stored: Stored = serde_json::from_str(&text).unwrap();
        assert_eq!(to_json(&stored, "outcome").unwrap(), to_json(&older, "outcome").unwrap());
        let older = older.map(|reported| Outcome::Reported(Box::new(reported)));
        assert_eq!(stored.into_decision(), older);
    }

    #[test]
    fn a_refusal_of_an_older_version_is_still_read() {
        let text = r#"{"Err":{"NotFound":{"noun":"team","name":"core"}}}"#;
        let stored: Stored = serde_json::from_str(text).unwrap();
        assert_eq!(stored.clone().into_decision(), Err(Refusal::not_found("team", "core")));
        assert_eq!(to_json(&stored, "outcome").unwrap(), text);
    }
}
