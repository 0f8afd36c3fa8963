//! Latencies counted in buckets, so that a million samples cost no memory and little time.
//!
//! Buckets are log-linear: 128 per power of two, so a percentile is at most 0.8 % too high and
//! never too low. The maximum is exact.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// Steps per power of two, as a power of two.
const STEP_BITS: u32 = 7;

/// How often each latency was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    samples: u64,
    max_ns: u64,
}

/// The percentiles of one histogram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name, also in the JSON")]
pub(crate) struct Latency {
    pub(crate) p50_ms: f64,
    pub(crate) p90_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p99_9_ms: f64,
    pub(crate) max_ms: f64,
}

impl Histogram {
    pub(crate) fn record(&mut self, latency: Duration) {
        let latency_ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        let bucket = bucket_of(latency_ns);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.samples += 1;
        self.max_ns = self.max_ns.max(latency_ns);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.samples += other.samples;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// What was recorded since an earlier moment of the same histogram. Its maximum is the earlier
    /// one's too, if that was more.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut counts = self.counts.clone();
        for (count, before) in counts.iter_mut().zip(&earlier.counts) {
            *count -= before;
        }
        Self { counts, samples: self.samples - earlier.samples, max_ns: self.max_ns }
    }

    /// How many were recorded.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// The percentiles, all zero when nothing was recorded.
    pub(crate) fn summary(&self) -> Latency {
        Latency {
            p50_ms: self.quantile_ms(5_000),
            p90_ms: self.quantile_ms(9_000),
            p99_ms: self.quantile_ms(9_900),
            p99_9_ms: self.quantile_ms(9_990),
            max_ms: ms(self.max_ns),
        }
    }

    /// The latency that so many ten-thousandths of the samples do not exceed.
    fn quantile_ms(&self, ten_thousandths: u64) -> f64 {
        let rank = (self.samples * ten_thousandths).div_ceil(10_000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return ms(highest_in(bucket).min(self.max_ns));
            }
        }
        ms(self.max_ns)
    }
}

impl FromIterator<Duration> for Histogram {
    fn from_iter<I: IntoIterator<Item = Duration>>(latencies: I) -> Self {
        let mut histogram = Self::default();
        latencies.into_iter().for_each(|latency| histogram.record(latency));
        histogram
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50_ms, p90_ms, p99_ms, p99_9_ms, max_ms } = self;
        write!(
            f,
            "p50 {p50_ms:.3} ms, p90 {p90_ms:.3} ms, p99 {p99_ms:.3} ms, \
             p99.9 {p99_9_ms:.3} ms, max {max_ms:.3} ms"
        )
    }
}

/// Below 256 each value has its own bucket; above, the leading 8 bits choose it.
fn bucket_of(value: u64) -> usize {
    let shift = (value | (1 << STEP_BITS)).ilog2() - STEP_BITS;
    let bucket = (u64::from(shift) << STEP_BITS) + (value >> shift);
    usize::try_from(bucket).expect("there are under 8,000 buckets")
}

/// The highest value that falls into a bucket.
fn highest_in(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket >> STEP_BITS).saturating_sub(1);
    let leading = bucket - (shift << STEP_BITS);
    // One less than the next bucket's start, written so that the last bucket does not overflow.
    (leading << shift) + ((1 << shift) - 1)
}

fn ms(ns: u64) -> f64 {
    Duration::from_nanos(ns).as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_holds_the_values_between_its_neighbours() {
        for bucket in 1..bucket_of(u64::MAX) {
            let (lowest, highest) = (highest_in(bucket - 1) + 1, highest_in(bucket));
            assert_eq!((bucket_of(lowest), bucket_of(highest)), (bucket, bucket));
            assert!(highest - lowest <= highest / 128, "bucket {bucket} is too wide");
        }
        assert_eq!(highest_in(bucket_of(u64::MAX)), u64::MAX);
    }

    #[test]
    fn percentiles_are_those_of_the_samples_within_a_hundredth() {
        let histogram: Histogram = (1..=10_000).map(Duration::from_micros).collect();

        let latency = histogram.summary();

        let close = |seen: f64, exact: f64| seen >= exact && seen <= exact * 1.01;
        assert!(close(latency.p50_ms, 5.0), "{latency}");
        assert!(close(latency.p90_ms, 9.0), "{latency}");
        assert!(close(latency.p99_ms, 9.9), "{latency}");
        assert!(close(latency.p99_9_ms, 9.99), "{latency}");
        assert!((latency.max_ms - 10.0).abs() < 1e-9, "{latency}");
    }

    #[test]
    fn one_slow_sample_in_a_thousand_shows_in_the_maximum_alone() {
        let slow = std::iter::once(Duration::from_secs(3));
        let fast = std::iter::repeat_n(Duration::from_millis(1), 999);

        let latency = slow.chain(fast).collect::<Histogram>().summary();

        assert!(latency.p99_9_ms < 1.01, "{latency}");
        assert!((latency.max_ms - 3_000.0).abs() < 1e-9, "{latency}");
    }

    #[test]
    fn what_came_since_an_earlier_moment_is_told_alone() {
        let earlier: Histogram = (1..=50).map(Duration::from_millis).collect();
        let mut later = earlier.clone();
        later.add(&(51..=100).map(Duration::from_millis).collect());

        let since = later.since(&earlier);

        let alone: Histogram = (51..=100).map(Duration::from_millis).collect();
        assert_eq!((since.samples(), since.summary()), (50, alone.summary()));
    }

    #[test]
    fn an_empty_histogram_is_all_zero() {
        assert_eq!(Histogram::default().summary(), Latency::default());
    }

    #[test]
    fn added_histograms_are_the_histogram_of_all_samples() {
        let mut sum: Histogram = (1..=50).map(Duration::from_millis).collect();
        sum.add(&(51..=100).map(Duration::from_millis).collect());

        let whole: Histogram = (1..=100).map(Duration::from_millis).collect();

        assert_eq!(sum.summary(), whole.summary());
    }
}
