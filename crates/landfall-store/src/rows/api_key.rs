//! API keys.

use landfall_domain::access::{ApiKey, Scope};
use landfall_domain::id::{OrganizationId, ProjectId};
use landfall_domain::time::Timestamp;

use super::to_json;
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const FIND: &str = "SELECT k.organization_id, k.key_id, k.name, k.scopes, k.default_project_id, \
    k.secret_hash, k.created_at, k.expires_at, k.revoked_at, k.last_used_at \
    FROM organizations o JOIN api_keys k ON k.organization_id = o.id \
    WHERE o.slug = ?1 AND k.key_id = ?2";
const LIST: &str = "SELECT organization_id, key_id, name, scopes, default_project_id, \
    secret_hash, created_at, expires_at, revoked_at, last_used_at \
    FROM api_keys WHERE organization_id = ?1 ORDER BY created_at, key_id";
const INSERT: &str = "INSERT INTO api_keys (organization_id, key_id, name, scopes, \
    default_project_id, secret_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const REVOKE: &str = "UPDATE api_keys SET revoked_at = ?3 \
    WHERE organization_id = ?1 AND key_id = ?2 AND revoked_at IS NULL";
const USED: &str = "UPDATE api_keys SET last_used_at = ?3 WHERE organization_id = ?1 \
    AND key_id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)";
const PRESET: &str = "INSERT INTO api_keys (organization_id, key_id, name, scopes, \
    default_project_id, secret_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    ON CONFLICT (organization_id, key_id) DO UPDATE SET secret_hash = excluded.secret_hash, \
    revoked_at = NULL, expires_at = NULL";

fn decode(row: &Row<'_>) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        organization: OrganizationId::from_uuid(row.uuid(0)?),
        key_id: row.text(1)?,
        name: row.text(2)?,
        scopes: row.json::<Vec<Scope>>(3, "scopes")?,
        default_project: row.uuid_or_null(4)?.map(ProjectId::from_uuid),
        secret_hash: row.bytes(5)?.try_into().map_err(|e| StoreError::corrupt("API key", e))?,
        created_at: row.time(6)?,
        expires_at: row.time_or_null(7)?,
        revoked_at: row.time_or_null(8)?,
        last_used_at: row.time_or_null(9)?,
    })
}

/// The key of that id in the organization of that slug, revoked or not.
pub fn find(db: &mut Connection, slug: &str, key_id: &str) -> Result<Option<ApiKey>, StoreError> {
    db.read_one(FIND, &[slug.into(), key_id.into()], decode)
}

/// Every key of an organization, oldest first.
pub fn list(db: &mut Connection, organization: OrganizationId) -> Result<Vec<ApiKey>, StoreError> {
    db.read(LIST, &[organization.into()], decode)
}

/// Adds a key.
pub fn insert(db: &mut Connection, key: &ApiKey) -> Result<(), StoreError> {
    db.write_many(INSERT, [row(key)?]).map(|_| ())
}

/// Adds a key or, where there is one of that id, gives it that secret and opens it again.
pub fn preset(db: &mut Connection, key: &ApiKey) -> Result<(), StoreError> {
    db.write_many(PRESET, [row(key)?]).map(|_| ())
}

fn row(key: &ApiKey) -> Result<[Value<'_>; 8], StoreError> {
    Ok([
        key.organization.into(),
        (&key.key_id).into(),
        (&key.name).into(),
        to_json(&key.scopes, "scopes")?.into(),
        key.default_project.into(),
        (&key.secret_hash).into(),
        key.created_at.into(),
        key.expires_at.into(),
    ])
}

/// Revokes a key; false if there is none, or it was revoked before.
pub fn revoke(
    db: &mut Connection,
    organization: OrganizationId,
    key_id: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(db.write_many(REVOKE, [[organization.into(), key_id.into(), at.into()]])? > 0)
}

/// Notes when keys were last used, of which another node may know later. Nodes note several keys at
/// once, so they must come in the order of their ids, lest two nodes wait for each other.
pub fn note_used(
    db: &mut Connection,
    used: &[(OrganizationId, String, Timestamp)],
) -> Result<(), StoreError> {
    let rows = used
        .iter()
        .map(|(organization, key_id, at)| [(*organization).into(), key_id.into(), (*at).into()]);
    db.write_many(USED, rows).map(|_| ())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[FIND, LIST, INSERT, REVOKE, USED, PRESET];
