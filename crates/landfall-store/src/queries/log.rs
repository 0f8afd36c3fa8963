//! Leafing through the log in both directions, all of it or the events of one type.
//!
//! Events are found by their numbers. Those of a type are picked out of a stretch of numbers, which
//! the caller bounds: a rare type in a long log then takes several looks, and none takes long.

use landfall_domain::id::OrganizationId;

use crate::driver::{Connection, Value};
use crate::error::StoreError;
use crate::rows::event::{StoredEvent, decode};
use crate::rows::to_i64;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT sequence, type, at, recorded_at, data FROM events ",
            "WHERE organization_id = ?1 AND sequence >= ?2 AND sequence < ?3 ",
            $rest
        )
    };
}

const OLDER: &str = select!("ORDER BY sequence DESC LIMIT ?4");
const OLDER_OF_TYPE: &str = select!("AND type = ?5 ORDER BY sequence DESC LIMIT ?4");
const NEWER: &str = select!("ORDER BY sequence LIMIT ?4");
const NEWER_OF_TYPE: &str = select!("AND type = ?5 ORDER BY sequence LIMIT ?4");

/// A stretch of the log, and what is wanted of it.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// Its first number.
    pub from: u64,
    /// The number after its last.
    pub until: u64,
    /// Only events of this type.
    pub kind: Option<&'a str>,
    /// At most so many.
    pub limit: i64,
}

/// The last events of a stretch, newest first.
pub fn older(
    db: &mut Connection,
    organization: OrganizationId,
    stretch: Stretch<'_>,
) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = if stretch.kind.is_some() { OLDER_OF_TYPE } else { OLDER };
    db.read(sql, &values(organization, stretch), decode)
}

/// The first events of a stretch, oldest first.
pub fn newer(
    db: &mut Connection,
    organization: OrganizationId,
    stretch: Stretch<'_>,
) -> Result<Vec<StoredEvent>, StoreError> {
    let sql = if stretch.kind.is_some() { NEWER_OF_TYPE } else { NEWER };
    db.read(sql, &values(organization, stretch), decode)
}

fn values(organization: OrganizationId, stretch: Stretch<'_>) -> Vec<Value<'_>> {
    let Stretch { from, until, kind, limit } = stretch;
    let mut values: Vec<Value<'_>> =
        vec![organization.into(), to_i64(from).into(), to_i64(until).into(), limit.into()];
    values.extend(kind.map(Value::from));
    values
}
