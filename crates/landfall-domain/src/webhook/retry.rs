//! When a failed delivery is tried again, and what `Retry-After` asks for.

use std::time::Duration;

use jiff::fmt::strtime;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The seconds from each failed attempt to the next; after the last of them the delivery is dead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u32>", into = "Vec<u32>")]
pub struct Schedule(Vec<u32>);

/// Why a list of delays was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    /// Over the limit.
    #[error("at most {} retries are allowed, not {entries}", Schedule::ENTRIES_MAX)]
    TooMany {
        /// How many were given.
        entries: usize,
    },
    /// Zero, or over the limit.
    #[error("a retry must wait 1 to {} seconds (7 days), not {seconds}", Schedule::SECONDS_MAX)]
    OutOfRange {
        /// What was given.
        seconds: u32,
    },
}

impl Schedule {
    /// Retries at most; the attempts of one delivery are kept, so they have an end.
    pub const ENTRIES_MAX: usize = 50;
    /// A week, the longest that one retry may wait.
    pub const SECONDS_MAX: u32 = 604_800;

    /// How long to wait after the `failed_attempts`-th attempt failed (from 1), spread by ±20 %
    /// with `entropy` so that deliveries which failed together do not return together.
    ///
    /// `None` means that the delivery is dead.
    pub fn delay_after(&self, failed_attempts: u32, entropy: u64) -> Option<Duration> {
        let index = usize::try_from(failed_attempts.saturating_sub(1)).ok()?;
        let seconds = *self.0.get(index)?;
        let permille = 800 + entropy % 401;
        Some(Duration::from_millis(u64::from(seconds) * permille))
    }

    /// The seconds between attempts.
    pub fn seconds(&self) -> &[u32] {
        &self.0
    }
}

impl Default for Schedule {
    fn default() -> Self {
        const MINUTE: u32 = 60;
        const HOUR: u32 = 60 * MINUTE;
        Self(vec![
            5,
            30,
            2 * MINUTE,
            10 * MINUTE,
            30 * MINUTE,
            HOUR,
            2 * HOUR,
            4 * HOUR,
            8 * HOUR,
            12 * HOUR,
            24 * HOUR,
            24 * HOUR,
        ])
    }
}

impl TryFrom<Vec<u32>> for Schedule {
    type Error = InvalidSchedule;

    fn try_from(seconds: Vec<u32>) -> Result<Self, InvalidSchedule> {
        if seconds.len() > Self::ENTRIES_MAX {
            return Err(InvalidSchedule::TooMany { entries: seconds.len() });
        }
        match seconds.iter().find(|wait| !(1..=Self::SECONDS_MAX).contains(*wait)) {
            Some(&seconds) => Err(InvalidSchedule::OutOfRange { seconds }),
            None => Ok(Self(seconds)),
        }
    }
}

impl From<Schedule> for Vec<u32> {
    fn from(schedule: Schedule) -> Self {
        schedule.0
    }
}

/// The longest that a receiver can put us off with one answer.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// Reads `Retry-After` (RFC 9110, §10.2.3): whole seconds, or an HTTP date in any of its three
/// forms. A past date is zero, and nothing is longer than an hour; `None` if it can't be read.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let asked = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits fail to parse only when they are too many.
        value.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs)
    } else {
        http_date(value)?.since(now)
    };
    Some(asked.min(RETRY_AFTER_MAX))
}

/// `IMF-fixdate`, `rfc850-date` and `asctime-date` of RFC 9110, §5.6.7.
const HTTP_DATES: [&str; 3] =
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

fn http_date(text: &str) -> Option<Timestamp> {
    let local = HTTP_DATES
        .iter()
        .find_map(|form| strtime::parse(form, text).and_then(|parsed| parsed.to_datetime()).ok())?;
    let zoned = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("1994-11-06T08:49:00Z").unwrap()
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("999999999999999999999999", Some(3600)),
            ("7200", Some(3600)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(37)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(37)),
            ("Sun Nov  6 08:49:37 1994", Some(37)),
            ("Sat, 05 Nov 1994 08:49:37 GMT", Some(0)),
            ("Mon, 07 Nov 1994 08:49:37 GMT", Some(3600)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("1994-11-06T08:49:37Z", None),
        ] {
            let read = retry_after(value, now());
            assert_eq!(read, seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn by_default_a_delivery_is_tried_for_about_three_days() {
        let schedule = Schedule::default();
        assert_eq!(schedule.seconds().len(), 12);
        let hours = schedule.seconds().iter().sum::<u32>() / 3600;
        assert!((72..84).contains(&hours), "{hours}");
        assert_eq!(schedule.delay_after(13, 0), None);
        assert_eq!(Schedule(Vec::new()).delay_after(1, 0), None);
    }

    #[test]
    fn a_schedule_has_bounds() {
        assert!(Schedule::try_from(vec![1; 50]).is_ok());
        assert!(Schedule::try_from(vec![1; 51]).is_err());
        assert!(Schedule::try_from(vec![0]).is_err());
        assert!(serde_json::from_str::<Schedule>("[5, 604801]").is_err());
        assert_eq!(serde_json::to_string(&Schedule(vec![5, 30])).unwrap(), "[5,30]");
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(seconds in 1..=Schedule::SECONDS_MAX, entropy: u64) {
            let delay = Schedule(vec![seconds]).delay_after(1, entropy).unwrap();
            let exact = Duration::from_secs(u64::from(seconds));
            prop_assert!(delay >= exact * 4 / 5 && delay <= exact * 6 / 5);
        }

        #[test]
        fn no_value_of_retry_after_is_too_long(value in "\\PC{0,40}") {
            prop_assert!(retry_after(&value, now()).is_none_or(|wait| wait <= RETRY_AFTER_MAX));
        }
    }
}
