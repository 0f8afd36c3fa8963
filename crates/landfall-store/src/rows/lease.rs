//! Which node sends for which webhooks: one row for each slot, and every webhook belongs to one.
//!
//! A lease is valid as long as its node is alive. Its epoch fences: who stores something for a slot
//! checks, under lock, that the slot was not taken by anybody since.

use std::collections::BTreeSet;

use landfall_domain::id::NodeId;

use crate::driver::{Connection, Reading, Value};
use crate::error::StoreError;

const MAKE: &str = "INSERT INTO leases (slot, epoch) VALUES (?1, 0) ON CONFLICT (slot) DO NOTHING";
const ALL: &str = "SELECT slot, node_id, epoch FROM leases ORDER BY slot";
const TAKE: &str =
    "UPDATE leases SET node_id = ?3, epoch = epoch + 1 WHERE slot = ?1 AND epoch = ?2";
const GIVE_BACK: &str = "UPDATE leases SET node_id = NULL WHERE slot = ?1 AND epoch = ?2";
const LOCK: &str = "SELECT slot, epoch FROM leases WHERE slot = ?1 AND epoch = ?2 \
    AND node_id IS NOT NULL FOR UPDATE";

/// Which node has a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The slot.
    pub slot: u8,
    /// Who took it last and has not given it back.
    pub node: Option<NodeId>,
    /// How often it was taken.
    pub epoch: i64,
}

/// What a slot was when its owner began: what fences off those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence {
    /// The slot.
    pub slot: u8,
    /// How often it had been taken.
    pub epoch: i64,
}

/// Makes the rows of all slots, unless they are there.
pub fn make(db: &mut Connection, slots: u8) -> Result<(), StoreError> {
    db.write_many(MAKE, (0..slots).map(|slot| [Value::from(i64::from(slot))])).map(|_| ())
}

/// Every slot.
pub fn all(db: &mut Connection) -> Result<Vec<Lease>, StoreError> {
    db.read(ALL, &[], |row| {
        Ok(Lease {
            slot: u8::try_from(row.int(0)?).unwrap_or(u8::MAX),
            node: row.uuid_or_null(1)?.map(NodeId::from_uuid),
            epoch: row.int(2)?,
        })
    })
}

/// Takes slots that nobody took since they were looked at; what is had afterwards must be read.
pub fn take(db: &mut Connection, node: NodeId, wanted: &[Fence]) -> Result<(), StoreError> {
    db.write_later(TAKE, in_order(wanted).map(|(slot, epoch)| [slot, epoch, node.into()]))
}

/// Gives slots back that are still had.
pub fn give_back(db: &mut Connection, had: &[Fence]) -> Result<(), StoreError> {
    db.write_later(GIVE_BACK, in_order(had).map(|(slot, epoch)| [slot, epoch]))
}

/// Those of the slots that nobody took since, locked until the transaction ends.
pub fn lock(db: &mut Connection, fences: &[Fence]) -> Result<BTreeSet<Fence>, StoreError> {
    let mut held = BTreeSet::new();
    let keys = in_order(fences).map(|(slot, epoch)| vec![slot, epoch]).collect();
    db.read_together(&[Reading { sql: LOCK, keys, is_in_turn: true }], |_, row| {
        let slot = u8::try_from(row.int(0)?).unwrap_or(u8::MAX);
        held.insert(Fence { slot, epoch: row.int(1)? });
        Ok(())
    })?;
    Ok(held)
}

/// Whether a slot is still had by who says so, locked until the transaction ends; who needs no slot has
/// what it needs.
pub fn is_held(db: &mut Connection, fence: Option<Fence>) -> Result<bool, StoreError> {
    fence.map_or(Ok(true), |fence| Ok(!lock(db, &[fence])?.is_empty()))
}

/// Locks are taken in the order of slots by everybody, so that nobody waits in a circle.
fn in_order(fences: &[Fence]) -> impl Iterator<Item = (Value<'static>, Value<'static>)> {
    let fences: BTreeSet<Fence> = fences.iter().copied().collect();
    fences.into_iter().map(|Fence { slot, epoch }| (i64::from(slot).into(), epoch.into()))
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[MAKE, ALL, TAKE, GIVE_BACK, LOCK];
