//! Builds: one row each, with all their reports.

use landfall_domain::build::Build;
use landfall_domain::changes::Changed;
use landfall_domain::id::{ApplicationId, BuildId, OrganizationId, VersionId};
use landfall_domain::identity::{Identity, RunKey};

use super::to_json;
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const BY_ID: &str = "SELECT id, application_id, version_id, source_id, invoke_id, reports \
    FROM builds WHERE organization_id = ?1 AND id = ?2";
const NEWEST_OPEN: &str = "SELECT id, application_id, version_id, source_id, invoke_id, reports \
    FROM builds WHERE organization_id = ?1 AND identity = ?2 AND ended_at IS NULL \
    ORDER BY id DESC LIMIT 1";
const NEWEST_ENDED: &str = "SELECT id, application_id, version_id, source_id, invoke_id, reports \
    FROM builds WHERE organization_id = ?1 AND identity = ?2 AND ended_at IS NOT NULL \
    ORDER BY ended_at DESC LIMIT 1";
/// At most three ends differ at one instant, so four rows hold the first that ends later.
const ENDING_AFTER: &str = "SELECT id, application_id, version_id, source_id, invoke_id, reports \
    FROM builds WHERE organization_id = ?1 AND identity = ?2 AND ended_at >= ?3 \
    ORDER BY ended_at LIMIT 4";
/// In the order of the index that holds them, so that SQLite takes no other.
const IDENTITIES_OPEN: &str = "SELECT identity FROM builds \
    WHERE organization_id = ?1 AND ended_at IS NULL ORDER BY identity";
const IDENTITIES_ENDED: &str =
    "SELECT identity FROM builds WHERE organization_id = ?1 AND ended_at IS NOT NULL";
/// What finds the identity of every build, each by an index that holds it.
pub(crate) const IDENTITIES: [&str; 2] = [IDENTITIES_OPEN, IDENTITIES_ENDED];
const PUT: &str = "INSERT INTO builds (organization_id, id, application_id, version_id, identity, \
    status, ended_at, source_id, invoke_id, reports) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (organization_id, id) \
    DO UPDATE SET identity = excluded.identity, status = excluded.status, \
    ended_at = excluded.ended_at, source_id = excluded.source_id, invoke_id = excluded.invoke_id, \
    reports = excluded.reports";

/// Reads `id, application_id, version_id, source_id, invoke_id, reports`.
pub(crate) fn decode(row: &Row<'_>) -> Result<Build, StoreError> {
    Ok(Build {
        id: BuildId::from_uuid(row.uuid(0)?),
        application: ApplicationId::from_uuid(row.uuid(1)?),
        version: VersionId::from_uuid(row.uuid(2)?),
        key: RunKey { source_id: row.text_or_null(3)?, invoke_id: row.text_or_null(4)? },
        run: row.json(5, "reports")?,
    })
}

/// The build of that id.
pub fn find(
    db: &mut Connection,
    organization: OrganizationId,
    id: BuildId,
) -> Result<Option<Build>, StoreError> {
    db.read_one(BY_ID, &[organization.into(), id.into()], decode)
}

/// The builds of those ids.
pub(crate) fn load_by_id(
    db: &mut Connection,
    organization: OrganizationId,
    ids: &[BuildId],
    mut each: impl FnMut(Build),
) -> Result<(), StoreError> {
    let keys = ids.iter().map(|id| [Value::from(organization), (*id).into()]);
    db.read_many(BY_ID, keys, |row| {
        each(decode(row)?);
        Ok(())
    })
}

/// The newest open and ended builds of each identity, and those that end at or first after a time.
pub(crate) fn load_identities(
    db: &mut Connection,
    organization: OrganizationId,
    newest: &[Identity],
    ending_after: &[(Identity, i64)],
    mut each: impl FnMut(Build),
) -> Result<(), StoreError> {
    for sql in [NEWEST_OPEN, NEWEST_ENDED] {
        let keys = newest.iter().map(|id| [Value::from(organization), id.as_bytes().into()]);
        db.read_many(sql, keys, |row| {
            each(decode(row)?);
            Ok(())
        })?;
    }
    let keys = ending_after
        .iter()
        .map(|(id, at)| [Value::from(organization), id.as_bytes().into(), (*at).into()]);
    db.read_many(ENDING_AFTER, keys, |row| {
        each(decode(row)?);
        Ok(())
    })
}

/// Stores builds.
pub(crate) fn save(
    db: &mut Connection,
    organization: OrganizationId,
    builds: &Changed<BuildId, Build>,
) -> Result<(), StoreError> {
    let identified: Vec<_> = builds.iter().map(|(_, found)| (found, found.identity())).collect();
    let rows = identified.iter().map(|(found, identity)| row(organization, found, identity));
    db.write_later(PUT, rows.collect::<Result<Vec<_>, _>>()?)
}

fn row<'a>(
    organization: OrganizationId,
    build: &'a Build,
    identity: &'a Identity,
) -> Result<[Value<'a>; 10], StoreError> {
    let Build { id, application, version, key, run } = build;
    Ok([
        organization.into(),
        (*id).into(),
        (*application).into(),
        (*version).into(),
        identity.as_bytes().into(),
        run.status().as_str().into(),
        run.ended_at().into(),
        key.source_id.as_ref().into(),
        key.invoke_id.as_ref().into(),
        to_json(run, "reports")?.into(),
    ])
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[BY_ID, NEWEST_OPEN, NEWEST_ENDED, ENDING_AFTER, IDENTITIES_OPEN, IDENTITIES_ENDED, PUT];
