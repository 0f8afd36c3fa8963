//! How history is put into words: signs of status, clocks, days and durations.

use std::time::Duration;

use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_domain::view::ActorView;

/// A status as a shape, a word and the name of a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub shape: &'static str,
    pub word: &'static str,
    pub class: &'static str,
}

/// The sign of a status.
pub(super) const fn sign(status: Status) -> Sign {
    match status {
        Status::Pending => Sign { shape: "○", word: "pending", class: "pending" },
        Status::Started => Sign { shape: "◐", word: "in progress", class: "started" },
        Status::Completed => Sign { shape: "●", word: "completed", class: "completed" },
        Status::Failed => Sign { shape: "✕", word: "failed", class: "failed" },
        Status::Aborted => Sign { shape: "–", word: "aborted", class: "aborted" },
    }
}

/// What is open and of which nothing was heard for long.
pub(super) const STALE: Sign = Sign { shape: "◌", word: "stale", class: "stale" };
/// What never happened.
pub(super) const VOIDED: Sign = Sign { shape: "⊘", word: "voided", class: "aborted" };

/// How long something took, in its two largest units.
pub(super) fn lasted(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{minutes} m {} s", seconds % 60),
        3_600..=86_399 => format!("{hours} h {} m", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// The day of an instant in UTC, such as `2026-11-21`.
pub(super) fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The time of day of an instant in UTC, such as `14:05`. The script tells the viewer's own.
pub(super) fn clock(at: Timestamp) -> String {
    at.to_string().chars().skip(11).take(5).collect()
}

/// An instant in UTC, to the second.
pub(crate) fn instant(at: Timestamp) -> String {
    let text: String = at.to_string().chars().take(19).collect();
    format!("{} UTC", text.trim_end_matches('Z').replace('T', " "))
}

const WEEKDAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAY_MICROS: i64 = 86_400_000_000;

/// A day in words: `Today`, `Yesterday`, `Friday 20 November 2026`. The script says the same.
pub(super) fn day_in_words(at: Timestamp, now: Timestamp) -> String {
    let days = at.as_micros() / DAY_MICROS;
    match now.as_micros() / DAY_MICROS - days {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => {
            let date = day(at);
            let number = |part: Option<&str>| part.and_then(|part| part.parse::<usize>().ok());
            let mut parts = date.split('-').map(|part| number(Some(part)).unwrap_or(1));
            let (year, month) = (parts.next().unwrap_or(1970), parts.next().unwrap_or(1));
            let weekday = usize::try_from(days.rem_euclid(7)).unwrap_or(0);
            let (weekday, month) = (WEEKDAYS[weekday], MONTHS[(month - 1).min(11)]);
            format!("{weekday} {} {month} {year}", parts.next().unwrap_or(1))
        }
    }
}

/// The beginning of a commit's name, as people quote it.
pub(super) fn short_sha(sha: &str) -> String {
    sha.chars().take(10).collect()
}

/// The name by which people know who caused something.
pub(super) fn who(actor: &ActorView) -> Option<&str> {
    [&actor.login, &actor.name, &actor.email].into_iter().flatten().next().map(String::as_str)
}

/// A URL that may be made a link.
pub(super) fn web_link(url: &str) -> Option<String> {
    let lower = url.trim().to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    is_web.then(|| url.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_in_words() {
        let now = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        for (at, told) in [
            ("2026-11-21T00:00:00Z", "Today"),
            ("2026-11-20T23:59:59Z", "Yesterday"),
            ("2026-11-19T12:00:00Z", "Thursday 19 November 2026"),
            ("2024-02-29T12:00:00Z", "Thursday 29 February 2024"),
        ] {
            assert_eq!(day_in_words(Timestamp::parse(at).unwrap(), now), told);
        }
    }

    #[test]
    fn a_duration_is_told_in_its_two_largest_units() {
        for (millis, told) in [
            (350, "350 ms"),
            (1_999, "1 s"),
            (72_000, "1 m 12 s"),
            (3_660_000, "1 h 1 m"),
            (180_000_000, "2 d 2 h"),
        ] {
            assert_eq!(lasted(Duration::from_millis(millis)), told);
        }
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(web_link("javascript:alert(1)"), None);
        assert_eq!(web_link(" HTTPS://ci.test/1 ").as_deref(), Some("HTTPS://ci.test/1"));
    }
}
