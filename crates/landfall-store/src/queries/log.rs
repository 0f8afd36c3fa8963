//! Leafing through the log in both directions, all of it or the events of one type.
//!
//! Events are found by their numbers. Those of a type are picked out of a stretch of numbers, which
//! the caller bounds: a rare type in a long log then takes several looks, and none takes long.

use landfall_domain::id::OrganizationId;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::event::{StoredEvent, between};

/// Events that are looked at in one go for those of a type.
const PIECE: u64 = 512;

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
    pub limit: u64,
}

impl Stretch<'_> {
    fn piece(&self) -> u64 {
        if self.kind.is_some() { PIECE } else { self.limit.max(1) }
    }

    /// Adds what is wanted of some events, and says whether there is enough.
    fn take(
        &self,
        events: impl Iterator<Item = StoredEvent>,
        found: &mut Vec<StoredEvent>,
    ) -> bool {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let wanted = events.filter(|event| self.kind.is_none_or(|kind| *event.kind == *kind));
        found.extend(wanted.take(limit - found.len()));
        found.len() == limit
    }
}

/// The last events of a stretch, newest first.
pub fn older(
    db: &mut Connection,
    organization: OrganizationId,
    stretch: Stretch<'_>,
) -> Result<Vec<StoredEvent>, StoreError> {
    let (mut found, mut until) = (Vec::new(), stretch.until);
    while until > stretch.from {
        let from = until.saturating_sub(stretch.piece()).max(stretch.from);
        let piece = between(db, organization, from, until)?;
        if stretch.take(piece.into_iter().rev(), &mut found) {
            break;
        }
        until = from;
    }
    Ok(found)
}

/// The first events of a stretch, oldest first.
pub fn newer(
    db: &mut Connection,
    organization: OrganizationId,
    stretch: Stretch<'_>,
) -> Result<Vec<StoredEvent>, StoreError> {
    let (mut found, mut from) = (Vec::new(), stretch.from);
    while from < stretch.until {
        let until = from.saturating_add(stretch.piece()).min(stretch.until);
        let piece = between(db, organization, from, until)?;
        if stretch.take(piece.into_iter(), &mut found) {
            break;
        }
        from = until;
    }
    Ok(found)
}
