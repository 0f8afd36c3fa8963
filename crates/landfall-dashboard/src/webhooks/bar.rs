//! A day of a webhook as a picture: what was delivered stands above the line, what failed hangs
//! below it, so that nobody has to tell colours apart.

use askama::Template;
use landfall_engine::webhooks::{Bucket, Day};

/// Pixels above the line.
const ABOVE: u32 = 16;
/// Pixels below the line.
const BELOW: u32 = 8;
/// From one bucket to the next.
const STEP: u32 = 3;

/// The picture of a day.
#[derive(Template)]
#[template(path = "webhook_bar.svg", escape = "html")]
pub(super) struct Bar {
    columns: Vec<Column>,
    width: u32,
    above: u32,
    height: u32,
    words: String,
}

/// One bucket.
struct Column {
    x: u32,
    delivered: u32,
    failed: u32,
}

impl Bar {
    pub(super) fn of(day: &Day) -> Self {
        let most = |count: fn(&Bucket) -> u32| day.buckets.iter().map(count).max().unwrap_or(0);
        let (most_delivered, most_failed) = (most(|b| b.delivered), most(|b| b.failed));
        let columns = (0..).zip(&day.buckets).map(|(index, bucket)| Column {
            x: index * STEP,
            delivered: pixels(bucket.delivered, most_delivered, ABOVE),
            failed: pixels(bucket.failed, most_failed, BELOW),
        });
        Self {
            columns: columns.collect(),
            width: u32::try_from(Day::BUCKETS).unwrap_or(0) * STEP - 1,
            above: ABOVE,
            height: ABOVE + 1 + BELOW,
            words: words(day),
        }
    }
}

/// Whatever happened at all is seen: its column is never lower than two pixels.
fn pixels(count: u32, most: u32, height: u32) -> u32 {
    match (count, most) {
        (0, _) | (_, 0) => 0,
        _ => {
            let share = u64::from(count) * u64::from(height) / u64::from(most);
            u32::try_from(share).unwrap_or(height).max(2)
        }
    }
}

fn words(day: &Day) -> String {
    let sum = |count: fn(&Bucket) -> u32| day.buckets.iter().map(count).sum::<u32>();
    let (delivered, failed) = (sum(|b| b.delivered), sum(|b| b.failed));
    let cut = match day.read_since {
        Some(since) => format!(", counted since {} only", super::clock(since)),
        None => String::new(),
    };
    match (delivered, failed) {
        (0, 0) => "24 h: no attempts".to_owned(),
        _ => format!("24 h: {delivered} delivered, {failed} failed{cut}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_among_thousands_is_seen() {
        assert_eq!(pixels(0, 9_000, ABOVE), 0);
        assert_eq!(pixels(1, 9_000, ABOVE), 2);
        assert_eq!(pixels(9_000, 9_000, ABOVE), ABOVE);
        assert_eq!(pixels(u32::MAX, u32::MAX, BELOW), BELOW);
    }
}
