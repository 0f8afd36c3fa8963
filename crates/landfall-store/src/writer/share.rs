//! How many of those who wait a group takes.
//!
//! Callers go around: they are decided, stored, made durable, told, and most come back with their next
//! report. Did a group take all that wait, they would stay together from then on, and every thread but one
//! would idle while they pass: groups of nearly all callers and of nearly none would take turns. So a group
//! takes what keeps every station at work. See `docs/decisions/0013`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A group this small is not divided, since each costs something of its own.
const GROUP_MIN: usize = 8;
/// Jobs in one group; more would make the first of them wait for the last.
const GROUP_MAX: usize = 512;

/// Counts who waits to be told, at `stations` places at once.
#[derive(Clone)]
pub(super) struct Share {
    waiting: Arc<AtomicUsize>,
    stations: usize,
}

/// Somebody who waits, until this is dropped.
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Share {
    pub(super) fn among(stations: usize) -> Self {
        Self { waiting: Arc::default(), stations }
    }

    pub(super) fn enter(&self) -> Waiting {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(Arc::clone(&self.waiting))
    }

    /// The most that a group takes now.
    pub(super) fn group_max(&self) -> usize {
        let waiting = self.waiting.load(Ordering::Relaxed);
        waiting.div_ceil(self.stations).clamp(GROUP_MIN, GROUP_MAX)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_takes_its_share_of_those_who_wait_now() {
        let share = Share::among(3);
        let mut waiting: Vec<Waiting> = (0..64).map(|_| share.enter()).collect();
        assert_eq!(share.group_max(), 22);
        waiting.truncate(30);
        assert_eq!(share.group_max(), 10);
    }

    #[test]
    fn few_are_not_divided_and_many_not_taken_at_once() {
        let share = Share::among(3);
        assert_eq!(share.group_max(), GROUP_MIN);
        let waiting: Vec<Waiting> = (0..5_000).map(|_| share.enter()).collect();
        assert_eq!(share.group_max(), GROUP_MAX);
        drop(waiting);
        assert_eq!(share.group_max(), GROUP_MIN);
    }
}
