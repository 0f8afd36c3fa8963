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

const BETWEEN: &str =
    select!("id > ?2 AND id <= ?3 AND application_id = ?4 ORDER BY id DESC LIMIT ?5");

/// The versions of an application that are newer than one and not newer than another, newest first.
pub fn between(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    (older, newer): (VersionId, VersionId),
    limit: i64,
) -> Result<Vec<Version>, StoreError> {
    let values =
        [organization.into(), older.into(), newer.into(), application.into(), limit.into()];
    db.read(BETWEEN, &values, decode)
}

/// A version is known by its builds and deployments, so the newest ones of an application are among
/// those of its last runs; each of these is found by an index.
const NEWEST: &str = select!(
    "id IN (SELECT version_id FROM (SELECT version_id FROM deployments \
     WHERE organization_id = ?1 AND application_id = ?2 ORDER BY id DESC LIMIT ?4) AS deployed \
     UNION SELECT version_id FROM (SELECT version_id FROM builds \
     WHERE organization_id = ?1 AND application_id = ?2 ORDER BY id DESC LIMIT ?4) AS built) \
     ORDER BY id DESC LIMIT ?3"
);
/// Runs that are looked at for each version that is wanted.
const RUNS_PER_VERSION: i64 = 10;

/// The versions that the last runs of an application were of, newest first.
pub fn newest(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    limit: i64,
) -> Result<Vec<Version>, StoreError> {
    let runs = limit.saturating_mul(RUNS_PER_VERSION);
    db.read(NEWEST, &[organization.into(), application.into(), limit.into(), runs.into()], decode)
}

const NAMED_LIKE: &str =
    select!("application_id = ?2 AND name >= ?3 AND name < ?4 ORDER BY name DESC LIMIT ?5");

/// Versions whose name begins with a text, at most `limit` of each application.
pub fn named_like(
    db: &mut Connection,
    organization: OrganizationId,
    applications: &[ApplicationId],
    (beginning, limit): (&str, i64),
) -> Result<Vec<Version>, StoreError> {
    let end = format!("{beginning}\u{10ffff}");
    let keys = applications.iter().map(|application| {
        [organization.into(), (*application).into(), beginning.into(), (&end).into(), limit.into()]
    });
    let mut found = Vec::new();
    db.read_many(NAMED_LIKE, keys, |row| {
        found.push(decode(row)?);
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[ALL, OF_APPLICATION, NAMED, OF_COMMIT, COUNT_BETWEEN, BETWEEN, NEWEST, NAMED_LIKE];
