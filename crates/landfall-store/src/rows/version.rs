//! Versions.

use landfall_domain::changes::Changed;
use landfall_domain::id::{ApplicationId, OrganizationId, VersionId};
use landfall_domain::sha::CommitSha;
use landfall_domain::text::VersionName;
use landfall_domain::version::Version;

use super::to_json;
use crate::driver::{Connection, Drafting, Reading, Row, Value};
use crate::error::StoreError;

const BY_NAME: &str = "SELECT id, application_id, name, commit_sha, is_pinned, created_at, \
    open_builds FROM versions WHERE organization_id = ?1 AND application_id = ?2 AND name = ?3";
const BY_ID: &str = "SELECT id, application_id, name, commit_sha, is_pinned, created_at, \
    open_builds FROM versions WHERE organization_id = ?1 AND id = ?2";
const PUT: &str = "INSERT INTO versions (organization_id, id, application_id, name, commit_sha, \
    is_pinned, created_at, open_builds) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    ON CONFLICT (organization_id, id) DO UPDATE SET commit_sha = excluded.commit_sha, \
    is_pinned = excluded.is_pinned, created_at = excluded.created_at, \
    open_builds = excluded.open_builds";

pub(crate) fn decode(row: &Row<'_>) -> Result<Version, StoreError> {
    decode_at(row, 0)
}

/// Reads `id, application_id, name, commit_sha, is_pinned, created_at, open_builds` from a column
/// on.
pub(crate) fn decode_at(row: &Row<'_>, column: usize) -> Result<Version, StoreError> {
    let corrupt = |error| StoreError::corrupt("version", error);
    let commit_sha = row.text_or_null(column + 3)?.map(|sha| CommitSha::parse(&sha));
    Ok(Version {
        id: VersionId::from_uuid(row.uuid(column)?),
        application: ApplicationId::from_uuid(row.uuid(column + 1)?),
        name: VersionName::parse(row.str(column + 2)?).map_err(corrupt)?,
        commit_sha: commit_sha.transpose().map_err(corrupt)?,
        is_pinned: row.truth(column + 4)?,
        created_at: row.time(column + 5)?,
        open_builds: match row.str(column + 6)? {
            "[]" => Vec::new(),
            _ => row.json(column + 6, "open builds")?,
        },
    })
}

/// What reads the versions of those names, for [`decode`].
pub(crate) fn named<'k>(
    organization: OrganizationId,
    names: &[(ApplicationId, &'k str)],
) -> Reading<'k> {
    let keys = names.iter();
    let keys = keys.map(|(application, name)| {
        [organization.into(), (*application).into(), Value::from(*name)]
    });
    Reading::of(BY_NAME, keys)
}

/// The version of that id.
pub fn find(
    db: &mut Connection,
    organization: OrganizationId,
    id: VersionId,
) -> Result<Option<Version>, StoreError> {
    db.read_one(BY_ID, &[organization.into(), id.into()], decode)
}

/// Drafts the rows of versions.
pub(crate) fn save(
    draft: &mut Drafting<'_>,
    organization: OrganizationId,
    versions: &Changed<VersionId, Version>,
) -> Result<(), StoreError> {
    let rows = versions.iter().map(|(_, version)| row(organization, version));
    draft.write(PUT, rows.collect::<Result<Vec<_>, _>>()?)
}

fn row(organization: OrganizationId, version: &Version) -> Result<[Value<'_>; 8], StoreError> {
    let Version { id, application, name, commit_sha, is_pinned, created_at, open_builds } = version;
    Ok([
        organization.into(),
        (*id).into(),
        (*application).into(),
        name.as_str().into(),
        commit_sha.as_ref().map(CommitSha::as_str).into(),
        (*is_pinned).into(),
        (*created_at).into(),
        to_json(open_builds, "open builds")?.into(),
    ])
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[BY_NAME, BY_ID, PUT];
