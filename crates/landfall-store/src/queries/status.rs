//! The matrix: cells as they are, copied without parsing.

use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId};
use landfall_domain::time::Timestamp;

use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

/// A cell as it is stored; `shown` is JSON, ready to be copied into an answer.
#[derive(Debug)]
pub struct ShownCell<'a> {
    /// What runs.
    pub application: ApplicationId,
    /// Where.
    pub environment: EnvironmentId,
    /// In which part of it.
    pub target: &'a str,
    /// A [`landfall_domain::view::CellView`].
    pub shown: &'a str,
    /// When something was last heard of the deployment in progress.
    pub open_news_at: Option<Timestamp>,
    /// When something was last reported here.
    pub reported_at: Timestamp,
}

const ALL: &str = "SELECT application_id, environment_id, target, shown, open_news_at, \
    reported_at FROM cells WHERE organization_id = ?1 AND retired_at IS NULL \
    ORDER BY application_id, environment_id, target";
const OF_APPLICATION: &str = "SELECT application_id, environment_id, target, shown, \
    open_news_at, reported_at FROM cells WHERE organization_id = ?1 AND application_id = ?2 \
    AND retired_at IS NULL ORDER BY environment_id, target";
const OF_ENVIRONMENT: &str = "SELECT application_id, environment_id, target, shown, \
    open_news_at, reported_at FROM cells WHERE organization_id = ?1 AND environment_id = ?2 \
    AND retired_at IS NULL ORDER BY application_id, target";
const LAST_REPORTS: &str = "SELECT environment_id, MAX(reported_at) FROM cells \
    WHERE organization_id = ?1 GROUP BY environment_id";

fn decode<'a>(row: &'a Row<'_>) -> Result<ShownCell<'a>, StoreError> {
    Ok(ShownCell {
        application: ApplicationId::from_uuid(row.uuid(0)?),
        environment: EnvironmentId::from_uuid(row.uuid(1)?),
        target: row.str(2)?,
        shown: row.str(3)?,
        open_news_at: row.time_or_null(4)?,
        reported_at: row.time(5)?,
    })
}

/// Every cell of an organization, application by application.
pub fn all(
    db: &mut Connection,
    organization: OrganizationId,
    mut each: impl FnMut(ShownCell<'_>),
) -> Result<(), StoreError> {
    db.read_many(ALL, [[Value::from(organization)]], |row| {
        each(decode(row)?);
        Ok(())
    })
}

/// The cells of some applications.
pub fn of_applications(
    db: &mut Connection,
    organization: OrganizationId,
    applications: &[ApplicationId],
    mut each: impl FnMut(ShownCell<'_>),
) -> Result<(), StoreError> {
    let keys = applications.iter().map(|id| [Value::from(organization), (*id).into()]);
    db.read_many(OF_APPLICATION, keys, |row| {
        each(decode(row)?);
        Ok(())
    })
}

/// The cells of some environments.
pub fn of_environments(
    db: &mut Connection,
    organization: OrganizationId,
    environments: &[EnvironmentId],
    mut each: impl FnMut(ShownCell<'_>),
) -> Result<(), StoreError> {
    let keys = environments.iter().map(|id| [Value::from(organization), (*id).into()]);
    db.read_many(OF_ENVIRONMENT, keys, |row| {
        each(decode(row)?);
        Ok(())
    })
}

/// When something was last reported to each environment.
pub fn last_reports(
    db: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<(EnvironmentId, Timestamp)>, StoreError> {
    db.read(LAST_REPORTS, &[organization.into()], |row| {
        Ok((EnvironmentId::from_uuid(row.uuid(0)?), row.time(1)?))
    })
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[ALL, OF_APPLICATION, OF_ENVIRONMENT, LAST_REPORTS];
