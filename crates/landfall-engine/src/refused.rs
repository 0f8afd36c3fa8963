//! Reading the reports that were refused, and knowing those again that come with a signature.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use landfall_domain::access::Scope;
use landfall_domain::id::RefusedId;
use landfall_domain::signing::KNOWN_AGAIN_FOR;
use landfall_domain::time::Timestamp;
use landfall_store::queries::Page;
use landfall_store::rows::refused;
pub use landfall_store::rows::refused::StoredRefused;

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lock::lock;

impl Engine {
    /// A page of refused reports, newest first.
    pub async fn list_refused(
        &self,
        caller: &Caller,
        page: Page,
    ) -> Result<Vec<StoredRefused>, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let before = RefusedId::from_uuid(page.before);
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| refused::list(db, organization, before, page.limit)).await?)
    }
}

/// Signed requests that were refused lately, by their signature.
///
/// In memory, since a replay should cost no write; after a restart each is kept once more at most.
#[derive(Default)]
pub(crate) struct RefusedLately {
    first_came: Mutex<HashMap<String, Timestamp>>,
}

impl RefusedLately {
    /// More requests than this are forgotten, all at once: first those that can't come again.
    const REQUESTS_MAX: usize = 10_000;

    /// Notes a request, and tells whether it comes for the first time.
    pub(crate) fn is_new(&self, signature: &str, now: Timestamp) -> bool {
        let mut first_came = self.lock();
        let is_lately = |at: &Timestamp| now.since(*at) < KNOWN_AGAIN_FOR;
        if first_came.get(signature).is_some_and(is_lately) {
            return false;
        }
        if first_came.len() >= Self::REQUESTS_MAX {
            first_came.retain(|_, at| is_lately(at));
        }
        if first_came.len() >= Self::REQUESTS_MAX {
            first_came.clear();
        }
        first_came.insert(signature.to_owned(), now);
        true
    }

    /// Forgets a request, which could not be kept after all.
    pub(crate) fn forget(&self, signature: &str) {
        self.lock().remove(signature);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Timestamp>> {
        lock(&self.first_came)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_again_as_long_as_it_can_come() {
        let (lately, now) = (RefusedLately::default(), Timestamp::from_micros(0));
        assert!(lately.is_new("a", now) && lately.is_new("b", now));
        assert!(!lately.is_new("a", now + KNOWN_AGAIN_FOR / 2));
        assert!(lately.is_new("a", now + KNOWN_AGAIN_FOR));
        lately.forget("b");
        assert!(lately.is_new("b", now));
    }

    #[test]
    fn many_requests_are_known_and_no_more() {
        let (lately, now) = (RefusedLately::default(), Timestamp::from_micros(0));
        for number in 0..2 * RefusedLately::REQUESTS_MAX {
            assert!(lately.is_new(&number.to_string(), now));
        }
        assert_eq!(lately.lock().len(), RefusedLately::REQUESTS_MAX);
    }
}
