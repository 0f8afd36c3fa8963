//! How a use case fails.

use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::refusal::Refusal;
use landfall_store::StoreError;

/// Why nothing was done; one variant for each thing that a caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The request can't be done as it is.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no credential, or it opens nothing.
    #[error("Invalid API key")]
    Unauthenticated,
    /// The credential is good, but not for this.
    #[error("this API key may not do that; it needs the scope `{}`", .0.as_str())]
    Forbidden(Scope),
    /// Too many requests.
    #[error("Rate limit exceeded. Try again in {} seconds.", .retry_after.as_secs().max(1))]
    TooFast {
        /// When the next one is taken.
        retry_after: Duration,
        /// How many are taken: requests per second, or sign-ins that fail before each must wait.
        limit: u32,
    },
    /// We failed; the cause is for the log only.
    #[error("Landfall can't store or read right now; try again in a second")]
    Unavailable(#[source] StoreError),
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}
