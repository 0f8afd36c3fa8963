//! How fast one API key may call; without limit unless the operator sets one.

use std::num::NonZero;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use landfall_domain::id::OrganizationId;

use crate::error::EngineError;

type Key = (OrganizationId, String);

/// The limit, and how far each key has used it.
pub(crate) struct RateLimit {
    limiter: Option<(u32, DefaultKeyedRateLimiter<Key>)>,
}

impl RateLimit {
    /// So many requests per second and key; 0 is without limit.
    pub(crate) fn new(per_second: u32) -> Self {
        let quota = NonZero::new(per_second).map(Quota::per_second);
        Self { limiter: quota.map(|quota| (per_second, RateLimiter::keyed(quota))) }
    }

    /// Takes one request of a key, or says when the next one is taken.
    pub(crate) fn take(
        &self,
        organization: OrganizationId,
        key_id: &str,
    ) -> Result<(), EngineError> {
        let Some((limit, limiter)) = &self.limiter else { return Ok(()) };
        limiter.check_key(&(organization, key_id.to_owned())).map_err(|not_until| {
            let retry_after: Duration = not_until.wait_time_from(DefaultClock::default().now());
            EngineError::TooFast { retry_after, limit: *limit }
        })
    }

    /// Forgets the keys that have not called for long.
    pub(crate) fn forget_idle(&self) {
        if let Some((_, limiter)) = &self.limiter {
            limiter.retain_recent();
        }
    }
}
