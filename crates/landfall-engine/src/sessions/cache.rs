//! Sessions that were used lately, so that pages and live streams do not read each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landfall_domain::time::Timestamp;

use super::Session;

/// Sessions by the hash of their token.
#[derive(Default)]
pub(crate) struct SessionCache {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    known: HashMap<[u8; 32], (Arc<Session>, Timestamp)>,
    era: u64,
}

impl SessionCache {
    /// What another node changed is in force after this at the latest.
    const TRUSTED_FOR: Duration = Duration::from_secs(2);
    /// More sessions than this are forgotten, all at once.
    const SESSIONS_MAX: usize = 10_000;

    pub(super) fn find(&self, token_hash: &[u8; 32], now: Timestamp) -> Option<Arc<Session>> {
        let inner = self.lock();
        let (found, read_at) = inner.known.get(token_hash)?;
        (now.since(*read_at) <= Self::TRUSTED_FOR).then(|| Arc::clone(found))
    }

    /// Grows whenever all is forgotten.
    pub(super) fn era(&self) -> u64 {
        self.lock().era
    }

    /// Remembers what was read in an era, unless it is over: the read may be older than the change
    /// that ended it.
    pub(super) fn remember(
        &self,
        token_hash: [u8; 32],
        session: &Arc<Session>,
        read_at: Timestamp,
        era: u64,
    ) {
        let mut inner = self.lock();
        if inner.era != era {
            return;
        }
        if inner.known.len() >= Self::SESSIONS_MAX {
            inner.known.clear();
        }
        inner.known.insert(token_hash, (Arc::clone(session), read_at));
    }

    /// Forgets all, so that a change acts at once.
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.known.clear();
        inner.era += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
