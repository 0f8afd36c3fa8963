//! The nodes that are alive on one database.
//!
//! A node's row is its life: as long as it is there, nobody takes what the node holds. It is removed
//! by whoever finds that its time has passed, by the clock of the database alone.

use std::time::Duration;

use landfall_domain::id::NodeId;
use landfall_domain::time::Timestamp;

use super::{sequence_of, to_i64};
use crate::driver::{Connection, Row, Value};
use crate::error::StoreError;

const JOIN: &str = "INSERT INTO nodes (id, name, version, started_at, seen_until, changes_read) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const RENEW: &str = "UPDATE nodes SET seen_until = ?2 WHERE id = ?1";
const BURY: &str = "DELETE FROM nodes WHERE seen_until < ?1";
const LEAVE: &str = "DELETE FROM nodes WHERE id = ?1";
const ALIVE: &str = "SELECT id, name FROM nodes ORDER BY id";
const NOTE_CHANGES_READ: &str = "UPDATE nodes SET changes_read = ?2 WHERE id = ?1";
const CHANGES_READ_BY_OWNER: &str = "SELECT n.changes_read FROM leases l \
    JOIN nodes n ON n.id = l.node_id WHERE l.slot = ?1";

/// A node that is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id, of this life.
    pub id: NodeId,
    /// What people call it.
    pub name: String,
}

fn decode(row: &Row<'_>) -> Result<Node, StoreError> {
    Ok(Node { id: NodeId::from_uuid(row.uuid(0)?), name: row.text(1)? })
}

/// Begins a node's life, which ends after `valid_for` unless it is renewed. Gives the time of its
/// beginning.
pub fn join(
    db: &mut Connection,
    node: &Node,
    version: &str,
    (valid_for, changes_read): (Duration, u64),
) -> Result<Timestamp, StoreError> {
    let now = db.clock()?;
    let row = [
        Value::from(node.id),
        (&node.name).into(),
        version.into(),
        now.into(),
        (now + valid_for).into(),
        to_i64(changes_read).into(),
    ];
    db.write_many(JOIN, [row])?;
    Ok(now)
}

/// Has a node live for so long from now, and gives the time of that now; `None` if it is dead.
pub fn renew(
    db: &mut Connection,
    id: NodeId,
    valid_for: Duration,
) -> Result<Option<Timestamp>, StoreError> {
    let now = db.clock()?;
    let renewed = db.write_many(RENEW, [[Value::from(id), (now + valid_for).into()]])?;
    Ok((renewed > 0).then_some(now))
}

/// Removes those whose time had passed at `now`, and gives those that live.
///
/// One that renews itself at this moment is waited for, and then lives on.
pub fn bury(db: &mut Connection, now: Timestamp) -> Result<Vec<Node>, StoreError> {
    db.write_later(BURY, [[Value::from(now)]])?;
    alive(db)
}

/// Those that nobody has found dead.
pub fn alive(db: &mut Connection) -> Result<Vec<Node>, StoreError> {
    db.read(ALIVE, &[], decode)
}

/// What those are called that live now.
pub fn names_alive(db: &mut Connection) -> Result<Vec<String>, StoreError> {
    let now = db.clock()?;
    Ok(bury(db, now)?.into_iter().map(|node| node.name).collect())
}

/// Ends a node's life in order.
pub fn leave(db: &mut Connection, id: NodeId) -> Result<(), StoreError> {
    db.write_later(LEAVE, [[Value::from(id)]])
}

/// Notes which change of webhooks is the last that is in force on a node.
pub fn note_changes_read(db: &mut Connection, id: NodeId, number: u64) -> Result<(), StoreError> {
    db.write_later(NOTE_CHANGES_READ, [[Value::from(id), to_i64(number).into()]])
}

/// The last change that is in force on the node that has a slot; `None` if nobody has it.
pub fn changes_read_by_owner(db: &mut Connection, slot: u8) -> Result<Option<u64>, StoreError> {
    let key = [i64::from(slot).into()];
    Ok(db.read_one(CHANGES_READ_BY_OWNER, &key, |row| row.int(0))?.map(sequence_of))
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[JOIN, RENEW, BURY, LEAVE, ALIVE, NOTE_CHANGES_READ, CHANGES_READ_BY_OWNER];
