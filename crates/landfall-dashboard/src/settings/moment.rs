//! A time as it is shown: how long ago, and exactly.

use landfall_domain::time::Timestamp;

use crate::filters::age;

/// A time, and how long ago it was.
pub(super) struct Moment {
    pub at: Timestamp,
    pub age: String,
}

impl Moment {
    /// A time as it is seen at `now`.
    pub(super) fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { at, age: age(at, now) }
    }
}

/// A state: its class, its shape and its word.
pub(super) struct State(pub &'static str, pub &'static str, pub &'static str);

impl State {
    /// It opens what it is for.
    pub(super) const WORKS: Self = Self("completed", "●", "works");
    /// Somebody ended it.
    pub(super) const REVOKED: Self = Self("aborted", "–", "revoked");
    /// It ended by itself.
    pub(super) const EXPIRED: Self = Self("stale", "◌", "expired");
}
