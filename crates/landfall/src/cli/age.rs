//! Times as people read them: how long ago, in one unit.

use std::time::Duration;

use landfall_domain::time::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// How long ago `at` was, such as `3h`; a time to come is `0s`.
pub(crate) fn age(now: Timestamp, at: Timestamp) -> String {
    short(now.since(at))
}

/// A duration in its largest unit, rounded down: `12s`, `5m`, `3h`, `4d`, `2y`.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => format!("{}h", seconds / HOUR),
        DAY..YEAR => format!("{}d", seconds / DAY),
        _ => format!("{}y", seconds / YEAR),
    }
}

/// A duration in two units, for what took minutes: `1m 30s`.
pub(crate) fn exact(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m {}s", seconds / MINUTE, seconds % MINUTE),
        _ => format!("{}h {}m", seconds / HOUR, seconds % HOUR / MINUTE),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use landfall_domain::time::Timestamp;

    use super::{age, exact, short};

    #[test]
    fn a_duration_is_told_in_its_largest_unit() {
        let cases = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_599, "59m"),
            (3_600, "1h"),
            (86_399, "23h"),
            (86_400, "1d"),
            (31_536_000, "1y"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(short(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn what_took_minutes_is_told_to_the_second() {
        let cases = [(5, "5s"), (90, "1m 30s"), (3_725, "1h 2m")];
        for (seconds, expected) in cases {
            assert_eq!(exact(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn a_time_to_come_is_now() {
        let now = Timestamp::from_micros(1_000_000);
        assert_eq!(age(now, Timestamp::from_micros(9_000_000)), "0s");
    }
}
