//! What is judged of the samples, each against a bound that is stated with it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::sample::{DISK, Process, Sample};
use super::trend::{Point, quarters, second_half, slope};
use crate::tally::to_f64;

/// What memory may grow in an hour, at the pace of the second half.
const MEMORY_MIB_PER_HOUR_MAX: f64 = 8.0;
/// How many more descriptors or threads there may be in the last quarter than in the second one: those
/// of connections and of the pool that blocks come and go.
const MORE_MAX: f64 = 8.0;
/// By how much a median latency of the last quarter may exceed that of the second one, on a machine
/// that itself stays as fast as it was.
const DRIFT_MAX: f64 = 1.5;
/// A drift of less is the clock's and the machine's.
const DRIFT_MS_MIN: f64 = 2.0;
/// What tells how fast the machine itself is: its disk, and the least that a server can be asked.
const CONTROLS: [&str; 2] = [DISK, "readiness"];
/// Samples of a kind that a drift can be told from.
const SAMPLES_MIN: usize = 16;

/// One thing that was judged.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    pub(super) what: String,
    pub(super) found: f64,
    pub(super) bound: f64,
    pub(super) unit: &'static str,
    pub(super) holds: bool,
}

/// Judges the samples of a run.
pub(super) fn of(samples: &[Sample]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = memory(samples).into_iter().collect();
    verdicts.extend(more(samples, "descriptors", |found| to_f64(found.descriptors)));
    verdicts.extend(more(samples, "threads", |found| to_f64(found.threads)));
    let kinds: BTreeSet<&str> =
        samples.iter().flat_map(|sample| sample.latencies.keys().copied()).collect();
    let slower = slower_machine(samples);
    let kinds = kinds.into_iter().filter(|kind| !CONTROLS.contains(kind));
    verdicts.extend(kinds.filter_map(|kind| drift(samples, kind, slower)));
    verdicts
}

fn memory(samples: &[Sample]) -> Option<Verdict> {
    let points = of_process(samples, anonymous_mib);
    let found = slope(second_half(&points))? * 3_600.0;
    let (what, bound) = ("growth of memory".to_owned(), MEMORY_MIB_PER_HOUR_MAX);
    Some(Verdict { what, found, bound, unit: "MiB/h", holds: found <= bound })
}

/// How many there are in the last quarter, against the second one.
fn more(samples: &[Sample], name: &str, number: fn(&Process) -> f64) -> Option<Verdict> {
    let (before, found) = quarters(&of_process(samples, number))?;
    let (what, bound) = (format!("{name}, of which there were {before:.0}"), before + MORE_MAX);
    Some(Verdict { what, found, bound, unit: "", holds: found <= bound })
}

/// How many times as slow the machine became meanwhile, since others may use it; 1 at least.
fn slower_machine(samples: &[Sample]) -> f64 {
    let ratios = CONTROLS.iter().filter_map(|kind| {
        let (before, after) = medians(samples, kind)?;
        Some(after / before)
    });
    ratios.fold(1.0, f64::max)
}

/// The median latencies of a kind in the second and the last quarter, in milliseconds.
fn medians(samples: &[Sample], kind: &str) -> Option<(f64, f64)> {
    let points = samples.iter().filter_map(|it| Some((it.at_s, it.latencies.get(kind)?.p50_ms)));
    let points: Vec<Point> = points.collect();
    quarters(&points).filter(|_| points.len() >= SAMPLES_MIN)
}

pub(super) fn anonymous_mib(process: &Process) -> f64 {
    to_f64(process.anonymous_kib) / 1_024.0
}

/// A number of the process over time, in seconds.
pub(super) fn of_process(samples: &[Sample], number: fn(&Process) -> f64) -> Vec<Point> {
    let points = samples.iter().filter_map(|it| Some((it.at_s, number(it.process.as_ref()?))));
    points.collect()
}

/// How the usual latency of one kind has changed.
fn drift(samples: &[Sample], kind: &str, slower: f64) -> Option<Verdict> {
    let (before, after) = medians(samples, kind)?;
    let bound = (before * DRIFT_MAX).max(before + DRIFT_MS_MIN) * slower;
    let what = format!("median latency of `{kind}`, which was {before:.1} ms");
    Some(Verdict { what, found: after, bound, unit: "ms", holds: after <= bound })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::meter::Timing;
    use super::*;

    /// A run of an hour, a sample a minute, with memory and latencies by the minute.
    fn samples(kib: impl Fn(u32) -> u64, p50_ms: impl Fn(u32) -> f64) -> Vec<Sample> {
        samples_on_disk(kib, p50_ms, |_| 0.2)
    }

    fn samples_on_disk(
        kib: impl Fn(u32) -> u64,
        p50_ms: impl Fn(u32) -> f64,
        disk_ms: impl Fn(u32) -> f64,
    ) -> Vec<Sample> {
        let timing = |p50_ms| Timing { count: 9, p50_ms, p99_ms: 90.0 };
        let sample = |minute: u32| Sample {
            at_s: f64::from(minute) * 60.0,
            process: Some(Process {
                resident_kib: 0,
                anonymous_kib: kib(minute),
                threads: 9,
                descriptors: 40 + u64::from(minute % 3),
            }),
            latencies: BTreeMap::from([
                ("report", timing(p50_ms(minute))),
                (DISK, timing(disk_ms(minute))),
            ]),
            ..Sample::default()
        };
        (0..60).map(sample).collect()
    }

    fn failures(samples: &[Sample]) -> Vec<String> {
        let verdicts = of(samples);
        assert_eq!(verdicts.len(), 4, "{verdicts:?}");
        verdicts.into_iter().filter(|it| !it.holds).map(|it| it.what).collect()
    }

    #[test]
    fn a_server_that_warms_up_and_then_stays_as_it_is_passes() {
        let warming = |minute: u32| 50_000 + 1_000 * u64::from(minute.min(20));
        let failed = failures(&samples(warming, |minute| if minute % 9 == 0 { 80.0 } else { 4.0 }));
        assert!(failed.is_empty(), "{failed:?}");
    }

    #[test]
    fn a_slow_leak_is_found() {
        let leaking = |minute: u32| 50_000 + 200 * u64::from(minute);
        assert_eq!(failures(&samples(leaking, |_| 4.0)), ["growth of memory"]);
    }

    #[test]
    fn a_latency_that_creeps_up_is_found() {
        let failed = failures(&samples(|_| 50_000, |minute| 4.0 + 0.2 * f64::from(minute)));
        assert_eq!(failed, ["median latency of `report`, which was 8.4 ms"]);
    }

    #[test]
    fn a_latency_that_grows_with_that_of_the_disk_is_the_machines() {
        let growing = |minute: u32| 4.0 + 0.2 * f64::from(minute);
        let failed = failures(&samples_on_disk(|_| 50_000, growing, growing));
        assert!(failed.is_empty(), "{failed:?}");
    }

    #[test]
    fn descriptors_that_are_never_closed_are_found() {
        let mut samples = samples(|_| 50_000, |_| 4.0);
        for (number, sample) in (0..).zip(&mut samples) {
            let process = sample.process.as_mut().unwrap();
            process.descriptors += number;
        }
        assert_eq!(failures(&samples), ["descriptors, of which there were 63"]);
    }
}
