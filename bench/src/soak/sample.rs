//! What the server looks like from outside, every few seconds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use super::gauges::labelled;
use super::meter::{Meter, Timing};
use crate::client;
use crate::deliver::book::Book;
use crate::histogram::Histogram;
use crate::machine;

use crate::server::Server;
use crate::subject::Subject;

/// The kind that the disk's own latencies are noted under.
pub(super) const DISK: &str = "disk";
/// How often the disk is timed for a sample.
const SYNCS: usize = 5;

/// The server at one moment, and the latencies since the sample before.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Sample {
    /// Since the beginning.
    pub(super) at_s: f64,
    /// Of a process that is known.
    pub(super) process: Option<Process>,
    /// Of data that is known.
    pub(super) files: Option<Files>,
    /// Commands that wait to be written.
    pub(super) queued: Option<f64>,
    /// What webhooks have before them: `behind`, `in_flight` and `retrying`.
    pub(super) backlog: BTreeMap<String, f64>,
    /// By kind.
    pub(super) latencies: BTreeMap<&'static str, Timing>,
}

/// What the system says of the process.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Process {
    pub(super) resident_kib: u64,
    /// Of that what is not of files, and so is the process's own.
    pub(super) anonymous_kib: u64,
    pub(super) threads: u64,
    pub(super) descriptors: u64,
}

/// What the data takes on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Files {
    pub(super) data_bytes: u64,
    /// Of the log beside the data file, which is used again and again.
    pub(super) log_bytes: u64,
}

/// Looks at a server.
pub(super) struct Sampler {
    server: Server,
    process_id: Option<u32>,
    /// Of a server of our own.
    data: Option<PathBuf>,
    book: Arc<Book>,
    meter: Arc<Meter>,
    begun_at: Instant,
    seen: Mutex<Seen>,
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    samples: Vec<Sample>,
    delivered: Histogram,
}

impl Sampler {
    pub(super) fn new(subject: &Subject, (book, meter): (&Arc<Book>, &Arc<Meter>)) -> Self {
        Self {
            server: subject.server.clone(),
            process_id: subject.process_id,
            data: subject.is_owned().then(|| subject.directory.clone()),
            book: Arc::clone(book),
            meter: Arc::clone(meter),
            begun_at: Instant::now(),
            seen: Mutex::default(),
        }
    }

    /// Looks once in each period, until it is aborted.
    pub(super) async fn look_each(self: Arc<Self>, period: Duration) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first one is at once, when nothing was done yet.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            self.look().await;
        }
    }

    /// Takes a sample.
    pub(super) async fn look(&self) {
        let page = self.metrics().await.unwrap_or_default();
        self.time_disk().await;
        let mut seen = self.seen();
        let until_now = self.book.latencies();
        let mut latencies = self.meter.take();
        let told = Timing::of(&until_now.since(&seen.delivered));
        latencies.extend(told.map(|told| ("delivery", told)));
        seen.delivered = until_now;
        seen.samples.push(Sample {
            at_s: self.begun_at.elapsed().as_secs_f64(),
            process: self.process_id.and_then(Process::of),
            files: self.data.as_deref().and_then(Files::of),
            queued: labelled(&page, "landfall_store_queued").into_values().next(),
            backlog: labelled(&page, "landfall_webhook_backlog"),
            latencies,
        });
    }

    /// The samples so far.
    pub(super) fn take(&self) -> Vec<Sample> {
        std::mem::take(&mut self.seen().samples)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Times the disk itself, which others may keep busy.
    async fn time_disk(&self) {
        let Some(data) = self.data.clone() else { return };
        let timing = tokio::task::spawn_blocking(move || machine::time_fdatasyncs(&data, SYNCS));
        // A disk that can't be written to is told of by everything else.
        let times = timing.await.ok().and_then(Result::ok).unwrap_or_default();
        for time in times {
            self.meter.record(DISK, time);
        }
    }

    async fn metrics(&self) -> Option<String> {
        let (status, page) = client::get(&self.server, "/metrics").await.ok()?;
        (status == 200).then(|| String::from_utf8_lossy(&page).into_owned())
    }
}

impl Process {
    /// None of a process that is gone.
    pub(super) fn of(id: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let descriptors = fs::read_dir(format!("/proc/{id}/fd")).ok()?.count();
        Self::read(&status, u64::try_from(descriptors).ok()?)
    }

    fn read(status: &str, descriptors: u64) -> Option<Self> {
        let field = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches("kB").trim().parse().ok()
        };
        Some(Self {
            resident_kib: field("VmRSS:")?,
            anonymous_kib: field("RssAnon:")?,
            threads: field("Threads:")?,
            descriptors,
        })
    }
}

impl Files {
    fn of(directory: &Path) -> Option<Self> {
        let bytes = |name: &str| fs::metadata(directory.join(name)).map(|found| found.len());
        let data_bytes = bytes("landfall.db").ok()?;
        Some(Self { data_bytes, log_bytes: bytes("landfall.db-wal").unwrap_or(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_from_its_status() {
        let status = "Name:\tx\nVmRSS:\t   5000 kB\nRssAnon:\t   4000 kB\nThreads:\t9\n";
        let expected =
            Process { resident_kib: 5_000, anonymous_kib: 4_000, threads: 9, descriptors: 12 };
        assert_eq!(Process::read(status, 12), Some(expected));
        assert_eq!(Process::read("Name:\tx\n", 12), None);
        assert!(Process::of(std::process::id()).unwrap().descriptors > 0);
    }
}
