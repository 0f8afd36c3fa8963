//! What was read lately, so that it is not read each time; a change makes all of it be forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use crate::lock::lock;
use landfall_domain::time::Timestamp;

/// Values by what they are found by.
pub(crate) struct EraCache<K, V> {
    inner: Mutex<Inner<K, V>>,
}

struct Inner<K, V> {
    known: HashMap<K, Known<V>>,
    era: u64,
}

struct Known<V> {
    value: V,
    read_at: Timestamp,
    /// Somebody reads it again, while the others go on with it.
    is_renewed: bool,
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
    /// What another node changed is in force after this at the latest, also where the database can't be
    /// reached by then.
    const TRUSTED_FOR: Duration = Duration::from_secs(1);
    /// After this one who asks is sent to read it again, lest all that call at once are.
    const RENEWED_AFTER: Duration = Duration::from_millis(500);
    /// More values than this are forgotten, all at once.
    const VALUES_MAX: usize = 10_000;

    /// What was read just now.
    pub(crate) fn find(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut inner = self.lock();
        let known = inner.known.get_mut(key)?;
        let age = now.since(known.read_at);
        // A clock that was set back says nothing of how old it is.
        if now < known.read_at || age > Self::TRUSTED_FOR {
            return None;
        }
        if age > Self::RENEWED_AFTER && !known.is_renewed {
            known.is_renewed = true;
            return None;
        }
        Some(known.value.clone())
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
        inner.known.insert(key, Known { value, read_at, is_renewed: false });
    }

    /// Forgets all, so that a change acts at once. Call it after the change is stored.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.known.clear();
        inner.era += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K, V>> {
        lock(&self.inner)
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
    fn what_was_read_is_trusted_for_a_second_and_by_one_who_asks_for_half_of_it() {
        let cache = EraCache::default();
        let find = |micros| cache.find(&"key", Timestamp::from_micros(micros));
        cache.remember("key", "live", Timestamp::from_micros(0), cache.era());
        assert_eq!(find(500_000), Some("live"));
        assert_eq!([find(500_001), find(500_001)], [None, Some("live")]);
        assert_eq!(find(1_000_000), Some("live"));
        assert_eq!(find(1_000_001), None);
        cache.remember("key", "renewed", Timestamp::from_micros(500_001), cache.era());
        assert_eq!(find(1_000_001), Some("renewed"));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nothing_be_trusted_longer() {
        let cache = EraCache::default();
        cache.remember("key", "live", Timestamp::from_micros(2_000_000), cache.era());
        assert_eq!(cache.find(&"key", Timestamp::from_micros(1_999_999)), None);
    }
}
