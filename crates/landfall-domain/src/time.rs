//! Instants, in microseconds since 1970, UTC.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant: microseconds since 1970-01-01T00:00:00Z, from 1970 to 9999.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimestamp {
    /// Not RFC 3339.
    #[error("`{0}` is not a time such as 2026-11-20T22:18:49Z (RFC 3339)")]
    Malformed(String),
    /// Before 1970 or after 9999.
    #[error("`{0}` is not between 1970 and 9999")]
    OutOfRange(String),
}

impl Timestamp {
    /// The last that can be written: 9999-12-30T22:00:00Z, which is within 9999 in every zone.
    const MICROS_MAX: i64 = 253_402_207_200_000_000;
    /// Later than everything: near the end of 9999.
    pub const MAX: Self = Self(Self::MICROS_MAX);

    /// From microseconds since 1970, held within 1970 to 9999.
    pub const fn from_micros(micros: i64) -> Self {
        if micros < 0 {
            Self(0)
        } else if micros > Self::MICROS_MAX {
            Self(Self::MICROS_MAX)
        } else {
            Self(micros)
        }
    }

    /// Microseconds since 1970.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to this instant; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// Reads RFC 3339. A time without a zone is taken as UTC, as the vendors' servers do.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let text = text.trim();
        let micros = text
            .parse::<jiff::Timestamp>()
            .or_else(|_| {
                let local = text.parse::<jiff::civil::DateTime>()?;
                local.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
            })
            .map_err(|_| InvalidTimestamp::Malformed(shortened(text)))?
            .as_microsecond();
        if (0..=Self::MICROS_MAX).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(InvalidTimestamp::OutOfRange(shortened(text)))
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_add(micros))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_sub(micros))
    }
}

/// RFC 3339 in UTC with `Z`, with as many fractional digits as are not zero (at most six).
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        time.fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Serialises a [`Timestamp`] as microseconds, for what only Landfall reads again.
pub mod micros {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Timestamp;

    /// Writes the microseconds.
    pub fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.as_micros())
    }

    /// Reads the microseconds.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_micros)
    }

    /// The same for a time that may be missing.
    pub mod option {
        use serde::{Deserialize, Deserializer, Serializer};

        use super::Timestamp;

        /// Writes the microseconds or null.
        pub fn serialize<S: Serializer>(
            time: &Option<Timestamp>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => serializer.serialize_some(&time.as_micros()),
                None => serializer.serialize_none(),
            }
        }

        /// Reads the microseconds or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_micros))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_zone_and_written_in_utc() {
        for (text, written) in [
            ("2025-11-06T15:30:00Z", "2025-11-06T15:30:00Z"),
            ("2025-11-06T15:30:00.661Z", "2025-11-06T15:30:00.661Z"),
            ("2025-11-06T16:30:00+01:00", "2025-11-06T15:30:00Z"),
            ("2025-11-06T15:30:00", "2025-11-06T15:30:00Z"),
            ("2025-11-06T15:30:00.123456789Z", "2025-11-06T15:30:00.123456Z"),
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), written);
        }
    }

    #[test]
    fn the_first_instant_and_the_last_can_be_written_and_read() {
        for time in [Timestamp::default(), Timestamp::MAX, Timestamp::from_micros(i64::MAX)] {
            let text = serde_json::to_string(&time).unwrap();
            assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), time, "{text}");
        }
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-30T22:00:00Z");
    }

    /// It can be read as a time and not be written as one.
    #[test]
    fn an_instant_after_the_last_is_refused() {
        let why = Timestamp::parse("9999-12-30T22:00:00.000001Z").unwrap_err();
        assert!(matches!(why, InvalidTimestamp::OutOfRange(_)), "{why}");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "1731000000", "2025-13-01T00:00:00Z", "0001-01-01T00:00:00Z"]
        {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }
}
