//! Slowing down whoever guesses passwords: in memory, per e-mail address and per network address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use landfall_domain::time::Timestamp;
use landfall_domain::user::Email;

use crate::error::EngineError;
use crate::lock::lock;

/// Failures that cost nothing; everybody mistypes.
const FAILURES_FREE: u32 = 5;
/// Failures are forgotten when there was none for so long.
const REMEMBERED_FOR: Duration = Duration::from_mins(15);
/// The wait after the first failure that is not free; it doubles with each further one.
const WAIT_MIN: Duration = Duration::from_secs(30);
/// No wait is longer: less than failures are remembered for, so that waiting does not wipe the slate.
const WAIT_MAX: Duration = Duration::from_mins(8);
/// Subjects that are remembered; beyond that the one that failed longest ago is forgotten.
const SUBJECTS_MAX: usize = 10_000;

/// What failures are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// Whose password is guessed.
    Email(Email),
    /// Who guesses.
    Address(IpAddr),
}

impl Subject {
    /// An address, or the network of one where each customer has a whole network.
    pub(crate) fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last_at: Timestamp,
}

impl Failures {
    /// When the next attempt is taken.
    fn over_at(self) -> Timestamp {
        let Some(beyond) = self.count.checked_sub(FAILURES_FREE) else { return self.last_at };
        let wait = WAIT_MIN.saturating_mul(1 << beyond.min(16));
        self.last_at + wait.min(WAIT_MAX)
    }

    fn is_old(self, now: Timestamp) -> bool {
        now.since(self.last_at) >= REMEMBERED_FOR
    }
}

/// Who failed to sign in lately, and how often.
#[derive(Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<Subject, Failures>>,
}

impl Throttle {
    /// Counts an attempt as failed until it is known to be good, or says how long to wait: else many
    /// attempts at the same time would all be the first.
    pub(crate) fn begin(&self, subjects: &[Subject], now: Timestamp) -> Result<(), EngineError> {
        let mut failures = self.lock();
        let of = |subject| failures.get(subject).copied().filter(|found| !found.is_old(now));
        let over_at = subjects.iter().filter_map(of).map(Failures::over_at).max();
        if let Some(over_at) = over_at.filter(|over_at| now < *over_at) {
            return Err(EngineError::TooFast {
                retry_after: over_at.since(now),
                limit: FAILURES_FREE,
            });
        }
        for subject in subjects {
            make_room(&mut failures, now);
            let none = Failures { count: 0, last_at: now };
            let found = failures.entry(subject.clone()).or_insert(none);
            let count = if found.is_old(now) { 1 } else { found.count.saturating_add(1) };
            *found = Failures { count, last_at: now };
        }
        Ok(())
    }

    /// Takes an attempt back that did not fail.
    pub(crate) fn undo(&self, subjects: &[Subject]) {
        let mut failures = self.lock();
        for subject in subjects {
            if let Some(found) = failures.get_mut(subject) {
                found.count = found.count.saturating_sub(1);
            }
        }
        failures.retain(|_, found| found.count > 0);
    }

    /// Forgets the failures of somebody whose password is known to be theirs.
    pub(crate) fn forget(&self, email: &Email) {
        self.lock().remove(&Subject::Email(email.clone()));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, Failures>> {
        lock(&self.failures)
    }
}

fn make_room(failures: &mut HashMap<Subject, Failures>, now: Timestamp) {
    if failures.len() < SUBJECTS_MAX {
        return;
    }
    failures.retain(|_, found| !found.is_old(now));
    while failures.len() >= SUBJECTS_MAX {
        let oldest = failures.iter().min_by_key(|(_, found)| found.last_at);
        let Some(oldest) = oldest.map(|(subject, _)| subject.clone()) else { return };
        failures.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(name: &str) -> Subject {
        Subject::Email(Email::parse(&format!("{name}@acme.example")).unwrap())
    }

    fn wait(throttle: &Throttle, subject: &Subject, now: Timestamp) -> Option<u64> {
        match throttle.begin(std::slice::from_ref(subject), now) {
            Ok(()) => None,
            Err(EngineError::TooFast { retry_after, .. }) => Some(retry_after.as_secs()),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn each_failure_beyond_the_free_ones_doubles_the_wait() {
        let (throttle, ada) = (Throttle::default(), email("ada"));
        let mut now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        for _ in 0..FAILURES_FREE {
            assert_eq!(wait(&throttle, &ada, now), None);
        }
        for seconds in [30, 60, 120, 240, 480, 480, 480] {
            assert_eq!(wait(&throttle, &ada, now), Some(seconds));
            assert_eq!(wait(&throttle, &email("bob"), now), None);
            throttle.forget(&Email::parse("bob@acme.example").unwrap());
            now = now + Duration::from_secs(seconds);
            assert_eq!(wait(&throttle, &ada, now), None, "{seconds}");
        }
        now = now + REMEMBERED_FOR;
        for _ in 0..FAILURES_FREE {
            assert_eq!(wait(&throttle, &ada, now), None);
        }
        assert_eq!(wait(&throttle, &ada, now), Some(30));
    }

    #[test]
    fn an_attempt_that_did_not_fail_counts_for_nothing() {
        let (throttle, ada) = (Throttle::default(), email("ada"));
        let now = Timestamp::default();
        for _ in 0..100 {
            assert_eq!(wait(&throttle, &ada, now), None);
            throttle.undo(std::slice::from_ref(&ada));
        }
        assert!(throttle.lock().is_empty());
    }

    #[test]
    fn a_network_of_version_six_is_one_subject() {
        let address = |text: &str| Subject::address(text.parse().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }

    #[test]
    fn no_more_subjects_are_remembered_than_there_is_room_for() {
        let throttle = Throttle::default();
        for second in 0..SUBJECTS_MAX as u64 + 10 {
            let now = Timestamp::default() + Duration::from_millis(second);
            assert_eq!(wait(&throttle, &email(&format!("a{second}")), now), None);
        }
        let failures = throttle.lock();
        assert_eq!(failures.len(), SUBJECTS_MAX);
        assert!(!failures.contains_key(&email("a0")));
    }
}
