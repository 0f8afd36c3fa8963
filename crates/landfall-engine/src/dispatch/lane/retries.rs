//! The deliveries of one webhook that are to be tried again.
//!
//! The rows are the truth; a bounded part of them is kept here, those that are due first.

use std::collections::{BTreeMap, HashSet};

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
    /// There are rows that are not held.
    has_more: bool,
}

impl Retries {
    /// Takes in what the rows say, due first; `is_all` if there are no others.
    pub(super) fn load(&mut self, rows: impl Iterator<Item = (u64, Retry)>, is_all: bool) {
        self.held = rows.filter(|(sequence, _)| !self.busy.contains(sequence)).collect();
        self.has_more = !is_all;
    }

    /// Whether the rows should be looked at again.
    pub(super) fn wants_rows(&self) -> bool {
        self.has_more && self.held.is_empty()
    }

    /// Whether nothing is to be tried again, now or later.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.busy.is_empty() && !self.has_more
    }

    /// Adds a delivery whose row says the same; it is held if there is room.
    pub(super) fn add(&mut self, sequence: u64, retry: Retry) {
        self.busy.remove(&sequence);
        if self.has_more || self.held.len() >= HELD_MAX {
            self.has_more = true;
        } else {
            self.held.insert(sequence, retry);
        }
    }

    /// Takes the first in log order that is due, to be tried now.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(u64, Retry)> {
        let found = self.held.iter().find(|(_, retry)| retry.next_at <= now);
        let (sequence, retry) = found.map(|(sequence, retry)| (*sequence, *retry))?;
        self.held.remove(&sequence);
        self.busy.insert(sequence);
        Some((sequence, retry))
    }

    /// Takes the one that is due next, due now or not.
    pub(super) fn take_soonest(&mut self) -> Option<(u64, Retry)> {
        let (sequence, retry) = self.held.iter().min_by_key(|(_, retry)| retry.next_at)?;
        let (sequence, retry) = (*sequence, *retry);
        self.held.remove(&sequence);
        self.busy.insert(sequence);
        Some((sequence, retry))
    }

    /// Takes note that a delivery's first attempt is under way, although it has a row.
    pub(super) fn note_busy(&mut self, sequence: u64) {
        self.busy.insert(sequence);
    }

    /// Whether there are rows that are not held.
    pub(super) const fn has_more(&self) -> bool {
        self.has_more
    }

    /// Forgets a delivery that is settled.
    pub(super) fn settle(&mut self, sequence: u64) {
        self.held.remove(&sequence);
        self.busy.remove(&sequence);
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
