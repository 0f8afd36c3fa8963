//! What the machine contributes to a measurement: its cores, its disk, a process's memory.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::histogram::{Histogram, Latency};

const SYNC_SAMPLES: usize = 200;
const SYNC_BYTES: usize = 4 << 10;

/// How long the disk under a directory takes to make a 4 KiB append durable.
pub(crate) fn measure_fdatasync(directory: &Path) -> anyhow::Result<Latency> {
    let latencies: Histogram = time_fdatasyncs(directory, SYNC_SAMPLES)?.into_iter().collect();
    Ok(latencies.summary())
}

/// How long each of so many 4 KiB appends takes to become durable on the disk under a directory.
pub(crate) fn time_fdatasyncs(directory: &Path, count: usize) -> anyhow::Result<Vec<Duration>> {
    let time = || -> std::io::Result<Vec<Duration>> {
        let mut file = tempfile::tempfile_in(directory)?;
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let started_at = Instant::now();
            file.write_all(&[0x5a; SYNC_BYTES])?;
            file.sync_data()?;
            times.push(started_at.elapsed());
        }
        Ok(times)
    };
    time().with_context(|| format!("cannot measure the disk under {}", directory.display()))
}

/// The memory that a process holds now, in kibibytes.
pub(crate) fn resident_kib(process_id: u32) -> anyhow::Result<u64> {
    let path = format!("/proc/{process_id}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    resident_in(&status).with_context(|| format!("{path} has no VmRSS"))
}

/// The cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_status_file() {
        assert_eq!(resident_in("Name:\tx\nVmRSS:\t  118244 kB\nThreads:\t3\n"), Some(118_244));
        assert_eq!(resident_in("Name:\tx\n"), None);
        assert!(resident_kib(std::process::id()).unwrap() > 0);
    }

    #[test]
    fn the_disk_is_measured_and_nothing_is_left_behind() {
        let directory = tempfile::tempdir().unwrap();

        let latency = measure_fdatasync(directory.path()).unwrap();

        assert!(latency.max_ms > 0.0);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
