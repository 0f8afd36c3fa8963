//! Histories of builds.

use landfall_domain::id::{ApplicationId, BuildId, OrganizationId, VersionId};
use landfall_domain::status::Status;
use landfall_domain::view::{BuildView, Named, RunView};

use super::Page;
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;
use crate::rows::{build, version};

/// Which builds are asked for; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this application.
    pub application: Option<ApplicationId>,
    /// Of this version, which needs its application.
    pub version: Option<VersionId>,
    /// In this status.
    pub status: Option<Status>,
}

macro_rules! select {
    ($where:literal, $rest:literal) => {
        concat!(
            "SELECT b.id, b.application_id, b.version_id, b.source_id, b.invoke_id, b.reports, ",
            "v.id, v.application_id, v.name, v.commit_sha, v.is_pinned, v.created_at, '[]', ",
            "p.id, p.name, a.name FROM builds b ",
            "JOIN versions v ON v.organization_id = b.organization_id AND v.id = b.version_id ",
            "JOIN applications a ",
            "ON a.organization_id = b.organization_id AND a.id = b.application_id ",
            "JOIN projects p ON p.organization_id = a.organization_id AND p.id = a.project_id ",
            "WHERE b.organization_id = ?1 AND ",
            $where,
            $rest
        )
    };
}

macro_rules! history {
    ($where:literal) => {
        select!($where, " AND b.id < ?2 AND (?4 = '' OR b.status = ?4) ORDER BY b.id DESC LIMIT ?3")
    };
}

const ONE: &str = select!("b.id = ?2", "");
const ALL: &str = history!("TRUE");
const OF_APPLICATION: &str = history!("b.application_id = ?5");
const OF_VERSION: &str = history!("b.application_id = ?5 AND b.version_id = ?6");

fn decode(row: &Row<'_>) -> Result<BuildView, StoreError> {
    let found = build::decode(row)?;
    let version = version::decode_at(row, 6)?;
    Ok(BuildView {
        run: RunView::of(found.id.uuid(), &found.key, &found.run, &version).into(),
        project: Named { id: row.uuid(13)?, name: row.text(14)? },
        application: Named { id: found.application.uuid(), name: row.text(15)? },
        version: (&version).into(),
    })
}

/// The build of that id.
pub fn find(
    db: &mut Connection,
    organization: OrganizationId,
    id: BuildId,
) -> Result<Option<BuildView>, StoreError> {
    db.read_one(ONE, &[organization.into(), id.into()], decode)
}

/// A page of history, newest first.
pub fn list(
    db: &mut Connection,
    organization: OrganizationId,
    filter: &Filter,
    page: Page,
) -> Result<Vec<BuildView>, StoreError> {
    let Filter { application, version, status } = filter;
    let mut values: Vec<Value<'_>> = vec![
        organization.into(),
        page.before.into(),
        page.limit.into(),
        status.map_or("", Status::as_str).into(),
    ];
    let sql = match (application, version) {
        (None, _) => ALL,
        (Some(_), None) => OF_APPLICATION,
        (Some(_), Some(_)) => OF_VERSION,
    };
    values.extend(application.map(Value::from));
    values.extend(version.filter(|_| application.is_some()).map(Value::from));
    db.read(sql, &values, decode)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[ONE, ALL, OF_APPLICATION, OF_VERSION];
