//! Ways to what is private here, for fuzzing.

use crate::error::StoreError;
use crate::rows::event::StoredEvent;
use crate::rows::event_block;

/// Packs events, each block as it is stored.
pub fn pack(events: &[StoredEvent]) -> Vec<Vec<u8>> {
    event_block::cut(events).into_iter().map(event_block::pack).collect()
}

/// Unpacks a block, whose first event has this number.
pub fn unpack(packed: &[u8], first_sequence: u64) -> Result<Vec<StoredEvent>, StoreError> {
    let mut events = Vec::new();
    event_block::unpack(packed, first_sequence, |_| true, |event| events.push(event))?;
    Ok(events)
}
