//! Deployments: one row each, with all their reports.

use landfall_domain::changes::Changed;
use landfall_domain::deployment::{Deployment, Place, Voided};
use landfall_domain::id::{ApplicationId, DeploymentId, EnvironmentId, OrganizationId, VersionId};
use landfall_domain::identity::{Identity, RunKey};

use super::to_json;
use crate::driver::{Connection, Drafting, Reading, Row, Value};
use crate::error::StoreError;

const BY_ID: &str = "SELECT id, application_id, environment_id, target, version_id, source_id, \
    invoke_id, reports, voided FROM deployments WHERE organization_id = ?1 AND id = ?2";
/// A voided deployment is passed over, since nothing joins it.
const NEWEST_OPEN: &str = "SELECT id, application_id, environment_id, target, version_id, \
    source_id, invoke_id, reports, voided FROM deployments WHERE organization_id = ?1 \
    AND identity = ?2 AND ended_at IS NULL AND voided IS NULL ORDER BY id DESC LIMIT 1";
/// A voided one too: what comes after it is still ordered after its end.
const NEWEST_ENDED: &str = "SELECT id, application_id, environment_id, target, version_id, \
    source_id, invoke_id, reports, voided FROM deployments WHERE organization_id = ?1 \
    AND identity = ?2 AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1";
/// At most three ends differ at one instant, so four rows hold the first that ends later.
const ENDING_AFTER: &str = "SELECT id, application_id, environment_id, target, version_id, \
    source_id, invoke_id, reports, voided FROM deployments WHERE organization_id = ?1 \
    AND identity = ?2 AND ended_at >= ?3 ORDER BY ended_at LIMIT 4";
const LAST_COMPLETED: &str = "SELECT id, application_id, environment_id, target, version_id, \
    source_id, invoke_id, reports, voided FROM deployments \
    WHERE organization_id = ?1 AND application_id = ?2 AND environment_id = ?3 AND target = ?4 \
    AND completed_at IS NOT NULL AND id <> ?5 ORDER BY completed_at DESC, identity DESC LIMIT 1";
/// Looks through the application, not through its environment, of which SQLite would take the index: what
/// stands in a CASE no index finds, but that of the application tells it.
const LAST_FAILED: &str = "SELECT id, application_id, environment_id, target, version_id, \
    source_id, invoke_id, reports, voided FROM deployments \
    WHERE organization_id = ?1 AND application_id = ?2 \
    AND CASE WHEN environment_id = ?3 THEN TRUE ELSE FALSE END AND target = ?4 \
    AND status = 'failed' AND voided IS NULL AND id <> ?5 \
    ORDER BY ended_at DESC, identity DESC LIMIT 1";
const IDENTITIES_OPEN: &str = "SELECT identity FROM deployments WHERE organization_id = ?1 \
    AND identity > ?2 AND ended_at IS NULL ORDER BY identity LIMIT ?3";
const IDENTITIES_ENDED: &str = "SELECT identity FROM deployments WHERE organization_id = ?1 \
    AND identity > ?2 AND ended_at IS NOT NULL ORDER BY identity LIMIT ?3";
/// What finds the identity of every deployment after one, each by an index that holds it.
pub(crate) const IDENTITIES: [&str; 2] = [IDENTITIES_OPEN, IDENTITIES_ENDED];
const PUT: &str = "INSERT INTO deployments (organization_id, id, application_id, environment_id, \
    target, version_id, identity, status, ended_at, completed_at, source_id, invoke_id, reports, \
    voided) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
    ON CONFLICT (organization_id, id) DO UPDATE SET identity = excluded.identity, \
    status = excluded.status, ended_at = excluded.ended_at, completed_at = excluded.completed_at, \
    source_id = excluded.source_id, invoke_id = excluded.invoke_id, reports = excluded.reports, \
    voided = excluded.voided";

/// Reads `id, application_id, environment_id, target, version_id, source_id, invoke_id, reports,
/// voided`.
pub(crate) fn decode(row: &Row<'_>) -> Result<Deployment, StoreError> {
    let voided = row.text_or_null(8)?.map(|text| serde_json::from_str::<Voided>(&text)).transpose();
    Ok(Deployment {
        id: DeploymentId::from_uuid(row.uuid(0)?),
        place: Place {
            application: ApplicationId::from_uuid(row.uuid(1)?),
            environment: EnvironmentId::from_uuid(row.uuid(2)?),
            target: row.text(3)?,
        },
        version: VersionId::from_uuid(row.uuid(4)?),
        key: RunKey { source_id: row.text_or_null(5)?, invoke_id: row.text_or_null(6)? },
        run: row.json(7, "reports")?,
        voided: voided.map_err(|error| StoreError::corrupt("voiding", error))?,
    })
}

/// The deployment of that id.
pub fn find(
    db: &mut Connection,
    organization: OrganizationId,
    id: DeploymentId,
) -> Result<Option<Deployment>, StoreError> {
    db.read_one(BY_ID, &[organization.into(), id.into()], decode)
}

/// What reads the deployments of those ids, for [`decode`].
pub(crate) fn by_ids<'k>(organization: OrganizationId, ids: &[DeploymentId]) -> Reading<'k> {
    Reading::of(BY_ID, ids.iter().map(|id| [organization.into(), (*id).into()]))
}

/// What reads the newest open and the newest ended deployment of each identity, for [`decode`].
pub(crate) fn newest(organization: OrganizationId, identities: &[Identity]) -> [Reading<'_>; 2] {
    [NEWEST_OPEN, NEWEST_ENDED].map(|sql| super::of_identities(sql, organization, identities))
}

/// What reads the deployments of each identity that end at or first after a time, in microseconds, for
/// [`decode`].
pub(crate) fn ending_after(
    organization: OrganizationId,
    identities: &[(Identity, i64)],
) -> Reading<'_> {
    super::ending_after(ENDING_AFTER, organization, identities)
}

/// The latest completed and the latest failed deployment of a place, other than `except`.
pub(crate) fn find_fallbacks(
    db: &mut Connection,
    organization: OrganizationId,
    place: &Place,
    except: DeploymentId,
) -> Result<[Option<Deployment>; 2], StoreError> {
    let key = [
        organization.into(),
        place.application.into(),
        place.environment.into(),
        (&place.target).into(),
        except.into(),
    ];
    Ok([db.read_one(LAST_COMPLETED, &key, decode)?, db.read_one(LAST_FAILED, &key, decode)?])
}

/// Drafts the rows of deployments.
pub(crate) fn save(
    draft: &mut Drafting<'_>,
    organization: OrganizationId,
    deployments: &Changed<DeploymentId, Deployment>,
) -> Result<(), StoreError> {
    let identified: Vec<_> =
        deployments.iter().map(|(_, found)| (found, found.identity())).collect();
    let rows = identified.iter().map(|(found, identity)| row(organization, found, identity));
    draft.write(PUT, rows.collect::<Result<Vec<_>, _>>()?)
}

fn row<'a>(
    organization: OrganizationId,
    deployment: &'a Deployment,
    identity: &'a Identity,
) -> Result<[Value<'a>; 14], StoreError> {
    let Deployment { id, place, version, key, run, voided } = deployment;
    Ok([
        organization.into(),
        (*id).into(),
        place.application.into(),
        place.environment.into(),
        (&place.target).into(),
        (*version).into(),
        identity.as_bytes().into(),
        run.status().as_str().into(),
        run.ended_at().into(),
        deployment.completed_at().into(),
        key.source_id.as_ref().into(),
        key.invoke_id.as_ref().into(),
        to_json(run, "reports")?.into(),
        voided.as_ref().map(|voided| to_json(voided, "voiding")).transpose()?.into(),
    ])
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    BY_ID,
    NEWEST_OPEN,
    NEWEST_ENDED,
    ENDING_AFTER,
    LAST_COMPLETED,
    LAST_FAILED,
    IDENTITIES_OPEN,
    IDENTITIES_ENDED,
    PUT,
];
