//! Runs: the reports of one identity, cut where a terminal report ends one (DESIGN §3).
//!
//! [`cut`] is the whole rule; [`Run::insert`] applies it to one run at a time, since a report can
//! only touch the run whose span holds its time. Builds and deployments share all of it.

mod stored;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::facts::Facts;
use crate::status::Status;
use crate::time::Timestamp;

/// One report as its run remembers it.
///
/// The derived order is the rule: effective time, then status, then content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Effective time.
    pub at: Timestamp,
    /// What it said.
    pub status: Status,
    /// The time it told itself, before any correction.
    pub told: Option<Timestamp>,
    /// Everything else it said.
    pub facts: Arc<Facts>,
    /// When it arrived.
    pub arrived_at: Timestamp,
}

impl Entry {
    /// Says the same thing at the same time: a terminal repeat, or the same non-terminal report.
    fn repeats(&self, other: &Self) -> bool {
        self.status == other.status
            && (self.at == other.at || (self.told.is_some() && self.told == other.told))
    }

    /// Says word for word the same, whenever it arrived.
    fn equals(&self, other: &Self) -> bool {
        let Self { at, status, told, facts, arrived_at: _ } = other;
        (self.at, self.status, self.told) == (*at, *status, *told) && self.facts == *facts
    }
}

/// Cuts reports, sorted, into runs: each terminal one ends a run, and its repeats stay with it.
pub fn cut(mut entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    entries.sort();
    let mut runs: Vec<Vec<Entry>> = Vec::new();
    for entry in entries {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| continues(last, &entry)) => run.push(entry),
            _ => runs.push(vec![entry]),
        }
    }
    runs
}

fn continues(last: &Entry, next: &Entry) -> bool {
    !last.status.is_terminal() || next.repeats(last)
}

/// The reports of one build or deployment, in order; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    entries: Vec<Entry>,
}

/// What one report did to a run.
#[derive(Debug, PartialEq, Eq)]
pub enum Insertion {
    /// It said nothing new; it may have filled empty fields.
    Repeat {
        /// Whether it did.
        enriched: bool,
    },
    /// It brought an open run forward.
    Advance,
    /// It came late, or only added facts.
    Update,
}

impl Run {
    /// More reports than this are coalesced: the middle one goes.
    pub const ENTRIES_MAX: usize = 32;
    /// No two clocks differ by more; what was told over a day before a run is not of it.
    const CLOCK_DIFFERENCE_MAX: Duration = Duration::from_hours(24);
    /// A repeat this long after the last news is kept, so that a job that goes on telling that it
    /// runs does not become stale.
    const HEARTBEAT_MIN: Duration = Duration::from_hours(1);

    /// A run that begins with `entry`.
    pub fn begin(entry: Entry) -> Self {
        Self { entries: vec![entry] }
    }

    /// The reports, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The terminal report that ended it.
    pub fn closing(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.status.is_terminal())
    }

    /// The furthest status.
    pub fn status(&self) -> Status {
        let furthest = self.entries.iter().map(|entry| entry.status).max();
        furthest.unwrap_or(Status::Pending)
    }

    /// When it began: the first report, or an earlier start that a report tells.
    pub fn began_at(&self) -> Timestamp {
        let times = self.entries.iter().flat_map(|entry| [Some(entry.at), entry.facts.started_at]);
        times.flatten().min().unwrap_or_default()
    }

    /// Whether its end was not reported yet.
    pub fn is_open(&self) -> bool {
        self.closing().is_none()
    }

    /// When it ended.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.closing().map(|entry| entry.at)
    }

    /// The latest effective time it tells of.
    pub fn latest_at(&self) -> Timestamp {
        self.entries.last().map_or_else(Timestamp::default, |entry| entry.at)
    }

    /// When something was last heard of it.
    pub fn news_at(&self) -> Timestamp {
        self.entries.iter().map(|entry| entry.arrived_at).max().unwrap_or_default()
    }

    /// When its first report arrived.
    pub fn created_at(&self) -> Timestamp {
        self.entries.iter().map(|entry| entry.arrived_at).min().unwrap_or_default()
    }

    /// All that its reports say, merged: the furthest status speaks first, then the earlier report.
    ///
    /// The result depends on the set of reports alone, not on the order they arrived in.
    pub fn facts(&self) -> Arc<Facts> {
        if let Some((first, others)) = self.entries.split_first()
            && others.iter().all(|other| other.facts == first.facts)
        {
            return Arc::clone(&first.facts);
        }
        let mut order: Vec<&Entry> = self.entries.iter().collect();
        order.sort_by_key(|entry| std::cmp::Reverse(entry.status.stage()));
        let mut merged = Facts::default();
        for entry in order {
            merged.enrich(&entry.facts);
        }
        Arc::new(merged)
    }

    /// Whether a report at this place in the order belongs to this run rather than a later one.
    pub fn reaches(&self, entry: &Entry) -> bool {
        self.closing().is_none_or(|end| {
            (end.at, end.status) >= (entry.at, entry.status) || entry.repeats(end)
        })
    }

    /// Whether this very report was taken in before: one that tells its time is known by it.
    pub fn holds(&self, entry: &Entry) -> bool {
        entry.told.is_some() && self.entries.iter().any(|known| entry.repeats(known))
    }

    /// Whether a report that does not name this open run may still be one of it: joining by guess
    /// never cuts a run, and never ends one long before it began (decision 0003).
    pub fn may_take(&self, entry: &Entry) -> bool {
        let is_timed_later = |known: &Entry| known.told.is_some() && known.at > entry.at;
        let is_cut = entry.status.is_terminal() && self.entries.iter().any(is_timed_later);
        !is_cut && self.began_at().since(entry.at) <= Self::CLOCK_DIFFERENCE_MAX
    }

    /// Takes in one report that [`Self::reaches`] it, and returns what it did and, if it cut the
    /// run in two, the later part. `self` becomes the part that ends with the report.
    pub fn insert(&mut self, mut entry: Entry) -> (Insertion, Option<Self>) {
        let before = self.status();
        let is_open = !before.is_terminal();
        if is_open && entry.told.is_none() {
            // It is news, even where the clock of its arrival is behind.
            entry.at = entry.at.max(self.latest_at());
        }
        if self.says_again(&entry, is_open) {
            return (self.repeat(entry), None);
        }
        if is_open && entry.status.is_terminal() {
            self.order_untimed_before(entry.at);
        }
        let advances = is_open && entry.status.stage() > before.stage();
        let rest = self.place(entry);
        (if advances { Insertion::Advance } else { Insertion::Update }, rest)
    }

    /// Whether the report repeats one of this run, or what this run already is.
    fn says_again(&self, entry: &Entry, is_open: bool) -> bool {
        let is_known = |status| self.entries.iter().any(|known| known.status == status);
        self.entries.iter().any(|known| entry.repeats(known))
            || (is_open && entry.status == self.status())
            || (is_open && entry.told.is_none() && is_known(entry.status))
    }

    /// A report without a time is never ordered after a terminal one that arrived later.
    fn order_untimed_before(&mut self, end: Timestamp) {
        for entry in self.entries.iter_mut().filter(|entry| entry.told.is_none()) {
            entry.at = entry.at.min(end);
        }
    }

    fn repeat(&mut self, mut entry: Entry) -> Insertion {
        // A clock that runs ahead is corrected to the arrival, so its repeat has another `at`.
        if let Some(same) = self.entries.iter().find(|other| entry.repeats(other)) {
            entry.at = same.at;
        }
        if self.entries.iter().any(|known| known.equals(&entry)) {
            return Insertion::Repeat { enriched: false };
        }
        let is_timed = entry.told.is_some();
        let is_heartbeat = entry.arrived_at.since(self.news_at()) >= Self::HEARTBEAT_MIN;
        let mut merged = self.clone();
        let none = merged.place(entry);
        debug_assert!(none.is_none(), "a repeat ends no run");
        let enriched = merged.facts() != self.facts();
        // One with a time is kept even if it adds nothing: a later cut may part it from the
        // reports that say the same. One without is kept now and then, as a sign of life.
        if enriched || is_timed || is_heartbeat {
            *self = merged;
        }
        Insertion::Repeat { enriched }
    }

    /// Puts the entry in its place and cuts; returns what lies after the run that holds it.
    fn place(&mut self, entry: Entry) -> Option<Self> {
        let new = entry.clone();
        let mut entries = std::mem::take(&mut self.entries);
        entries.push(entry);
        let mut parts = cut(entries);
        self.entries = parts.remove(0);
        debug_assert!(parts.len() <= 1, "one report cuts a run at most once");
        debug_assert!(
            parts.is_empty() || self.entries.contains(&new),
            "the first part ends with it"
        );
        self.coalesce(&new);
        parts.pop().map(|entries| Self { entries })
    }

    /// Keeps the run short; its newest report, its first to arrive and its last stay.
    fn coalesce(&mut self, new: &Entry) {
        if self.entries.len() > Self::ENTRIES_MAX {
            let founder = self.created_at();
            let middle = self.entries.len() / 2;
            let is_spare = |known: &Entry| known.arrived_at != founder && known != new;
            let spare =
                (middle..self.entries.len() - 1).find(|&index| is_spare(&self.entries[index]));
            self.entries.remove(spare.unwrap_or(middle));
        }
    }

    /// Whether this part holds the report that first got the id that the whole run had, where
    /// `created_at` is when the whole run had its first report.
    pub fn holds_founder(&self, created_at: Timestamp) -> bool {
        self.created_at() == created_at
    }
}
