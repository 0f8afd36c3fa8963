//! What was read lately, so that it is not read each time; a change makes all of it be forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landfall_domain::time::Timestamp;

/// Values by what they are found by.
pub(crate) struct EraCache<K, V> {
    inner: Mutex<Inner<K, V>>,
}

struct Inner<K, V> {
    known: HashMap<K, (V, Timestamp)>,
    era: u64,
}

/// The time between two changes. Whoever reads takes it along first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Era(u64);

impl<K, V> Default for EraCache<K, V> {
    fn default() -> Self {
        Self { inner: Mutex::new(Inner { known: HashMap::new(), era: 0 }) }
    }
}

impl<K: Eq + Hash, V: Clone> EraCache<K, V> {
    /// What another node changed is in force after this at the latest.
    const TRUSTED_FOR: Duration = Duration::from_secs(2);
    /// More values than this are forgotten, all at once.
    const VALUES_MAX: usize = 10_000;

    /// What was read just now.
    pub(crate) fn find(&self, key: &K, now: Timestamp) -> Option<V> {
        let inner = self.lock();
        let (found, read_at) = inner.known.get(key)?;
        (now.since(*read_at) <= Self::TRUSTED_FOR).then(|| found.clone())
    }

    /// The era of what is read from now on.
    pub(crate) fn era(&self) -> Era {
        Era(self.lock().era)
    }

    /// Remembers what was read in an era, unless it is over: the read may be older than the change
    /// that ended it.
    pub(crate) fn remember(&self, key: K, value: V, read_at: Timestamp, era: Era) {
        let mut inner = self.lock();
        if inner.era != era.0 {
            return;
        }
        if inner.known.len() >= Self::VALUES_MAX {
            inner.known.clear();
        }
        inner.known.insert(key, (value, read_at));
    }

    /// Forgets all, so that a change acts at once. Call it after the change is stored.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.known.clear();
        inner.era += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K, V>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let cache = EraCache::default();
        let (now, era) = (Timestamp::from_micros(0), cache.era());
        cache.remember("key", "live", now, era);
        assert_eq!(cache.find(&"key", now), Some("live"));
        cache.clear();
        cache.remember("key", "live", now, era);
        assert_eq!(cache.find(&"key", now), None);
        cache.remember("key", "revoked", now, cache.era());
        assert_eq!(cache.find(&"key", now), Some("revoked"));
    }

    #[test]
    fn what_was_read_is_trusted_for_two_seconds() {
        let cache = EraCache::default();
        let read_at = Timestamp::from_micros(0);
        cache.remember("key", "live", read_at, cache.era());
        assert_eq!(cache.find(&"key", Timestamp::from_micros(2_000_000)), Some("live"));
        assert_eq!(cache.find(&"key", Timestamp::from_micros(2_000_001)), None);
    }
}
