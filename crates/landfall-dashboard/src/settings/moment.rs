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
    /// They come and go.
    pub(super) const ACTIVE: Self = Self("completed", "●", "active");
    /// They have the password that was made when they were added.
    pub(super) const INVITED: Self = Self("pending", "○", "invited");
    /// They have a password that was made since.
    pub(super) const RESET: Self = Self("pending", "○", "password reset");
    /// They are kept from signing in.
    pub(super) const DISABLED: Self = Self("aborted", "–", "disabled");
    /// Somebody ended it.
    pub(super) const REVOKED: Self = Self("aborted", "–", "revoked");
    /// It ended by itself.
    pub(super) const EXPIRED: Self = Self("stale", "◌", "expired");
}
