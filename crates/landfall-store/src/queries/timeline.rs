//! Walking the history of deployments in either direction, for filters that no index knows.
//!
//! A walk brings only what filters look at, in chunks, so that who walks decides when it is enough.

use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId};
use uuid::Uuid;

use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To what is older.
    Back,
    /// To what is newer.
    Forth,
}

/// One chunk of a walk.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// Which way.
    pub direction: Direction,
    /// From this deployment on, which is left out.
    pub from: Uuid,
    /// Only what was deployed of this application.
    pub application: Option<ApplicationId>,
    /// Only what was deployed there; an application is looked for before an environment.
    pub environment: Option<EnvironmentId>,
    /// At most so many.
    pub limit: i64,
}

/// What filters look at.
#[derive(Debug)]
pub struct Passed<'a> {
    /// The deployment.
    pub id: Uuid,
    /// What was deployed.
    pub application: ApplicationId,
    /// Where to.
    pub environment: EnvironmentId,
    /// How far it came.
    pub status: &'a str,
    /// A [`landfall_domain::run::Run`] as JSON.
    pub reports: &'a str,
}

macro_rules! walk {
    ($where:literal, $past:literal, $order:literal) => {
        concat!(
            "SELECT id, application_id, environment_id, status, reports FROM deployments ",
            "WHERE organization_id = ?1",
            $where,
            $past,
            " ORDER BY id",
            $order,
            " LIMIT ?3"
        )
    };
}

const BACK: &str = walk!("", " AND id < ?2", " DESC");
const FORTH: &str = walk!("", " AND id > ?2", "");
const BACK_OF_APPLICATION: &str = walk!(" AND application_id = ?4", " AND id < ?2", " DESC");
const FORTH_OF_APPLICATION: &str = walk!(" AND application_id = ?4", " AND id > ?2", "");
const BACK_OF_ENVIRONMENT: &str = walk!(" AND environment_id = ?4", " AND id < ?2", " DESC");
const FORTH_OF_ENVIRONMENT: &str = walk!(" AND environment_id = ?4", " AND id > ?2", "");

/// Walks one chunk; says how many deployments it passed.
pub fn walk(
    db: &mut Connection,
    organization: OrganizationId,
    chunk: Chunk,
    mut each: impl FnMut(&Passed<'_>) -> Result<(), StoreError>,
) -> Result<i64, StoreError> {
    let Chunk { direction, from, application, environment, limit } = chunk;
    let (back, forth, narrowed) = match (application, environment) {
        (Some(id), _) => (BACK_OF_APPLICATION, FORTH_OF_APPLICATION, Some(id.uuid())),
        (None, Some(id)) => (BACK_OF_ENVIRONMENT, FORTH_OF_ENVIRONMENT, Some(id.uuid())),
        (None, None) => (BACK, FORTH, None),
    };
    let sql = if direction == Direction::Back { back } else { forth };
    let mut values: Vec<Value<'_>> = vec![organization.into(), from.into(), limit.into()];
    values.extend(narrowed.map(Value::from));
    let mut passed = 0;
    db.read_many(sql, [&values], |row| {
        passed += 1;
        each(&decode(row)?)
    })?;
    Ok(passed)
}

fn decode<'a>(row: &'a Row<'_>) -> Result<Passed<'a>, StoreError> {
    Ok(Passed {
        id: row.uuid(0)?,
        application: ApplicationId::from_uuid(row.uuid(1)?),
        environment: EnvironmentId::from_uuid(row.uuid(2)?),
        status: row.str(3)?,
        reports: row.str(4)?,
    })
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    BACK,
    FORTH,
    BACK_OF_APPLICATION,
    FORTH_OF_APPLICATION,
    BACK_OF_ENVIRONMENT,
    FORTH_OF_ENVIRONMENT,
];
