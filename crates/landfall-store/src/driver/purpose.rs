//! What connections to PostgreSQL are for, and what their sessions are told therefore.

use std::time::Duration;

/// An answer that takes longer does not come.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(1);
/// The same where a lease runs out meanwhile.
const HASTY_ANSWER_TIME_MAX: Duration = Duration::from_secs(4);

/// What a connection is for, which decides how its statements are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Looks rows up by their keys, and writes.
    Write,
    /// Reads lists, of which some are long.
    Read,
    /// Says that the node is alive, and must not wait for long.
    Heartbeat,
}

impl Purpose {
    /// What every session is told. Nobody may wait for ever for a lock of a node that hangs, and a
    /// commit that was answered is on the disk. Statements join in the order in which they are written,
    /// each time by a key, so the planner is left no other way: without statistics it would take one.
    const EVERY: &'static str = "SET client_min_messages = warning; SET jit = off; \
        SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '5s'; \
        SET join_collapse_limit = 1; SET enable_hashjoin = off; SET enable_mergejoin = off; \
        SET enable_seqscan = off; \
        SELECT set_config('synchronous_commit', 'on', FALSE) \
        WHERE current_setting('synchronous_commit') = 'off'";
    /// Who writes plans once: no value that it binds makes another plan better.
    const WRITE: &'static str = "SET plan_cache_mode = force_generic_plan";
    /// A lease runs out while one waits for a lock, or for a commit that a standby has to confirm.
    const HASTY: &'static str = "SET lock_timeout = '1s'; SET statement_timeout = '3s'";

    pub(super) const fn answer_time_max(self) -> Duration {
        match self {
            Self::Write | Self::Read => ANSWER_TIME_MAX,
            Self::Heartbeat => HASTY_ANSWER_TIME_MAX,
        }
    }

    pub(super) const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Write => &[Self::EVERY, Self::WRITE],
            Self::Read => &[Self::EVERY],
            Self::Heartbeat => &[Self::EVERY, Self::WRITE, Self::HASTY],
        }
    }
}
