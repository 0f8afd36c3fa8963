//! Organizations: settings, and the head of each log.

use std::collections::HashMap;

use landfall_domain::catalog::Organization;
use landfall_domain::id::OrganizationId;

use super::{sequence_of, to_i64, to_json};
use crate::driver::{Connection, Drafting, Reading, Row, Value};
use crate::error::StoreError;
use crate::heads::{Guard, Head, Revisions};

const COLUMNS_BY_ID: &str = "SELECT id, slug, name, settings, next_sequence, created_at \
    FROM organizations WHERE id = ?1";
const COLUMNS_BY_SLUG: &str = "SELECT id, slug, name, settings, next_sequence, created_at \
    FROM organizations WHERE slug = ?1";
const ALL: &str = "SELECT id, slug, name, settings, next_sequence, created_at \
    FROM organizations ORDER BY slug";
const IDS: &str = "SELECT id FROM organizations";
const POSITIONS: &str = "SELECT id, revision, next_sequence FROM organizations";
/// Nodes that start together may both make the first one.
const INSERT: &str = "INSERT INTO organizations \
    (id, slug, name, settings, next_sequence, next_key, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6) ON CONFLICT (slug) DO NOTHING";
const NEXT_SEQUENCE: &str = "SELECT id, next_sequence FROM organizations WHERE id = ?1";
/// Only PostgreSQL knows locks of rows, and only there does anybody else write.
const LOCK_HEAD: &str = "SELECT id, slug, name, settings, next_sequence, created_at, revision, \
    catalog_revision FROM organizations WHERE id = ?1 FOR UPDATE";
const SET_HEAD: &str = "UPDATE organizations SET next_sequence = ?2, revision = revision + ?3, \
    catalog_revision = catalog_revision + ?4 WHERE id = ?1";
/// Fails where the head is not as it was taken to be, since the column takes no NULL. So what follows
/// can be sent together with it, the end of the transaction too: one round trip.
const SET_HEAD_GUARDED: &str = "UPDATE organizations SET next_sequence = CASE \
    WHEN next_sequence = ?5 AND revision = ?6 AND catalog_revision = ?7 \
    THEN CAST(?2 AS BIGINT) END, \
    revision = revision + ?3, catalog_revision = catalog_revision + ?4 WHERE id = ?1";
const CATALOG_REVISION: &str = "SELECT catalog_revision FROM organizations WHERE id = ?1";
const UPDATE: &str = "UPDATE organizations SET name = ?2, settings = ?3 WHERE id = ?1";
const TAKE_KEY: &str = "UPDATE organizations SET next_key = next_key + 1 WHERE id = ?1";
const LAST_KEY: &str = "SELECT next_key - 1 FROM organizations WHERE id = ?1";

fn decode(row: &Row<'_>) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: OrganizationId::from_uuid(row.uuid(0)?),
        slug: row.text(1)?,
        name: row.text(2)?,
        settings: row.json(3, "settings")?,
        next_sequence: u64::try_from(row.int(4)?).unwrap_or(1),
        created_at: row.time(5)?,
    })
}

/// The organization of that id.
pub fn find(db: &mut Connection, id: OrganizationId) -> Result<Option<Organization>, StoreError> {
    db.read_one(COLUMNS_BY_ID, &[id.into()], decode)
}

/// The organization of that slug.
pub fn find_by_slug(db: &mut Connection, slug: &str) -> Result<Option<Organization>, StoreError> {
    db.read_one(COLUMNS_BY_SLUG, &[slug.into()], decode)
}

/// How often an organization's nouns were changed; 0 if there is no such organization.
pub fn catalog_revision(db: &mut Connection, id: OrganizationId) -> Result<i64, StoreError> {
    Ok(db.read_one(CATALOG_REVISION, &[id.into()], |row| row.int(0))?.unwrap_or(0))
}

/// Every organization, by slug.
pub fn all(db: &mut Connection) -> Result<Vec<Organization>, StoreError> {
    db.read(ALL, &[], decode)
}

/// How far an organization has come.
pub(crate) struct Position {
    pub organization: OrganizationId,
    /// As [`Revisions::rows`].
    pub revision: i64,
    /// Events in its log, those that were forgotten as well.
    pub events: u64,
}

/// How far every organization has come, whatever its other columns are by now.
pub(crate) fn positions(db: &mut Connection) -> Result<Vec<Position>, StoreError> {
    db.read(POSITIONS, &[], |row| {
        let organization = OrganizationId::from_uuid(row.uuid(0)?);
        let events = sequence_of(row.int(2)?).saturating_sub(1);
        Ok(Position { organization, revision: row.int(1)?, events })
    })
}

/// The id of every organization, whatever its other columns are by now.
pub(crate) fn ids(db: &mut Connection) -> Result<Vec<OrganizationId>, StoreError> {
    db.read(IDS, &[], |row| row.uuid(0).map(OrganizationId::from_uuid))
}

/// Adds an organization; false if there is one of that slug.
pub fn insert(db: &mut Connection, organization: &Organization) -> Result<bool, StoreError> {
    let Organization { id, slug, name, settings, next_sequence, created_at } = organization;
    let row = [
        (*id).into(),
        slug.into(),
        name.into(),
        to_json(settings, "settings")?.into(),
        i64::try_from(*next_sequence).unwrap_or(i64::MAX).into(),
        (*created_at).into(),
    ];
    Ok(db.write_many(INSERT, [row])? > 0)
}

/// The number of the last event of each organization that there is, in one round trip.
pub fn last_sequences(
    db: &mut Connection,
    ids: &[OrganizationId],
) -> Result<HashMap<OrganizationId, u64>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    db.read_many(NEXT_SEQUENCE, ids.iter().map(|id| [Value::from(*id)]), |row| {
        let next = sequence_of(row.int(1)?);
        found.insert(OrganizationId::from_uuid(row.uuid(0)?), next.saturating_sub(1));
        Ok(())
    })?;
    Ok(found)
}

/// Has other nodes' changes of an organization wait until the transaction ends, where there are other
/// nodes: for what is judged by several rows, such as who is its last admin.
pub fn lock(db: &mut Connection, id: OrganizationId) -> Result<(), StoreError> {
    if db.is_shared() {
        db.read_together(&[heads_to_lock(&[id])], |_, _| Ok(()))?;
    }
    Ok(())
}

/// What locks the heads of organizations until the transaction ends, in the order in which they come:
/// everybody must take the same one. For [`decode_head`].
pub(crate) fn heads_to_lock(ids: &[OrganizationId]) -> Reading<'static> {
    let keys = ids.iter().map(|id| vec![Value::from(*id)]).collect();
    Reading { sql: LOCK_HEAD, keys, is_in_turn: true }
}

/// Reads what [`heads_to_lock`] finds.
pub(crate) fn decode_head(row: &Row<'_>) -> Result<Head, StoreError> {
    let revisions = Revisions { rows: row.int(6)?, catalog: row.int(7)? };
    Ok(Head { organization: decode(row)?, revisions })
}

/// Drafts the move of the head of the log, which raises its revisions.
pub(crate) fn set_head(
    draft: &mut Drafting<'_>,
    organization: &Organization,
    raised: Revisions,
) -> Result<(), StoreError> {
    let next = to_i64(organization.next_sequence);
    let row = [organization.id.into(), next.into(), raised.rows.into(), raised.catalog.into()];
    draft.write(SET_HEAD, [row])
}

/// The same if the head is still as it was taken to be; else it, and the transaction, fails with
/// [`StoreError::Overtaken`]. It holds the head until the transaction ends.
pub(crate) fn set_head_guarded(
    draft: &mut Drafting<'_>,
    organization: &Organization,
    raised: Revisions,
    guard: &Guard,
) -> Result<(), StoreError> {
    let row = [
        organization.id.into(),
        to_i64(organization.next_sequence).into(),
        raised.rows.into(),
        raised.catalog.into(),
        to_i64(guard.next_sequence).into(),
        guard.revisions.rows.into(),
        guard.revisions.catalog.into(),
    ];
    draft.write(SET_HEAD_GUARDED, [row])
}

/// Drafts a change of name and settings.
pub(crate) fn update(
    draft: &mut Drafting<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    let settings = to_json(&organization.settings, "settings")?;
    let row = [organization.id.into(), (&organization.name).into(), settings.into()];
    draft.write(UPDATE, [row])
}

/// Takes the next number for an API key, from 1.
pub fn take_key_number(db: &mut Connection, id: OrganizationId) -> Result<i64, StoreError> {
    db.write_many(TAKE_KEY, [[id.into()]])?;
    Ok(db.read_one(LAST_KEY, &[id.into()], |row| row.int(0))?.unwrap_or(1))
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    COLUMNS_BY_ID,
    COLUMNS_BY_SLUG,
    ALL,
    IDS,
    POSITIONS,
    INSERT,
    NEXT_SEQUENCE,
    LOCK_HEAD,
    CATALOG_REVISION,
    SET_HEAD,
    SET_HEAD_GUARDED,
    UPDATE,
    TAKE_KEY,
    LAST_KEY,
];
