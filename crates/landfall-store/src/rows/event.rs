//! Events: the log, kept in blocks.

use std::sync::Arc;

use landfall_domain::event::Event;
use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;

use super::{event_block, sequence_of, to_i64, to_json};
use crate::driver::{Connection, Drafting, Value};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO event_blocks (organization_id, last_sequence, first_sequence, \
    recorded_at, entries) VALUES (?1, ?2, ?3, ?4, ?5)";
/// A block that ends at or after ?4 begins after ?3, see [`event_block::EVENTS_MAX`].
const BETWEEN: &str = "SELECT first_sequence, entries FROM event_blocks \
    WHERE organization_id = ?1 AND last_sequence >= ?2 AND last_sequence < ?4 \
    AND first_sequence < ?3 ORDER BY last_sequence";
const FIRST: &str = "SELECT first_sequence FROM event_blocks WHERE organization_id = ?1 \
    ORDER BY last_sequence LIMIT 1";
const LAST: &str = "SELECT last_sequence FROM event_blocks WHERE organization_id = ?1 \
    ORDER BY last_sequence DESC LIMIT 1";
const BLOCK_OF: &str = "SELECT first_sequence, last_sequence, recorded_at FROM event_blocks \
    WHERE organization_id = ?1 AND last_sequence >= ?2 ORDER BY last_sequence LIMIT 1";
const PRUNE: &str = "DELETE FROM event_blocks WHERE organization_id = ?1 AND last_sequence <= ?2 \
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

/// The events after a number, in order, at most `limit`.
pub fn after(
    db: &mut Connection,
    organization: OrganizationId,
    sequence: u64,
    limit: i64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let Some(first) = first(db, organization)? else { return Ok(Vec::new()) };
    let from = sequence.saturating_add(1).max(first);
    between(db, organization, from, from.saturating_add(sequence_of(limit)))
}

/// The events from a number up to another, without it, in order.
pub(crate) fn between(
    db: &mut Connection,
    organization: OrganizationId,
    from: u64,
    until: u64,
) -> Result<Vec<StoredEvent>, StoreError> {
    let last_until = until.saturating_add(event_block::EVENTS_MAX as u64);
    let [from_number, until_number, last_until] = [from, until, last_until].map(to_i64);
    let key = [organization.into(), from_number.into(), until_number.into(), last_until.into()];
    let mut found = Vec::new();
    db.read_many(BETWEEN, [key], |row| {
        let is_wanted = |sequence| (from..until).contains(&sequence);
        let first = sequence_of(row.int(0)?);
        event_block::unpack(row.bytes(1)?, first, is_wanted, |event| found.push(event))
    })?;
    Ok(found)
}

/// The number of the first event that is still kept.
pub fn first(db: &mut Connection, organization: OrganizationId) -> Result<Option<u64>, StoreError> {
    db.read_one(FIRST, &[organization.into()], |row| row.int(0).map(sequence_of))
}

/// The number of the first event that was recorded at `at` or later; one after the last event if
/// there is none, and 1 if there are no events.
///
/// Numbers grow with the time of recording, so halving the log again and again finds its block.
pub fn first_since(
    db: &mut Connection,
    organization: OrganizationId,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let Some(mut low) = first(db, organization)? else { return Ok(1) };
    let last = db.read_one(LAST, &[organization.into()], |row| row.int(0).map(sequence_of))?;
    let end = last.map_or(low, |last| last + 1);
    let mut high = end;
    while low < high {
        let middle = low + (high - low) / 2;
        match block_of(db, organization, middle)? {
            Some(block) if block.recorded_at >= at => high = block.first.clamp(low, middle),
            Some(block) => low = block.last.saturating_add(1),
            None => low = high,
        }
    }
    let block = between(db, organization, low, end.min(low + event_block::EVENTS_MAX as u64))?;
    let since = block.iter().find(|event| event.recorded_at >= at);
    Ok(since.map_or(end, |event| event.sequence))
}

/// Where a block lies, and when its last event was recorded.
struct Block {
    first: u64,
    last: u64,
    recorded_at: Timestamp,
}

/// The block that holds an event, or the first one after it.
fn block_of(
    db: &mut Connection,
    organization: OrganizationId,
    sequence: u64,
) -> Result<Option<Block>, StoreError> {
    db.read_one(BLOCK_OF, &[organization.into(), to_i64(sequence).into()], |row| {
        Ok(Block {
            first: sequence_of(row.int(0)?),
            last: sequence_of(row.int(1)?),
            recorded_at: row.time(2)?,
        })
    })
}

/// Drafts the blocks of events that are appended.
pub(crate) fn append(
    draft: &mut Drafting<'_>,
    organization: OrganizationId,
    events: &[StoredEvent],
) -> Result<(), StoreError> {
    let blocks = event_block::cut(events);
    let packed: Vec<Vec<u8>> = blocks.iter().map(|block| event_block::pack(block)).collect();
    let rows = blocks.iter().zip(&packed).filter_map(|(block, packed)| {
        let (first, last) = (block.first()?, block.last()?);
        Some([
            Value::from(organization),
            to_i64(last.sequence).into(),
            to_i64(first.sequence).into(),
            last.recorded_at.into(),
            packed.as_slice().into(),
        ])
    });
    draft.write(INSERT, rows)
}

/// Removes blocks among the `count` first events whose events were all recorded before `before`;
/// says how many blocks went.
pub fn prune(
    db: &mut Connection,
    organization: OrganizationId,
    before: Timestamp,
    count: u64,
) -> Result<u64, StoreError> {
    let Some(first) = first(db, organization)? else { return Ok(0) };
    let last = to_i64(first.saturating_add(count) - 1);
    db.write_many(PRUNE, [[Value::from(organization), last.into(), before.into()]])
}

/// Events from before there were blocks.
const OLD_AFTER: &str = "SELECT sequence, type, at, recorded_at, data FROM events \
    WHERE organization_id = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
const FORGET_OLD: &str = "DELETE FROM events WHERE organization_id = ?1";

/// Moves the events of data from before there were blocks.
pub(crate) fn move_into_blocks(db: &mut Connection) -> Result<(), StoreError> {
    const PAGE: usize = 1_000;
    for organization in super::organization::ids(db)? {
        let mut after = 0;
        loop {
            let events = old_page(db, organization, after, PAGE)?;
            let mut drafting = Drafting::on(db);
            append(&mut drafting, organization, &events)?;
            drafting.finish().write_to(db)?;
            match events.last() {
                Some(last) if events.len() == PAGE => after = last.sequence,
                _ => break,
            }
        }
        db.write_many(FORGET_OLD, [[organization.into()]])?;
    }
    Ok(())
}

fn old_page(
    db: &mut Connection,
    organization: OrganizationId,
    after: u64,
    limit: usize,
) -> Result<Vec<StoredEvent>, StoreError> {
    let limit = to_i64(limit as u64).into();
    db.read(OLD_AFTER, &[organization.into(), to_i64(after).into(), limit], |row| {
        Ok(StoredEvent {
            sequence: sequence_of(row.int(0)?),
            kind: row.str(1)?.into(),
            at: row.time(2)?,
            recorded_at: row.time(3)?,
            data: row.str(4)?.into(),
        })
    })
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[INSERT, BETWEEN, FIRST, LAST, BLOCK_OF, PRUNE, OLD_AFTER, FORGET_OLD];
