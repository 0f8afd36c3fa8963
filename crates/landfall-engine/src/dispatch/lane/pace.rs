//! How fast a webhook may send: its own rate, and what a slow receiver asks for.

use std::time::Duration;

use landfall_domain::time::Timestamp;

/// When the next attempt of a webhook may start.
#[derive(Default)]
pub(super) struct Pace {
    next_at: Option<Timestamp>,
    rest_until: Option<Timestamp>,
    rests: u32,
}

/// The first rest where the receiver did not say how long; doubles with each.
const REST_MIN: Duration = Duration::from_secs(1);
/// The longest rest where the receiver did not say how long.
const REST_MAX: Duration = Duration::from_mins(1);
/// A webhook that was quiet may send so much of a second's worth at once.
const BURST: Duration = Duration::from_millis(100);

impl Pace {
    /// When an attempt may start; `None` is now.
    pub(super) fn wait_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_at.max(self.rest_until).filter(|at| now < *at)
    }

    /// Takes note that an attempt starts.
    pub(super) fn note_start(&mut self, rate_per_second: Option<u32>, now: Timestamp) {
        let Some(rate) = rate_per_second else { return };
        let gap = Duration::from_secs(1) / rate.max(1);
        let burst = BURST.saturating_sub(gap);
        let earliest = now - burst;
        self.next_at = Some(self.next_at.unwrap_or(earliest).max(earliest) + gap);
    }

    /// The receiver asked for a rest; zero leaves its length to us.
    pub(super) fn rest(&mut self, asked: Duration, now: Timestamp) {
        let is_resting = self.rest_until.is_some_and(|until| now < until);
        if is_resting && asked.is_zero() {
            // Others that were under way at the same time say the same once more.
            return;
        }
        let own = REST_MIN * 2_u32.pow(self.rests.min(6));
        let rest = if asked.is_zero() { own.min(REST_MAX) } else { asked };
        self.rests += 1;
        self.rest_until = self.rest_until.max(Some(now + rest));
    }

    /// The receiver is well.
    pub(super) fn forget_rests(&mut self) {
        self.rests = 0;
    }

    /// Starts afresh, after an edit.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}
