//! What was counted, held against what was expected.

use std::collections::BTreeMap;

/// How one count stands to the one that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// More than the tolerance above it, in percent.
    Grew(f64),
    /// More than the tolerance below it, in percent.
    Shrank(f64),
    /// No count of it was accepted yet.
    New,
    /// One was, but there is no such benchmark any more.
    Gone,
}

impl Change {
    /// Whether somebody has to accept it.
    pub(crate) const fn is_failure(&self) -> bool {
        !matches!(self, Self::Shrank(_))
    }
}

/// A benchmark whose count is not as it was.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) name: String,
    pub(crate) expected: u64,
    pub(crate) counted: u64,
    pub(crate) change: Change,
}

impl Difference {
    /// What happened, in a line.
    pub(crate) fn line(&self) -> String {
        let Self { name, expected, counted, change } = self;
        let (counted, expected) = (grouped(*counted), grouped(*expected));
        match change {
            Change::Grew(by) => format!("{name} grew by {by:.1} %: from {expected} to {counted}"),
            Change::Shrank(by) => {
                format!("{name} shrank by {by:.1} %: from {expected} to {counted}")
            }
            Change::New => format!("{name} is new: {counted}"),
            Change::Gone => format!("{name} is gone: {expected} were expected"),
        }
    }
}

/// The counts that are not as they were, by name.
pub(crate) fn differences(
    expected: &BTreeMap<String, u64>,
    counted: &BTreeMap<String, u64>,
    tolerance_percent: f64,
) -> Vec<Difference> {
    let gone = expected.keys().filter(|name| !counted.contains_key(*name));
    let gone = gone.map(|name| (name, Some(Change::Gone)));
    let compared = counted.iter().map(|(name, count)| {
        let change = match expected.get(name) {
            Some(before) => change(*before, *count, tolerance_percent),
            None => Some(Change::New),
        };
        (name, change)
    });
    let count = |counts: &BTreeMap<String, u64>, name| counts.get(name).copied().unwrap_or(0);
    let differences = gone.chain(compared).filter_map(|(name, change)| {
        Some(Difference {
            name: name.clone(),
            expected: count(expected, name),
            counted: count(counted, name),
            change: change?,
        })
    });
    differences.collect()
}

fn change(expected: u64, counted: u64, tolerance_percent: f64) -> Option<Change> {
    let by = percent(expected, counted);
    if by > tolerance_percent {
        Some(Change::Grew(by))
    } else if by < -tolerance_percent {
        Some(Change::Shrank(-by))
    } else {
        None
    }
}

/// By how many hundredths a count is above another one.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn percent(expected: u64, counted: u64) -> f64 {
    (counted as f64 - expected as f64) / expected.max(1) as f64 * 100.0
}

/// A number with its thousands apart, as people read it.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    fn lines(expected: &[(&str, u64)], counted: &[(&str, u64)]) -> Vec<String> {
        let found = differences(&counts(expected), &counts(counted), 3.0);
        found.iter().map(Difference::line).collect()
    }

    #[test]
    fn a_count_within_the_tolerance_is_no_difference() {
        assert!(lines(&[("a", 1_000), ("b", 1_000)], &[("a", 1_030), ("b", 970)]).is_empty());
    }

    #[test]
    fn what_grew_and_what_shrank_says_by_how_much() {
        assert_eq!(
            lines(&[("a", 100_000), ("b", 1_000)], &[("a", 112_340), ("b", 900)]),
            ["a grew by 12.3 %: from 100,000 to 112,340", "b shrank by 10.0 %: from 1,000 to 900"]
        );
    }

    #[test]
    fn a_benchmark_without_a_count_and_a_count_without_a_benchmark_are_found() {
        assert_eq!(
            lines(&[("old", 7)], &[("young", 1_234_567)]),
            ["old is gone: 7 were expected", "young is new: 1,234,567"]
        );
    }

    #[test]
    fn only_what_became_less_need_not_be_accepted() {
        let failures = [Change::Grew(4.0), Change::New, Change::Gone];
        assert!(failures.iter().all(Change::is_failure));
        assert!(!Change::Shrank(4.0).is_failure());
    }
}
