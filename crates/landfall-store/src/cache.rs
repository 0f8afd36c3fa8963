//! What the groups before left in memory: heads, nouns, and the rows that were used lately.

use std::collections::HashMap;

use landfall_domain::changes::Changes;
use landfall_domain::command::Envelope;
use landfall_domain::id::OrganizationId;
use landfall_domain::snapshot::Snapshot;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::heads::{Ahead, Heads, Revisions};
use crate::known::{Filter, Known};
use crate::load::wanted_ahead;
use crate::rows::catalog;

/// Snapshots of organizations as they are once everything that was decided is stored.
///
/// On SQLite this process is the only writer, so what is here is what is stored or about to be, and
/// nothing may be forgotten that is not stored yet. On PostgreSQL it is so as long as the revisions of
/// the organization's head are the ones that were seen last.
pub(crate) struct Cache {
    snapshots: HashMap<OrganizationId, (Snapshot, Revisions)>,
    nouns: usize,
    rows: usize,
    known: Known,
}

impl Cache {
    /// More nouns than this are forgotten, all at once.
    const NOUNS_MAX: usize = 200_000;
    /// With more rows than this runs that ended are forgotten, and everything if that is less than half of
    /// it; one takes about a kilobyte.
    const ROWS_MAX: usize = 6_000;

    /// A cache beside which is known which runs may be stored.
    pub(crate) fn with(known: Known) -> Self {
        Self { snapshots: HashMap::new(), nouns: 0, rows: 0, known }
    }

    /// Which runs of an organization of that revision may be stored, as far as that is known.
    pub(crate) fn known(&self, id: OrganizationId, revisions: Revisions) -> Option<&Filter> {
        self.known.of(id, revisions.rows)
    }

    /// Notes the runs that are about to be stored, and which revisions the head goes through.
    pub(crate) fn note_runs(&mut self, changes: &Changes, from: Revisions, to: Revisions) {
        self.known.note(changes, from.rows..to.rows);
    }

    /// The snapshot of an organization; none if there is no such organization.
    pub(crate) fn take(
        &mut self,
        db: &mut Connection,
        id: OrganizationId,
        heads: &mut Heads,
    ) -> Result<Option<(Snapshot, Revisions)>, StoreError> {
        let known = self.snapshots.remove(&id);
        if let Some((snapshot, _)) = &known {
            self.nouns -= snapshot.catalog.len();
            self.rows -= snapshot.rows_loaded();
        }
        let known = heads.checked(id, known);
        if known.is_some() {
            return Ok(known);
        }
        let Some(head) = heads.take(db, id)? else { return Ok(None) };
        let snapshot = Snapshot::new(head.organization, catalog::load(db, id)?);
        Ok(Some((snapshot, head.revisions)))
    }

    /// Whether what is in memory of those organizations can be gone on from.
    pub(crate) fn holds(&self, mut ids: impl Iterator<Item = OrganizationId>) -> bool {
        ids.all(|id| self.snapshots.contains_key(&id))
    }

    /// What commands will look for in any case, as far as what is in memory tells.
    pub(crate) fn ahead(&self, id: OrganizationId, commands: &[&Envelope]) -> Option<Ahead> {
        let (snapshot, _) = self.snapshots.get(&id)?;
        Some(Ahead::new(id, wanted_ahead(snapshot, commands)))
    }

    /// Takes back a snapshot whose changes were taken out.
    pub(crate) fn put_back(&mut self, snapshot: Snapshot, revisions: Revisions) {
        self.nouns += snapshot.catalog.len();
        self.rows += snapshot.rows_loaded();
        self.snapshots.insert(snapshot.organization.id, (snapshot, revisions));
    }

    /// Whether something is to be forgotten.
    pub(crate) const fn is_full(&self) -> bool {
        self.nouns > Self::NOUNS_MAX || self.rows > Self::ROWS_MAX
    }

    /// Forgets what is too much. Everything must be stored.
    pub(crate) fn shrink(&mut self) {
        if self.nouns > Self::NOUNS_MAX {
            self.clear();
        } else if self.rows > Self::ROWS_MAX {
            self.unload_ended();
        }
    }

    fn unload_ended(&mut self) {
        self.snapshots.values_mut().for_each(|(snapshot, _)| snapshot.unload_ended());
        self.rows = self.snapshots.values().map(|(snapshot, _)| snapshot.rows_loaded()).sum();
        if self.rows > Self::ROWS_MAX / 2 {
            self.unload();
        }
    }

    /// Forgets rows, because a correction changed what is known of them. Everything must be stored.
    pub(crate) fn unload(&mut self) {
        self.snapshots.values_mut().for_each(|(snapshot, _)| snapshot.unload());
        self.rows = 0;
    }

    /// Forgets everything, because what was decided was not stored.
    pub(crate) fn clear(&mut self) {
        self.snapshots.clear();
        (self.nouns, self.rows) = (0, 0);
        self.known.forget();
    }
}
