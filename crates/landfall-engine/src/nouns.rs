//! Organizations' nouns in memory: almost every page needs all of them, and they seldom change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use landfall_domain::catalog::Catalog;
use landfall_domain::id::OrganizationId;
use landfall_store::rows::{catalog, organization};
use landfall_store::{Connection, StoreError};

use crate::lock::lock;

/// Nouns, and of which revision of their organization they are.
type Read = (i64, Arc<Catalog>);

/// What was read last of each organization.
#[derive(Clone, Default)]
pub(crate) struct Nouns {
    known: Arc<Mutex<HashMap<OrganizationId, Read>>>,
}

impl Nouns {
    /// More than so many nouns are forgotten, all at once; one takes about half a kilobyte.
    const NOUNS_MAX: usize = 100_000;

    /// All nouns as of the moment that `db` reads: the revision of the organization tells whether those in
    /// memory are.
    pub(crate) fn of(
        &self,
        db: &mut Connection,
        id: OrganizationId,
    ) -> Result<Arc<Catalog>, StoreError> {
        let revision = organization::catalog_revision(db, id)?;
        let known = lock(&self.known).get(&id).filter(|(seen, _)| *seen == revision).cloned();
        if let Some((_, catalog)) = known {
            return Ok(catalog);
        }
        let catalog = Arc::new(catalog::load(db, id)?);
        let mut known = lock(&self.known);
        known.insert(id, (revision, Arc::clone(&catalog)));
        if known.values().map(|(_, catalog)| catalog.len()).sum::<usize>() > Self::NOUNS_MAX {
            known.clear();
        }
        Ok(catalog)
    }
}
