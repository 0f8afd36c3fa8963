//! Signing keys, their secrets sealed.

use landfall_domain::id::OrganizationId;
use landfall_domain::signing::SigningKey;
use landfall_domain::time::Timestamp;

use crate::driver::{Connection, Row};
use crate::error::StoreError;

const FIND: &str = "SELECT k.organization_id, k.key_id, k.name, k.allows_legacy, k.created_at, \
    k.revoked_at, k.last_used_at, k.sealed \
    FROM organizations o JOIN signing_keys k ON k.organization_id = o.id \
    WHERE o.slug = ?1 AND k.key_id = ?2";
const LIST: &str = "SELECT organization_id, key_id, name, allows_legacy, created_at, revoked_at, \
    last_used_at FROM signing_keys WHERE organization_id = ?1 ORDER BY created_at, key_id";
const INSERT: &str = "INSERT INTO signing_keys \
    (organization_id, key_id, name, sealed, allows_legacy, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const REVOKE: &str = "UPDATE signing_keys SET revoked_at = ?3 \
    WHERE organization_id = ?1 AND key_id = ?2 AND revoked_at IS NULL";
const ALLOW_LEGACY: &str = "UPDATE signing_keys SET allows_legacy = ?3 \
    WHERE organization_id = ?1 AND key_id = ?2 AND revoked_at IS NULL";
const USED: &str = "UPDATE signing_keys SET last_used_at = ?3 WHERE organization_id = ?1 \
    AND key_id = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)";

/// A signing key as it is stored.
#[derive(Clone, Debug)]
pub struct StoredSigningKey {
    /// Everything but the secret.
    pub key: SigningKey,
    /// The secret, sealed for this organization and key id.
    pub sealed: Vec<u8>,
}

fn decode(row: &Row<'_>) -> Result<SigningKey, StoreError> {
    Ok(SigningKey {
        organization: OrganizationId::from_uuid(row.uuid(0)?),
        key_id: row.text(1)?,
        name: row.text(2)?,
        allows_legacy: row.truth(3)?,
        created_at: row.time(4)?,
        revoked_at: row.time_or_null(5)?,
        last_used_at: row.time_or_null(6)?,
    })
}

/// The key of that id in the organization of that slug, revoked or not.
pub fn find(
    db: &mut Connection,
    slug: &str,
    key_id: &str,
) -> Result<Option<StoredSigningKey>, StoreError> {
    db.read_one(FIND, &[slug.into(), key_id.into()], |row| {
        Ok(StoredSigningKey { key: decode(row)?, sealed: row.bytes(7)?.to_vec() })
    })
}

/// Every key of an organization, oldest first.
pub fn list(
    db: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<SigningKey>, StoreError> {
    db.read(LIST, &[organization.into()], decode)
}

/// Adds a key.
pub fn insert(db: &mut Connection, stored: &StoredSigningKey) -> Result<(), StoreError> {
    let StoredSigningKey { key, sealed } = stored;
    let row = [
        key.organization.into(),
        (&key.key_id).into(),
        (&key.name).into(),
        sealed.as_slice().into(),
        key.allows_legacy.into(),
        key.created_at.into(),
    ];
    db.write_many(INSERT, [row]).map(|_| ())
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

/// Opens or closes the legacy URLs to a live key; false if there is none.
pub fn allow_legacy(
    db: &mut Connection,
    organization: OrganizationId,
    key_id: &str,
    allows_legacy: bool,
) -> Result<bool, StoreError> {
    let row = [organization.into(), key_id.into(), allows_legacy.into()];
    Ok(db.write_many(ALLOW_LEGACY, [row])? > 0)
}

/// Notes when keys were last used, in the order of their ids: see [`super::api_key::note_used`].
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
pub(crate) const STATEMENTS: &[&str] = &[FIND, LIST, INSERT, REVOKE, ALLOW_LEGACY, USED];
