//! The heads of organizations: one row each, by which it is known whether others wrote.
//!
//! On PostgreSQL another node may have written since this one last did. So a group is either stored only
//! if the heads are as it took them to be, see [`Guard`], or it first locks the heads of its organizations, in the order of their ids lest two groups wait for each other, and
//! what is in memory counts only as far as the heads' revisions say that nothing changed. What the
//! group will look up is mostly known before, so it is asked for in the same round trip; statements
//! run in their order, each on what is stored by then, so it is of after the lock.

use std::collections::HashMap;

use landfall_domain::catalog::Organization;
use landfall_domain::deployment::Deployment;
use landfall_domain::id::OrganizationId;
use landfall_domain::identity::Identity;
use landfall_domain::snapshot::Snapshot;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::{deployment, organization};

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

/// What the head of an organization must still be when a group is stored that was decided without
/// holding it: then no other node stored anything since that decisions look at, for all of that raises one
/// of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    pub next_sequence: u64,
    pub revisions: Revisions,
}

/// On what a group is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Footing {
    /// Nobody else writes.
    Own,
    /// Others may write, and wait until the group is stored, since it holds the heads.
    Held,
    /// Others may write, and if one does, the group is not stored.
    Guarded,
}

/// An organization's row as it is stored now.
pub(crate) struct Head {
    pub organization: Organization,
    pub revisions: Revisions,
}

/// The deployments of an organization that were asked for together with the lock.
pub(crate) struct Ahead {
    organization: OrganizationId,
    identities: Vec<Identity>,
    found: Vec<Deployment>,
}

impl Ahead {
    /// The newest deployments of identities, which nobody looked for yet.
    pub(crate) const fn new(organization: OrganizationId, identities: Vec<Identity>) -> Self {
        Self { organization, identities, found: Vec::new() }
    }

    /// Puts what was found into memory.
    fn unpack(self, snapshot: &mut Snapshot) {
        for deployment in self.found {
            snapshot.load_deployment(deployment);
        }
        for identity in self.identities {
            snapshot.note_newest_loaded(identity);
        }
    }
}

/// The heads that one group holds.
pub(crate) struct Heads {
    /// None where what is in memory is taken as it is.
    locked: Option<HashMap<OrganizationId, Head>>,
    ahead: Vec<Ahead>,
}

impl Heads {
    /// Takes what is in memory as it is.
    pub(crate) const fn unlocked() -> Self {
        Self { locked: None, ahead: Vec::new() }
    }

    /// Locks the heads of those organizations until the transaction ends, and looks for what is wanted
    /// ahead.
    pub(crate) fn lock(
        db: &mut Connection,
        mut ids: Vec<OrganizationId>,
        mut ahead: Vec<Ahead>,
    ) -> Result<Self, StoreError> {
        ids.sort_unstable();
        let mut heads = HashMap::with_capacity(ids.len());
        let mut found = Vec::new();
        let newest = ahead.iter().flat_map(|a| deployment::newest(a.organization, &a.identities));
        let readings: Vec<_> =
            std::iter::once(organization::heads_to_lock(&ids)).chain(newest).collect();
        db.read_together(&readings, |reading, row| {
            if let Some(place) = reading.checked_sub(1) {
                found.push((place / 2, deployment::decode(row)?));
            } else {
                let head = organization::decode_head(row)?;
                heads.insert(head.organization.id, head);
            }
            Ok(())
        })?;
        drop(readings);
        for (place, deployment) in found {
            ahead[place].found.push(deployment);
        }
        Ok(Self { locked: Some(heads), ahead })
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
        let ahead = self.ahead.iter().position(|ahead| ahead.organization == id);
        let ahead = ahead.map(|place| self.ahead.swap_remove(place));
        match ahead {
            _ if stored.rows != seen.rows => snapshot.unload(),
            Some(ahead) => ahead.unpack(&mut snapshot),
            None => {}
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
