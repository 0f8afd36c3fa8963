//! Keys that were used lately, so that a report reads none from the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;

/// Keys by the slug of their organization and their id.
pub(crate) struct KeyCache<K> {
    known: Mutex<HashMap<(String, String), Known<K>>>,
}

impl<K> Default for KeyCache<K> {
    fn default() -> Self {
        Self { known: Mutex::default() }
    }
}

struct Known<K> {
    organization: OrganizationId,
    key: K,
    read_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl<K: Clone> KeyCache<K> {
    /// A key that another node revoked is refused after this at the latest.
    const TRUSTED_FOR: Duration = Duration::from_secs(2);
    /// More keys than this are forgotten, all at once.
    const KEYS_MAX: usize = 10_000;

    /// A key that was read just now.
    pub(crate) fn find(&self, slug: &str, key_id: &str, now: Timestamp) -> Option<K> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&slot(slug, key_id))?;
        (now.since(found.read_at) <= Self::TRUSTED_FOR).then(|| found.key.clone())
    }

    /// Takes in a key that was read.
    pub(crate) fn remember(
        &self,
        (slug, key_id): (&str, &str),
        organization: OrganizationId,
        key: K,
        now: Timestamp,
    ) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::KEYS_MAX {
            known.clear();
        }
        let slot = slot(slug, key_id);
        let used_at = known.get(&slot).and_then(|known| known.used_at);
        known.insert(slot, Known { organization, key, read_at: now, used_at });
    }

    /// Notes that a key opened something.
    pub(crate) fn note_used(&self, slug: &str, key_id: &str, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get_mut(&slot(slug, key_id)) {
            found.used_at = Some(now);
        }
    }

    /// Forgets all, so that an edit acts at once.
    pub(crate) fn clear(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The keys that were used since this was asked last.
    pub(crate) fn take_used(&self) -> Vec<(OrganizationId, String, Timestamp)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let used = known.iter_mut().filter_map(|((_, key_id), known)| {
            Some((known.organization, key_id.clone(), known.used_at.take()?))
        });
        used.collect()
    }
}

fn slot(slug: &str, key_id: &str) -> (String, String) {
    (slug.to_owned(), key_id.to_owned())
}
