//! Events: the log.

use std::sync::Arc;

use landfall_domain::event::Event;
use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;

use super::to_json;
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO events (organization_id, sequence, type, at, recorded_at, data) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const AFTER: &str = "SELECT sequence, type, at, recorded_at, data FROM events \
    WHERE organization_id = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
const FIRST: &str = "SELECT sequence FROM events WHERE organization_id = ?1 \
    ORDER BY sequence LIMIT 1";
const LAST: &str = "SELECT sequence FROM events WHERE organization_id = ?1 \
    ORDER BY sequence DESC LIMIT 1";
const RECORDED: &str = "SELECT recorded_at FROM events WHERE organization_id = ?1 \
    AND sequence = ?2";
const PRUNE: &str = "DELETE FROM events WHERE organization_id = ?1 AND sequence <= ?2 \
    AND recorded_at < ?3";

/// An event as it is stored; `data` is ready to be copied into an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number in the organization.
    pub sequence: u64,
    /// Its type, such as `deployment.completed`.
    pub kind: Arc<str>,
    /// When it happened.
    pub at: Timestamp,
    /// When Landfall heard of it.
    pub recorded_at: Timestamp,
    /// Everything it says, as JSON.
    pub data: Arc<str>,
}

impl StoredEvent {
    pub(crate) fn of(event: &Event) -> Result<Self, StoreError> {
        let Event { sequence, kind, at, recorded_at, data } = event;
        Ok(Self {
            sequence: *sequence,
            kind: kind.to_string().into(),
            at: *at,
            recorded_at: *recorded_at,
            data: to_json(data, "event")?.into(),
        })
    }
}

pub(crate) fn decode(row: &Row<'_>) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        sequence: u64::try_from(row.int(0)?).unwrap_or(0),
        kind: row.str(1)?.into(),
        at: row.time(2)?,
        recorded_at: row.time(3)?,
        data: row.str(4)?.into(),
    })
}

/// The events after a number, in order, at most `limit`.
pub fn after(
    db: &mut Connection,
    organization: OrganizationId,
    sequence: u64,
    limit: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
    db.read(AFTER, &[organization.into(), sequence.into(), limit.into()], decode)
}

/// The number of the first event that is still kept.
pub fn first(db: &mut Connection, organization: OrganizationId) -> Result<Option<u64>, StoreError> {
    let first = db.read_one(FIRST, &[organization.into()], |row| row.int(0))?;
    Ok(first.and_then(|first| u64::try_from(first).ok()))
}

/// The number of the first event that was recorded at `at` or later; one after the last event if
/// there is none, and 1 if there are no events.
///
/// Numbers grow with the time of recording, so halving the log again and again finds it.
pub fn first_since(
    db: &mut Connection,
    organization: OrganizationId,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let Some(mut low) = first(db, organization)? else { return Ok(1) };
    let last = db.read_one(LAST, &[organization.into()], |row| row.int(0))?;
    let mut high = last.map_or(low, |last| super::sequence_of(last) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let place = super::to_i64(middle).into();
        let found = db.read_one(RECORDED, &[organization.into(), place], |row| row.time(0))?;
        // One that is gone was pruned meanwhile, and was older than all that are kept.
        if found.is_none_or(|recorded_at| recorded_at < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// Appends events.
pub(crate) fn append(
    db: &mut Connection,
    organization: OrganizationId,
    events: &[StoredEvent],
) -> Result<(), StoreError> {
    let rows = events.iter().map(|event| {
        [
            Value::from(organization),
            i64::try_from(event.sequence).unwrap_or(i64::MAX).into(),
            (&*event.kind).into(),
            event.at.into(),
            event.recorded_at.into(),
            (&*event.data).into(),
        ]
    });
    db.write_many(INSERT, rows).map(|_| ())
}

/// Removes at most `count` of the first events, those recorded before `before`; says how many went.
pub fn prune(
    db: &mut Connection,
    organization: OrganizationId,
    before: Timestamp,
    count: u64,
) -> Result<u64, StoreError> {
    let Some(first) = first(db, organization)? else { return Ok(0) };
    let last = i64::try_from(first.saturating_add(count) - 1).unwrap_or(i64::MAX);
    db.write_many(PRUNE, [[Value::from(organization), last.into(), before.into()]])
}
