//! When reports are due: evenly, but for the last seconds of each minute, whose reports all come at
//! their beginning.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;

use crate::deliver::pace::first_event;

const MINUTE: Duration = Duration::from_mins(1);

/// Gives out the deployments of a run, and says when their events are due.
#[derive(Debug)]
pub(super) struct Rhythm {
    rate: u32,
    burst: Duration,
    length: Duration,
    next: AtomicU64,
    started_at: Instant,
}

impl Rhythm {
    /// So many events per second on the average; it begins now.
    pub(super) fn new(rate: u32, burst: Duration, length: Duration) -> Self {
        Self { rate, burst, length, next: AtomicU64::new(0), started_at: Instant::now() }
    }

    /// The number of the next deployment, until the run is over.
    pub(super) fn claim(&self) -> Option<u64> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        (self.due_after(first_event(n)) < self.length).then_some(n)
    }

    /// Waits for the event's turn, and returns when it was due: what nobody was free to send then
    /// counts from then.
    pub(super) async fn wait_for_turn(&self, event: u64) -> Instant {
        let due_at = self.started_at + self.due_after(event);
        sleep_until(due_at.into()).await;
        due_at
    }

    /// How long the run has been going on.
    pub(super) fn elapsed(&self) -> Duration {
        self.started_at.elapsed()
    }

    fn due_after(&self, event: u64) -> Duration {
        let rate = u64::from(self.rate);
        let even =
            Duration::from_secs(event / rate) + Duration::from_secs(event % rate) / self.rate;
        let into_minute = Duration::new(even.as_secs() % 60, even.subsec_nanos());
        let quiet_from = MINUTE.saturating_sub(self.burst);
        even.saturating_sub(into_minute.saturating_sub(quiet_from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due_s(rhythm: &Rhythm, events: &[u64]) -> Vec<u64> {
        events.iter().map(|event| rhythm.due_after(*event).as_secs()).collect()
    }

    #[test]
    fn the_last_seconds_of_a_minute_come_at_once_and_are_quiet_then() {
        let rhythm = Rhythm::new(2, Duration::from_secs(10), MINUTE);
        assert_eq!(due_s(&rhythm, &[0, 98, 100, 104, 119, 120]), [0, 49, 50, 50, 50, 60]);
        assert_eq!(due_s(&rhythm, &[218, 220, 239, 240]), [109, 110, 110, 120]);
    }

    #[test]
    fn without_bursts_events_are_due_evenly() {
        let rhythm = Rhythm::new(2, Duration::ZERO, MINUTE);
        assert_eq!(due_s(&rhythm, &[0, 100, 119, 120]), [0, 50, 59, 60]);
    }

    #[test]
    fn the_run_ends_with_the_last_deployment_that_is_due_in_time() {
        let rhythm = Rhythm::new(4, Duration::ZERO, Duration::from_secs(2));
        let claimed = std::iter::from_fn(|| rhythm.claim());
        assert_eq!(claimed.collect::<Vec<_>>(), [0, 1, 2, 3]);
    }
}
