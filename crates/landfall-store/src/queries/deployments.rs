//! Histories of deployments.

use landfall_domain::deployment::Place;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::{ApplicationId, DeploymentId, EnvironmentId, OrganizationId, VersionId};
use landfall_domain::run::Run;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_domain::view::{DeploymentView, EnvironmentRef, Named, RunView};

use super::Page;
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;
use crate::rows::{deployment, version};

/// Which deployments are asked for; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this application.
    pub application: Option<ApplicationId>,
    /// Into this environment.
    pub environment: Option<EnvironmentId>,
    /// Of this version.
    pub version: Option<VersionId>,
    /// In this status.
    pub status: Option<Status>,
    /// Into this target.
    pub target: Option<String>,
}

macro_rules! select {
    ($where:literal, $rest:literal) => {
        concat!(
            "SELECT d.id, d.application_id, d.environment_id, d.target, d.version_id, ",
            "d.source_id, d.invoke_id, d.reports, d.voided, ",
            "v.id, v.application_id, v.name, v.commit_sha, v.is_pinned, v.created_at, '[]', ",
            "p.id, p.name, a.name, e.code, e.name, e.type, e.url ",
            "FROM deployments d ",
            "JOIN versions v ON v.organization_id = d.organization_id AND v.id = d.version_id ",
            "JOIN applications a ",
            "ON a.organization_id = d.organization_id AND a.id = d.application_id ",
            "JOIN projects p ON p.organization_id = a.organization_id AND p.id = a.project_id ",
            "JOIN environments e ",
            "ON e.organization_id = d.organization_id AND e.id = d.environment_id ",
            "WHERE d.organization_id = ?1 AND ",
            $where,
            $rest
        )
    };
}

macro_rules! history {
    ($where:literal) => {
        select!(
            $where,
            " AND d.id < ?2 AND (?4 = '' OR d.status = ?4) AND (?5 = '*' OR d.target = ?5) \
             ORDER BY d.id DESC LIMIT ?3"
        )
    };
}

const ONE: &str = select!("d.id = ?2", "");
const ALL: &str = history!("TRUE");
const OF_APPLICATION: &str = history!("d.application_id = ?6");
const OF_ENVIRONMENT: &str = history!("d.environment_id = ?6");
/// The index of the application tells the environment and the version too, so that only the rows of the page
/// are read. The environment stands there as a range: else SQLite may take the environment's own index, and
/// all applications go to production.
const OF_BOTH: &str = history!("d.application_id = ?6 AND d.environment_id BETWEEN ?7 AND ?7");
const OF_VERSION: &str = history!("d.application_id = ?6 AND d.version_id = ?7");
const OF_VERSION_THERE: &str =
    history!("d.application_id = ?6 AND d.version_id = ?7 AND d.environment_id BETWEEN ?8 AND ?8");

/// The one that was completed last before another in the same place; equal times are told apart by
/// id.
const COMPLETED_BEFORE: &str = select!(
    "d.application_id = ?2 AND d.environment_id = ?3 AND d.target = ?4 \
     AND d.completed_at IS NOT NULL AND d.completed_at <= ?5 \
     AND (d.completed_at < ?5 OR d.id < ?6) AND d.id <> ?6",
    " ORDER BY d.completed_at DESC, d.id DESC LIMIT 1"
);

/// A deployment as clients see it, and the reports that it was made from.
#[derive(Clone, Debug)]
pub struct KnownDeployment {
    /// As clients see it.
    pub view: DeploymentView,
    /// Its reports.
    pub run: Run,
}

fn decode(row: &Row<'_>) -> Result<DeploymentView, StoreError> {
    decode_known(row).map(|known| known.view)
}

fn decode_known(row: &Row<'_>) -> Result<KnownDeployment, StoreError> {
    let found = deployment::decode(row)?;
    let version = version::decode_at(row, 9)?;
    let view = DeploymentView {
        run: RunView::of(found.id.uuid(), &found.key, &found.run, &version)
            .with_voided(found.voided.as_ref())
            .into(),
        project: Named { id: row.uuid(16)?, name: row.text(17)? },
        application: Named { id: found.place.application.uuid(), name: row.text(18)? },
        environment: EnvironmentRef {
            id: found.place.environment.uuid(),
            code: row.text(19)?,
            name: row.text(20)?,
            kind: EnvironmentType::parse(row.str(21)?).unwrap_or(EnvironmentType::Development),
            url: row.text_or_null(22)?,
        },
        target: found.place.target,
        version: (&version).into(),
    };
    Ok(KnownDeployment { view, run: found.run })
}

/// The deployments of those ids with their reports, in the order of the ids.
pub fn known(
    db: &mut Connection,
    organization: OrganizationId,
    ids: &[DeploymentId],
) -> Result<Vec<KnownDeployment>, StoreError> {
    let keys = ids.iter().map(|id| [Value::from(organization), (*id).into()]);
    let mut found = Vec::with_capacity(ids.len());
    db.read_many(ONE, keys, |row| {
        found.push(decode_known(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// What was completed last in a place before a deployment that ended, or was last heard of, `at`.
pub fn completed_before(
    db: &mut Connection,
    organization: OrganizationId,
    place: &Place,
    (id, at): (DeploymentId, Timestamp),
) -> Result<Option<DeploymentView>, StoreError> {
    let key = [
        organization.into(),
        place.application.into(),
        place.environment.into(),
        (&place.target).into(),
        at.into(),
        id.into(),
    ];
    db.read_one(COMPLETED_BEFORE, &key, decode)
}

/// The deployment of that id.
pub fn find(
    db: &mut Connection,
    organization: OrganizationId,
    id: DeploymentId,
) -> Result<Option<DeploymentView>, StoreError> {
    db.read_one(ONE, &[organization.into(), id.into()], decode)
}

/// The id of a deployment begins with its time, so the index over ids is one over time; only it is read.
const COUNT: &str = "SELECT COUNT(*) FROM (SELECT id FROM deployments WHERE organization_id = ?1 \
    AND application_id = ?2 AND id >= ?3 AND id < ?4 LIMIT ?5) AS found";

/// How many deployments of an application began in a time, but at most `count_max`.
pub fn count_between(
    db: &mut Connection,
    organization: OrganizationId,
    application: ApplicationId,
    (since, until): (Timestamp, Timestamp),
    count_max: u32,
) -> Result<u32, StoreError> {
    let (first, end) = (DeploymentId::first_of(since), DeploymentId::first_of(until));
    let values = [
        organization.into(),
        application.into(),
        first.into(),
        end.into(),
        i64::from(count_max).into(),
    ];
    let count = db.read_one(COUNT, &values, |row| row.int(0))?;
    Ok(count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0))
}

/// A page of history, newest first. A version is looked up in its own application only.
pub fn list(
    db: &mut Connection,
    organization: OrganizationId,
    filter: &Filter,
    page: Page,
) -> Result<Vec<DeploymentView>, StoreError> {
    let Filter { application, environment, version, status, target } = filter;
    let mut values: Vec<Value<'_>> = vec![
        organization.into(),
        page.before.into(),
        page.limit.into(),
        status.map_or("", Status::as_str).into(),
        target.as_deref().unwrap_or("*").into(),
    ];
    let sql = match (application, environment, version) {
        (None, None, _) => ALL,
        (Some(_), None, None) => OF_APPLICATION,
        (None, Some(_), _) => OF_ENVIRONMENT,
        (Some(_), Some(_), None) => OF_BOTH,
        (Some(_), None, Some(_)) => OF_VERSION,
        (Some(_), Some(_), Some(_)) => OF_VERSION_THERE,
    };
    values.extend(application.map(Value::from));
    values.extend(version.filter(|_| application.is_some()).map(Value::from));
    values.extend(environment.map(Value::from));
    db.read(sql, &values, decode)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    ONE,
    ALL,
    OF_APPLICATION,
    OF_ENVIRONMENT,
    OF_BOTH,
    OF_VERSION,
    OF_VERSION_THERE,
    COMPLETED_BEFORE,
    COUNT,
];
