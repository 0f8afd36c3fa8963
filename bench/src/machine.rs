//! What the machine contributes to a measurement: its cores, its disk, a process's memory and time.

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
    memory_kib(process_id, "VmRSS:")
}

/// The part of it that is the process's own, and not pages of files such as its binary.
pub(crate) fn resident_own_kib(process_id: u32) -> anyhow::Result<u64> {
    memory_kib(process_id, "RssAnon:")
}

fn memory_kib(process_id: u32, name: &str) -> anyhow::Result<u64> {
    let path = format!("/proc/{process_id}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    kib_in(&status, name).with_context(|| format!("{path} has no {name}"))
}

/// Linux counts a process's time in hundredths of a second, on every machine.
const TICK: Duration = Duration::from_millis(10);

/// The processor time that a process has taken, in its own code and in the kernel's.
pub(crate) fn processor_time(process_id: u32) -> anyhow::Result<Duration> {
    let path = format!("/proc/{process_id}/stat");
    let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    processor_time_in(&stat).with_context(|| format!("{path} is not understood"))
}

/// The cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn kib_in(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The 14th and 15th words; the second is the name, which may hold anything.
fn processor_time_in(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse);
    let ticks: Vec<u32> = ticks.collect::<Result<_, _>>().ok()?;
    (ticks.len() == 2).then(|| TICK * ticks.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_status_file() {
        let status = "Name:\tx\nVmRSS:\t  118244 kB\nRssAnon:\t  90000 kB\nThreads:\t3\n";
        assert_eq!(kib_in(status, "VmRSS:"), Some(118_244));
        assert_eq!(kib_in("Name:\tx\n", "VmRSS:"), None);
        let id = std::process::id();
        assert!(resident_own_kib(id).unwrap() > 0);
        assert!(resident_kib(id).unwrap() > 0);
    }

    #[test]
    fn processor_time_is_that_of_the_program_and_of_the_kernel() {
        let stat = "4711 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0 1 0 100";
        assert_eq!(processor_time_in(stat), Some(Duration::from_millis(1_750)));
        assert_eq!(processor_time_in("4711 (a) S 1 2"), None);
        assert!(processor_time(std::process::id()).is_ok());
    }

    #[test]
    fn the_disk_is_measured_and_nothing_is_left_behind() {
        let directory = tempfile::tempdir().unwrap();

        let latency = measure_fdatasync(directory.path()).unwrap();

        assert!(latency.max_ms > 0.0);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
