//! The breaker: a sick receiver is left alone, and found again within minutes (DESIGN §4).
//!
//! Closed, everything flows. After [`Breaker::TRIPS_AT`] sick answers in a row it opens: nothing
//! flows but one probe at a time. A probe that is answered closes it, and the flow grows again one
//! slot with each success.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// How a webhook's receiver has been doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breaker {
    sick_in_a_row: u32,
    open: Option<Open>,
    /// Slots that are open again after a sickness; `None` when all are.
    ramp: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    since: Timestamp,
    next_probe_at: Timestamp,
    probes_failed: u32,
}

/// What an answer did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// It opened: the receiver is sick.
    Opened,
    /// A probe failed; the same event probes next.
    ProbeFailed,
    /// A probe failed for the third time with one event; another one probes next.
    ProbeGivenUp,
    /// The receiver is well again.
    Closed,
}

impl Breaker {
    /// Sick answers in a row that open it.
    pub const TRIPS_AT: u32 = 10;
    /// Probes that one event is good for.
    pub const PROBES_PER_EVENT: u32 = 3;
    /// Until the first probe; doubles with each.
    pub const PROBE_DELAY_MIN: Duration = Duration::from_secs(30);
    /// Between two probes at most.
    pub const PROBE_DELAY_MAX: Duration = Duration::from_mins(5);

    /// Takes note of an answer.
    pub fn note(&mut self, is_sick: bool, now: Timestamp) -> Change {
        match (&mut self.open, is_sick) {
            (None, false) => {
                self.sick_in_a_row = 0;
                self.ramp = self.ramp.map(|slots| slots.saturating_add(1));
                Change::None
            }
            (None, true) => self.note_sick(now),
            (Some(_), false) => {
                *self = Self { ramp: Some(1), ..Self::default() };
                Change::Closed
            }
            (Some(open), true) => open.note_failed_probe(now),
        }
    }

    fn note_sick(&mut self, now: Timestamp) -> Change {
        self.sick_in_a_row = self.sick_in_a_row.saturating_add(1);
        if self.sick_in_a_row < Self::TRIPS_AT {
            return Change::None;
        }
        let next_probe_at = now + Self::PROBE_DELAY_MIN;
        self.open = Some(Open { since: now, next_probe_at, probes_failed: 0 });
        Change::Opened
    }

    /// Since when it is open.
    pub fn open_since(&self) -> Option<Timestamp> {
        self.open.as_ref().map(|open| open.since)
    }

    /// When the next probe goes out; `None` while it is closed.
    pub fn next_probe_at(&self) -> Option<Timestamp> {
        self.open.as_ref().map(|open| open.next_probe_at)
    }

    /// How many of a webhook's slots may be used.
    pub fn slots(&self, configured: usize) -> usize {
        match (&self.open, self.ramp) {
            (Some(_), _) => 1,
            (None, Some(ramp)) => configured.min(ramp as usize),
            (None, None) => configured,
        }
    }

    /// Closes it at once: somebody repaired the receiver, and said so by an edit.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Open {
    fn note_failed_probe(&mut self, now: Timestamp) -> Change {
        self.probes_failed = self.probes_failed.saturating_add(1);
        let doublings = self.probes_failed.min(8);
        let delay = Breaker::PROBE_DELAY_MIN * 2_u32.pow(doublings);
        self.next_probe_at = now + delay.min(Breaker::PROBE_DELAY_MAX);
        if self.probes_failed.is_multiple_of(Breaker::PROBES_PER_EVENT) {
            Change::ProbeGivenUp
        } else {
            Change::ProbeFailed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn opened_at_zero() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 1..Breaker::TRIPS_AT {
            assert_eq!(breaker.note(true, at(0)), Change::None);
        }
        assert_eq!(breaker.note(true, at(0)), Change::Opened);
        breaker
    }

    #[test]
    fn ten_sick_answers_in_a_row_open_it() {
        let breaker = opened_at_zero();
        assert_eq!(breaker.open_since(), Some(at(0)));
        assert_eq!(breaker.next_probe_at(), Some(at(30)));
        assert_eq!(breaker.slots(8), 1);
    }

    #[test]
    fn one_other_answer_between_begins_the_count_anew() {
        let mut breaker = Breaker::default();
        for round in 0..100 {
            let is_sick = round % 10 != 9;
            assert_eq!(breaker.note(is_sick, at(round)), Change::None);
        }
        assert_eq!(breaker.open_since(), None);
    }

    #[test]
    fn probes_are_thirty_seconds_to_five_minutes_apart_and_each_event_is_good_for_three() {
        let mut breaker = opened_at_zero();
        let (mut now, mut seen) = (at(0), Vec::new());
        for _ in 0..6 {
            let next = breaker.next_probe_at().unwrap();
            seen.push((next.since(now).as_secs(), breaker.note(true, next)));
            now = next;
        }
        let (again, other) = (Change::ProbeFailed, Change::ProbeGivenUp);
        let wanted =
            [(30, again), (60, again), (120, other), (240, again), (300, again), (300, other)];
        assert_eq!(seen, wanted);
        assert_eq!(breaker.open_since(), Some(at(0)));
    }

    #[test]
    fn an_answered_probe_closes_it_and_the_flow_grows_slot_by_slot() {
        let mut breaker = opened_at_zero();
        assert_eq!(breaker.note(false, at(30)), Change::Closed);
        let slots: Vec<usize> = (0..4)
            .map(|second| {
                let slots = breaker.slots(3);
                breaker.note(false, at(31 + second));
                slots
            })
            .collect();
        assert_eq!(slots, [1, 2, 3, 3]);
    }
}
