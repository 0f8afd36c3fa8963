//! Versions, by application and by commit.

use landfall_domain::id::{ApplicationId, OrganizationId, VersionId};
use landfall_domain::version::Version;

use super::Page;
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;
use crate::rows::version::decode_at;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, application_id, name, commit_sha, is_pinned, created_at, open_builds ",
            "FROM versions WHERE organization_id = ?1 AND ",
            $rest
        )
    };
}

const ALL: &str = select!("id < ?2 ORDER BY id DESC LIMIT ?3");
const OF_APPLICATION: &str = select!("application_id = ?4 AND id < ?2 ORDER BY id DESC LIMIT ?3");
const NAMED: &str = select!("application_id = ?2 AND name = ?3");
/// A commit may be asked for by the beginning of its name.
const OF_COMMIT: &str =
    select!("id < ?2 AND commit_sha >= ?4 AND commit_sha < ?5 ORDER BY id DESC LIMIT ?3");

fn decode(row: &Row<'_>) -> Result<Version, StoreError> {
    decode_at(row, 0)
}

/// A page of versions, newest first.
pub fn list(
    db: &mut Connection,
    organization: OrganizationId,
    application: Option<ApplicationId>,
    page: Page,
) -> Result<Vec<Version>, StoreError> {
    let mut values: Vec<Value<'_>> =
        vec![organization.into(), page.before.into(), page.limit.into()];
    values.extend(application.map(Value::from));
    db.read(if application.is_some() { OF_APPLICATION } else { ALL }, &values, decode)
}

/// The version of that name.
pub fn find_named(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    name: &str,
) -> Result<Option<Version>, StoreError> {
    db.read_one(NAMED, &[organization.into(), application.into(), name.into()], decode)
}

/// A page of the versions whose commit begins with `sha`, newest first.
pub fn of_commit(
    db: &mut Connection,
    organization: OrganizationId,
    sha: &str,
    page: Page,
) -> Result<Vec<Version>, StoreError> {
    let sha = sha.to_ascii_lowercase();
    // No commit's name holds a character after `~`, so this is the end of what begins with `sha`.
    let end = format!("{sha}~");
    let values =
        [organization.into(), page.before.into(), page.limit.into(), (&sha).into(), (&end).into()];
    db.read(OF_COMMIT, &values, decode)
}

const COUNT_BETWEEN: &str = "SELECT COUNT(*) FROM versions WHERE organization_id = ?1 \
    AND id > ?2 AND id <= ?3 AND application_id = ?4";

/// How many versions of an application are newer than one and not newer than another.
pub fn count_between(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    older: VersionId,
    newer: VersionId,
) -> Result<u64, StoreError> {
    let values = [organization.into(), older.into(), newer.into(), application.into()];
    let count = db.read_one(COUNT_BETWEEN, &values, |row| row.int(0))?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}
