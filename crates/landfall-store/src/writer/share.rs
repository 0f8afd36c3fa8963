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

    /// Whether a group of so many would be small, and more are to be expected since others are under way.
    pub(super) fn is_worth_a_moment(&self, queued: usize) -> bool {
        queued < GROUP_MIN && queued < self.waiting.load(Ordering::Relaxed)
    }

    /// The most that a group takes now, of so many in the queue: those whose callers went away meanwhile
    /// are to be stored as well.
    pub(super) fn group_max(&self, queued: usize) -> usize {
        let waiting = self.waiting.load(Ordering::Relaxed).max(queued);
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
        assert_eq!(share.group_max(20), 22);
        waiting.truncate(30);
        assert_eq!(share.group_max(20), 10);
    }

    #[test]
    fn few_are_not_divided_and_many_not_taken_at_once() {
        let share = Share::among(3);
        assert_eq!(share.group_max(1), GROUP_MIN);
        let waiting: Vec<Waiting> = (0..5_000).map(|_| share.enter()).collect();
        assert_eq!(share.group_max(1), GROUP_MAX);
        drop(waiting);
        assert_eq!(share.group_max(1), GROUP_MIN);
    }

    #[test]
    fn a_small_group_waits_only_if_others_are_under_way() {
        let share = Share::among(2);
        let waiting: Vec<Waiting> = (0..3).map(|_| share.enter()).collect();
        assert!(share.is_worth_a_moment(2));
        assert!(!share.is_worth_a_moment(3), "all who wait are in it");
        let more: Vec<Waiting> = (0..20).map(|_| share.enter()).collect();
        assert!(share.is_worth_a_moment(GROUP_MIN - 1));
        assert!(!share.is_worth_a_moment(GROUP_MIN));
        drop((waiting, more));
        assert!(!share.is_worth_a_moment(1));
    }

    #[test]
    fn those_whose_callers_went_away_are_not_stored_in_small_groups() {
        let share = Share::among(3);
        assert_eq!(share.group_max(3_000), GROUP_MAX);
        assert_eq!(share.group_max(60), 20);
    }
}
