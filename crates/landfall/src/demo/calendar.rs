//! Working days and hours, in UTC.

use std::time::Duration;

use landfall_domain::time::Timestamp;

const DAY_MICROS: i64 = 86_400_000_000;
const MINUTE_MICROS: i64 = 60_000_000;
/// Nobody begins anything after this minute of the day.
const EVENING: i64 = 16 * 60 + 30;
/// Nor before this one.
const MORNING: i64 = 8 * 60;

/// So many minutes.
pub(super) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// So many hours.
pub(super) const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

/// The number of a day, counted from 1970.
pub(super) const fn day_of(time: Timestamp) -> i64 {
    time.as_micros() / DAY_MICROS
}

/// A minute of a day.
pub(super) const fn at(day: i64, minute: i64) -> Timestamp {
    Timestamp::from_micros(day * DAY_MICROS + minute * MINUTE_MICROS)
}

/// The day of the week; Monday is 0.
pub(super) const fn weekday(day: i64) -> i64 {
    // The first of January 1970 was a Thursday.
    (day + 3).rem_euclid(7)
}

/// Whether people are at work.
pub(super) const fn is_working_day(day: i64) -> bool {
    weekday(day) < 5
}

/// This moment, or the last one before it at which somebody was at work.
pub(super) const fn at_work(time: Timestamp) -> Timestamp {
    let mut day = day_of(time);
    let minute = (time.as_micros() % DAY_MICROS) / MINUTE_MICROS;
    if is_working_day(day) && minute >= MORNING && minute <= EVENING {
        return time;
    }
    if minute < MORNING {
        day -= 1;
    }
    while !is_working_day(day) {
        day -= 1;
    }
    at(day, EVENING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_on_weekdays_between_morning_and_evening() {
        for (time, worked) in [
            ("2026-11-20T10:15:30Z", "2026-11-20T10:15:30Z"),
            ("2026-11-20T23:00:00Z", "2026-11-20T16:30:00Z"),
            ("2026-11-20T03:00:00Z", "2026-11-19T16:30:00Z"),
            ("2026-11-22T12:00:00Z", "2026-11-20T16:30:00Z"),
            ("2026-11-23T07:00:00Z", "2026-11-20T16:30:00Z"),
        ] {
            let time = Timestamp::parse(time).unwrap();
            assert_eq!(at_work(time).to_string(), worked);
        }
    }
}
