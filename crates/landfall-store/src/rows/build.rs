//! Builds: one row each, with all their reports.

use landfall_domain::build::Build;
use landfall_domain::changes::Changed;
use landfall_domain::id::{ApplicationId, BuildId, OrganizationId, VersionId};
use landfall_domain::identity::{Identity, RunKey};

use super::to_json;
use crate::driver::{Connection, Drafting, Reading, Row, Value};
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
const IDENTITIES_OPEN: &str = "SELECT identity FROM builds WHERE organization_id = ?1 \
    AND identity > ?2 AND ended_at IS NULL ORDER BY identity LIMIT ?3";
const IDENTITIES_ENDED: &str = "SELECT identity FROM builds WHERE organization_id = ?1 \
    AND identity > ?2 AND ended_at IS NOT NULL ORDER BY identity LIMIT ?3";
/// What finds the identity of every build after one, each by an index that holds it.
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

/// What reads the builds of those ids, for [`decode`].
pub(crate) fn by_ids<'k>(organization: OrganizationId, ids: &[BuildId]) -> Reading<'k> {
    Reading::of(BY_ID, ids.iter().map(|id| [organization.into(), (*id).into()]))
}

/// What reads the newest open and the newest ended build of each identity, for [`decode`].
pub(crate) fn newest(organization: OrganizationId, identities: &[Identity]) -> [Reading<'_>; 2] {
    [NEWEST_OPEN, NEWEST_ENDED].map(|sql| super::of_identities(sql, organization, identities))
}

/// What reads the builds of each identity that end at or first after a time, in microseconds, for
/// [`decode`].
pub(crate) fn ending_after(
    organization: OrganizationId,
    identities: &[(Identity, i64)],
) -> Reading<'_> {
    super::ending_after(ENDING_AFTER, organization, identities)
}

/// Drafts the rows of builds.
pub(crate) fn save(
    draft: &mut Drafting<'_>,
    organization: OrganizationId,
    builds: &Changed<BuildId, Build>,
) -> Result<(), StoreError> {
    let identified: Vec<_> = builds.iter().map(|(_, found)| (found, found.identity())).collect();
    let rows = identified.iter().map(|(found, identity)| row(organization, found, identity));
    draft.write(PUT, rows.collect::<Result<Vec<_>, _>>()?)
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
