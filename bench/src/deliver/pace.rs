//! When the next event of a run is sent: as soon as one was answered, or by the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::load::{Budget, LIFECYCLE};

/// What decides when an event is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// A connection sends when its last event was answered.
    AsAnswered,
    /// So many events per second, however long answers take.
    PerSecond(u32),
}

/// Gives out the deployments of a run, and says when their events are due.
#[derive(Debug)]
pub(crate) struct Clock {
    pace: Pace,
    budget: Budget,
    next: AtomicU64,
    started_at: Instant,
}

impl Clock {
    /// The run goes on for so long, or so many deployments; its time starts now.
    pub(crate) fn new(pace: Pace, budget: Budget) -> Self {
        Self { pace, budget, next: AtomicU64::new(0), started_at: Instant::now() }
    }

    /// The run starts now.
    pub(crate) fn restart(self) -> Self {
        Self { started_at: Instant::now(), ..self }
    }

    /// How long ago the run started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started_at.elapsed()
    }

    /// The number of the next deployment, until the run is over.
    pub(crate) fn claim(&self) -> Option<u64> {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let begins_after = match self.pace {
            Pace::AsAnswered => self.elapsed(),
            Pace::PerSecond(rate) => due_after(first_event(n), rate),
        };
        let is_within = match self.budget {
            Budget::Deployments(count) => n < count,
            // However late it begins, a run has a first one.
            Budget::Time(length) => n == 0 || begins_after < length,
        };
        is_within.then_some(n)
    }

    /// Waits for the event's turn, and returns when it counts as sent: now, or, if nobody was free
    /// to send it when it was due, then, so that a slow server cannot hide its queue.
    pub(crate) async fn wait_for_turn(&self, event: u64) -> Instant {
        let Pace::PerSecond(rate) = self.pace else { return Instant::now() };
        let due_at = self.started_at + due_after(event, rate);
        let early = due_at.saturating_duration_since(Instant::now());
        if early.is_zero() {
            return due_at;
        }
        sleep(early).await;
        Instant::now()
    }
}

/// The number of a deployment's first event.
pub(crate) fn first_event(n: u64) -> u64 {
    n * LIFECYCLE.len() as u64
}

fn due_after(event: u64, rate: u32) -> Duration {
    let whole_s = Duration::from_secs(event / u64::from(rate));
    whole_s + Duration::from_secs(event % u64::from(rate)) / rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_due_evenly_and_stay_so_for_days() {
        assert_eq!(due_after(0, 3), Duration::ZERO);
        assert_eq!(due_after(7, 50), Duration::from_millis(140));
        assert_eq!(due_after(50 * 86_400 + 1, 50), Duration::from_millis(86_400_020));
    }

    #[tokio::test]
    async fn an_event_that_nobody_was_free_to_send_counts_from_when_it_was_due() {
        let clock = Clock::new(Pace::PerSecond(100), Budget::Time(Duration::from_secs(1)));
        sleep(Duration::from_millis(20)).await;

        let late = clock.wait_for_turn(1).await;
        let early = clock.wait_for_turn(4).await;

        assert_eq!(late, clock.started_at + Duration::from_millis(10));
        assert!(early >= clock.started_at + Duration::from_millis(40));
    }

    #[test]
    fn the_run_ends_with_the_last_deployment_that_begins_in_time() {
        for budget in [Budget::Time(Duration::from_secs(2)), Budget::Deployments(4)] {
            let clock = Clock::new(Pace::PerSecond(4), budget);

            let claimed = std::iter::from_fn(|| clock.claim());

            assert_eq!(claimed.collect::<Vec<_>>(), [0, 1, 2, 3]);
        }
    }
}
