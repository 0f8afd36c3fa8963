//! The deliveries of one webhook that are to be tried again.
//!
//! The rows are the truth; a bounded part of them is kept here, those that are due first.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use landfall_domain::time::Timestamp;

/// Rows that are kept in memory.
pub(super) const HELD_MAX: usize = 1_024;

/// A delivery that is to be tried again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    pub attempts: u32,
    pub next_at: Timestamp,
}

/// The deliveries of one webhook that are to be tried again.
#[derive(Default)]
pub(super) struct Retries {
    held: BTreeMap<u64, Retry>,
    /// Those that are being tried now; what the rows say of them is old.
    busy: HashSet<u64>,
    /// Those that were settled by hand, until their rows say so and no attempt is under way.
    settled: HashSet<u64>,
    /// There are rows that are not held, all due after this.
    more_after: Option<Timestamp>,
}

impl Retries {
    /// None yet, and rows that have to be looked at.
    pub(super) fn unread() -> Self {
        Self { more_after: Some(Timestamp::default()), ..Self::default() }
    }

    /// Takes in what the rows say, due first; `is_all` if there are no others.
    pub(super) fn load(&mut self, rows: &[(u64, Retry)], is_all: bool) {
        let last = rows.last().map(|(_, retry)| retry.next_at);
        self.more_after = last.filter(|_| !is_all);
        let is_known =
            |sequence: &u64| self.busy.contains(sequence) || self.settled.contains(sequence);
        self.held = rows.iter().copied().filter(|(sequence, _)| !is_known(sequence)).collect();
    }

    /// Whether the rows should be looked at.
    pub(super) fn wants_rows(&self) -> bool {
        self.more_after.is_some() && self.held.is_empty()
    }

    /// Whether there are rows that are not held.
    pub(super) const fn has_more(&self) -> bool {
        self.more_after.is_some()
    }

    /// Whether nothing is to be tried again, now or later.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.busy.is_empty() && self.more_after.is_none()
    }

    /// Adds a delivery whose row says the same; it is held if it is due before those that are not.
    pub(super) fn add(&mut self, sequence: u64, retry: Retry) {
        self.busy.remove(&sequence);
        if self.more_after.is_some_and(|after| after < retry.next_at) {
            return;
        }
        self.held.insert(sequence, retry);
        if self.held.len() > HELD_MAX {
            self.let_go_of_the_last();
        }
    }

    fn let_go_of_the_last(&mut self) {
        let last = self.held.iter().max_by_key(|(_, retry)| retry.next_at);
        if let Some((sequence, retry)) = last.map(|(sequence, retry)| (*sequence, *retry)) {
            self.held.remove(&sequence);
            // Others may be due at the same moment.
            let just_before = retry.next_at - Duration::from_micros(1);
            let known = self.more_after.unwrap_or(just_before);
            self.more_after = Some(known.min(just_before));
        }
    }

    /// Takes the first in log order that is due, to be tried now.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(u64, Retry)> {
        let found = self.held.iter().find(|(_, retry)| retry.next_at <= now);
        let sequence = found.map(|(sequence, _)| *sequence)?;
        self.take(sequence)
    }

    /// Takes the one that is due next, due now or not.
    pub(super) fn take_soonest(&mut self) -> Option<(u64, Retry)> {
        let found = self.held.iter().min_by_key(|(_, retry)| retry.next_at);
        let sequence = found.map(|(sequence, _)| *sequence)?;
        self.take(sequence)
    }

    fn take(&mut self, sequence: u64) -> Option<(u64, Retry)> {
        let retry = self.held.remove(&sequence)?;
        self.busy.insert(sequence);
        Some((sequence, retry))
    }

    /// Takes note that a delivery's first attempt is under way, although it has a row.
    pub(super) fn note_busy(&mut self, sequence: u64) {
        self.busy.insert(sequence);
    }

    /// Forgets a delivery that an attempt settled.
    pub(super) fn forget(&mut self, sequence: u64) {
        self.held.remove(&sequence);
        self.busy.remove(&sequence);
    }

    /// A delivery is being settled by hand: nothing starts for it any more, and what comes of an
    /// attempt that is under way changes nothing.
    pub(super) fn settle(&mut self, sequence: u64) {
        self.held.remove(&sequence);
        self.settled.insert(sequence);
    }

    /// The row of a delivery that was settled by hand says so now.
    pub(super) fn settled(&mut self, sequence: u64) {
        self.held.remove(&sequence);
        if !self.busy.contains(&sequence) {
            self.settled.remove(&sequence);
        }
    }

    /// Whether a delivery whose attempt ended was settled by hand meanwhile.
    pub(super) fn was_settled(&mut self, sequence: u64) -> bool {
        let was_settled = self.settled.remove(&sequence);
        if was_settled {
            self.busy.remove(&sequence);
        }
        was_settled
    }

    /// Makes what is held due.
    pub(super) fn hurry(&mut self, now: Timestamp) {
        self.held.values_mut().for_each(|retry| retry.next_at = retry.next_at.min(now));
    }

    /// When the next one is due.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.held.values().map(|retry| retry.next_at).min()
    }

    /// How many are known to wait.
    pub(super) fn len(&self) -> usize {
        self.held.len() + self.busy.len()
    }
}
