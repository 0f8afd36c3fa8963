//! The heads of organizations: one row each, which a group holds while it decides.
//!
//! On PostgreSQL another node may have written since this one last did. So a group first locks the
//! heads of its organizations, in the order of their ids lest two groups wait for each other, and
//! what is in memory counts only as far as the heads' revisions say that nothing changed.

use std::collections::HashMap;

use landfall_domain::catalog::Organization;
use landfall_domain::id::OrganizationId;
use landfall_domain::snapshot::Snapshot;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::organization;

/// How often an organization was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revisions {
    /// In any way that a node may have in memory.
    pub rows: i64,
    /// In its nouns.
    pub catalog: i64,
}

impl Revisions {
    pub(crate) const fn raise(&mut self, by: Self) {
        self.rows += by.rows;
        self.catalog += by.catalog;
    }
}

/// An organization's row as it is stored now.
pub(crate) struct Head {
    pub organization: Organization,
    pub revisions: Revisions,
}

/// The heads that one group holds.
pub(crate) struct Heads {
    /// None on SQLite, where nobody else writes.
    locked: Option<HashMap<OrganizationId, Head>>,
}

impl Heads {
    /// Locks the heads of those organizations until the transaction ends, where others may write.
    pub(crate) fn lock(
        db: &mut Connection,
        ids: impl Iterator<Item = OrganizationId>,
    ) -> Result<Self, StoreError> {
        if !db.is_shared() {
            return Ok(Self { locked: None });
        }
        let mut ids: Vec<OrganizationId> = ids.collect();
        ids.sort_unstable();
        let heads = organization::lock_heads(db, &ids)?;
        let heads = heads.into_iter().map(|head| (head.organization.id, head));
        Ok(Self { locked: Some(heads.collect()) })
    }

    /// What is in memory of an organization, as far as it still holds: all of it, only the nouns, or
    /// nothing.
    pub(crate) fn checked(
        &mut self,
        id: OrganizationId,
        known: Option<(Snapshot, Revisions)>,
    ) -> Option<(Snapshot, Revisions)> {
        let (mut snapshot, seen) = known?;
        let Some(locked) = &mut self.locked else { return Some((snapshot, seen)) };
        let stored = locked.get(&id)?.revisions;
        if stored.catalog != seen.catalog {
            return None;
        }
        if stored.rows != seen.rows {
            snapshot.unload();
        }
        snapshot.organization = locked.remove(&id)?.organization;
        Some((snapshot, stored))
    }

    /// The head of an organization of which nothing is in memory.
    pub(crate) fn take(
        &mut self,
        db: &mut Connection,
        id: OrganizationId,
    ) -> Result<Option<Head>, StoreError> {
        if let Some(locked) = &mut self.locked {
            return Ok(locked.remove(&id));
        }
        let found = organization::find(db, id)?;
        let revisions = Revisions::default();
        Ok(found.map(|organization| Head { organization, revisions }))
    }
}
