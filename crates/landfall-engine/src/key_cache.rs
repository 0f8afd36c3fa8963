//! Keys that were used lately, so that a report reads none from the store, and when they were used.

use std::collections::HashMap;
use std::sync::Mutex;

use landfall_domain::id::OrganizationId;
use landfall_domain::time::Timestamp;

use crate::era_cache::{Era, EraCache};
use crate::lock::lock;

/// Keys by the slug of their organization and their id.
pub(crate) struct KeyCache<K> {
    known: EraCache<(String, String), K>,
    /// Apart from the keys, since it is yet to be stored when they are forgotten.
    used: Mutex<HashMap<(OrganizationId, String), Timestamp>>,
}

impl<K> Default for KeyCache<K> {
    fn default() -> Self {
        Self { known: EraCache::default(), used: Mutex::default() }
    }
}

impl<K: Clone> KeyCache<K> {
    /// The use of more keys than this is forgotten, all at once; it is taken each minute.
    const USED_MAX: usize = 10_000;

    /// A key that was read just now.
    pub(crate) fn find(&self, slug: &str, key_id: &str, now: Timestamp) -> Option<K> {
        self.known.find(&slot(slug, key_id), now)
    }

    /// The era of a key that is read from now on.
    pub(crate) fn era(&self) -> Era {
        self.known.era()
    }

    /// Takes in a key that was read in an era, unless a key was changed since.
    pub(crate) fn remember(
        &self,
        (slug, key_id): (&str, &str),
        key: K,
        read_at: Timestamp,
        era: Era,
    ) {
        self.known.remember(slot(slug, key_id), key, read_at, era);
    }

    /// Notes that a key opened something.
    pub(crate) fn note_used(&self, organization: OrganizationId, key_id: &str, now: Timestamp) {
        let mut used = lock(&self.used);
        if used.len() >= Self::USED_MAX {
            used.clear();
        }
        used.insert((organization, key_id.to_owned()), now);
    }

    /// Forgets all keys, so that an edit acts at once, and not when they were used.
    pub(crate) fn clear(&self) {
        self.known.clear();
    }

    /// The keys that were used since this was asked last, in the order of their ids.
    pub(crate) fn take_used(&self) -> Vec<(OrganizationId, String, Timestamp)> {
        let mut used = lock(&self.used);
        let used = used.drain().map(|((organization, key_id), at)| (organization, key_id, at));
        let mut used: Vec<_> = used.collect();
        used.sort_unstable();
        used
    }
}

fn slot(slug: &str, key_id: &str) -> (String, String) {
    (slug.to_owned(), key_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_forgotten_was_used_all_the_same() {
        let cache = KeyCache::default();
        let (organization, now) =
            (OrganizationId::from_uuid(uuid::Uuid::nil()), Timestamp::from_micros(7));
        cache.remember(("acme", "k1"), (), now, cache.era());
        cache.note_used(organization, "k1", now);
        cache.clear();
        assert_eq!(cache.find("acme", "k1", now), None);
        assert_eq!(cache.take_used(), [(organization, "k1".to_owned(), now)]);
        assert_eq!(cache.take_used(), []);
    }
    #[test]
    fn what_was_used_comes_in_one_order_on_every_node() {
        let (cache, now) = (KeyCache::<()>::default(), Timestamp::from_micros(7));
        for number in (0..100).rev() {
            let organization = OrganizationId::from_uuid(uuid::Uuid::from_u128(number % 10));
            cache.note_used(organization, &format!("k{number}"), now);
        }
        let used = cache.take_used();
        assert!(used.is_sorted() && used.len() == 100, "{used:?}");
    }
}
