//! The charts of a soak.

use super::chart::{Chart, Rise};
use super::sample::{DISK, Files, Process, Sample};
use super::trend::Point;
use super::verdict::{anonymous_mib, of_process};
use crate::tally::to_f64;

/// Kinds whose latencies are drawn.
const KINDS: [&str; 5] = ["report", "delivery", "status", "deployments of one", DISK];

/// Each chart with the name of its file.
pub(super) fn of(samples: &[Sample]) -> Vec<(&'static str, Chart)> {
    vec![
        ("memory", memory(samples)),
        ("handles", handles(samples)),
        ("latency", latency(samples)),
        ("backlog", backlog(samples)),
        ("disk", disk(samples)),
    ]
}

fn memory(samples: &[Sample]) -> Chart {
    let resident = |found: &Process| to_f64(found.resident_kib) / 1_024.0;
    let lines = [
        ("resident", of_process(samples, resident)),
        ("its own", of_process(samples, anonymous_mib)),
    ];
    chart("Memory, MiB", Rise::Even, lines)
}

fn handles(samples: &[Sample]) -> Chart {
    let lines = [
        ("descriptors", of_process(samples, |found| to_f64(found.descriptors))),
        ("threads", of_process(samples, |found| to_f64(found.threads))),
    ];
    chart("Open descriptors and threads", Rise::Even, lines)
}

fn latency(samples: &[Sample]) -> Chart {
    let median = |kind: &'static str| {
        let points =
            samples.iter().filter_map(|it| Some((it.at_s, it.latencies.get(kind)?.p50_ms)));
        (kind, points.collect())
    };
    chart("Median latency between two samples, ms", Rise::Tenfold, KINDS.map(median))
}

fn backlog(samples: &[Sample]) -> Chart {
    let line = |state: &'static str| {
        let points = samples.iter().filter_map(|it| Some((it.at_s, *it.backlog.get(state)?)));
        (state, points.collect())
    };
    chart(
        "Events before webhooks whose receiver is not well",
        Rise::Tenfold,
        ["behind", "in_flight", "retrying"].map(line),
    )
}

fn disk(samples: &[Sample]) -> Chart {
    let line = |name: &'static str, bytes: fn(&Files) -> u64| {
        let points = samples
            .iter()
            .filter_map(|it| Some((it.at_s, to_f64(bytes(it.files.as_ref()?)) / 1_048_576.0)));
        (name, points.collect())
    };
    let lines = [line("data file", |it| it.data_bytes), line("log beside it", |it| it.log_bytes)];
    chart("On the disk, MiB", Rise::Even, lines)
}

fn chart<const N: usize>(
    title: &'static str,
    rise: Rise,
    lines: [(&'static str, Vec<Point>); N],
) -> Chart {
    let lines = lines.map(|(name, points)| (name.to_owned(), points));
    Chart { title, rise, lines: lines.into() }
}
