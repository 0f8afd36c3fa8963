//! A range of the log: by numbers, or by times as people say them.

use std::time::Duration;

use clap::Args;
use landfall_domain::time::Timestamp;
use serde_json::{Map, Value, json};

/// Which events; either numbers or times.
#[derive(Debug, Args)]
#[group(id = "range", required = true, multiple = true, args = ["first", "since"])]
pub(super) struct Range {
    /// The number of the first event
    #[arg(long, value_name = "SEQUENCE", conflicts_with = "since")]
    first: Option<u64>,
    /// The number of the last event [default: the newest]
    #[arg(long, value_name = "SEQUENCE", requires = "first")]
    last: Option<u64>,
    /// From this time on, such as 2026-11-20T22:00:00Z or, before now, 30m, 2h, 1d
    #[arg(long, value_name = "TIME", value_parser = When::parse)]
    since: Option<When>,
    /// Up to this time [default: now]
    #[arg(long, value_name = "TIME", value_parser = When::parse, requires = "since")]
    until: Option<When>,
}

/// A time, or how long before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    At(Timestamp),
    Ago(Duration),
}

impl Range {
    /// The range as the API takes it.
    pub(super) fn body(&self, now: Timestamp) -> Value {
        let Self { first, last, since, until } = self;
        let time = |when: &Option<When>| when.map(|when| json!(when.before(now).to_string()));
        let fields = [
            ("first", first.map(Value::from)),
            ("last", last.map(Value::from)),
            ("since", time(since)),
            ("until", time(until)),
        ];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect::<Map<_, _>>())
    }
}

impl When {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(duration) = duration(text) {
            return Ok(Self::Ago(duration));
        }
        Timestamp::parse(text).map(Self::At).map_err(|error| error.to_string())
    }

    fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(duration) => now - duration,
        }
    }
}

/// `90s`, `30m`, `2h` or `1d`.
fn duration(text: &str) -> Option<Duration> {
    let seconds = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let count: u64 = text[..text.len() - 1].parse().ok()?;
    count.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_full_or_before_now() {
        let now = Timestamp::parse("2026-11-20T22:18:49Z").unwrap();
        let cases = [
            ("30m", Some("2026-11-20T21:48:49Z")),
            ("2d", Some("2026-11-18T22:18:49Z")),
            ("2026-11-20T22:00:00Z", Some("2026-11-20T22:00:00Z")),
            ("yesterday", None),
            ("m", None),
            ("", None),
            ("99999999999999999999d", None),
        ];
        for (text, expected) in cases {
            let found = When::parse(text).ok().map(|when| when.before(now));
            let expected = expected.map(|text| Timestamp::parse(text).unwrap());
            assert_eq!(found, expected, "{text}");
        }
    }
}
