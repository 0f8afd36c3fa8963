//! The machine that a run was made on, as far as a reader needs it to judge the numbers.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::histogram::Latency;
use crate::machine;
use crate::tally::to_f64;

/// The machine, and how busy it was before the run.
#[derive(Debug, Serialize)]
pub(super) struct Host {
    processor: String,
    cores: usize,
    memory_gib: f64,
    kernel: String,
    /// Under the data.
    filesystem: String,
    /// A durable append of 4 KiB on it.
    fdatasync: Latency,
    /// Over 1, 5 and 15 minutes.
    load_before: [f64; 3],
}

impl Host {
    /// Looks at the machine and at the disk under a directory.
    pub(super) fn describe(directory: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            processor: processor_in(&read("/proc/cpuinfo")?),
            cores: machine::cores(),
            memory_gib: memory_gib_in(&read("/proc/meminfo")?)?,
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            filesystem: filesystem_of(directory)?,
            load_before: load_in(&read("/proc/loadavg")?)?,
            fdatasync: machine::measure_fdatasync(directory)?,
        })
    }
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

/// Some architectures do not name theirs.
fn processor_in(cpuinfo: &str) -> String {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim());
    name.unwrap_or("not told").to_owned()
}

fn memory_gib_in(meminfo: &str) -> anyhow::Result<f64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    let kib: u64 = kib.context("/proc/meminfo has no MemTotal")?;
    Ok(to_f64(kib) / f64::from(1 << 20))
}

fn load_in(loadavg: &str) -> anyhow::Result<[f64; 3]> {
    let numbers: Result<Vec<f64>, _> = loadavg.split_whitespace().take(3).map(str::parse).collect();
    numbers.ok().and_then(|it| it.try_into().ok()).context("/proc/loadavg is not understood")
}

fn filesystem_of(directory: &Path) -> anyhow::Result<String> {
    let directory = fs::canonicalize(directory)
        .with_context(|| format!("cannot find {}", directory.display()))?;
    Ok(filesystem_in(&read("/proc/mounts")?, &directory))
}

/// The type of the mount that is nearest to a path; the later of two on the same place covers it.
fn filesystem_in(mounts: &str, path: &Path) -> String {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        path.starts_with(place).then_some((place.len(), kind))
    });
    let nearest = mounts.max_by_key(|(length, _)| *length);
    nearest.map_or("not told", |(_, kind)| kind).to_owned()
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, memory_gib, kernel, filesystem, fdatasync, .. } = self;
        let [one, five, fifteen] = self.load_before;
        let (p50_ms, p99_ms) = (fdatasync.p50_ms, fdatasync.p99_ms);
        writeln!(f, "| machine | |\n| --- | --- |")?;
        writeln!(f, "| processor | {cores} cores of {processor} |")?;
        writeln!(f, "| memory | {memory_gib:.1} GiB |")?;
        writeln!(f, "| kernel, filesystem | {kernel}, {filesystem} |")?;
        writeln!(f, "| fdatasync of 4 KiB, p50 / p99 | {p50_ms:.3} ms / {p99_ms:.3} ms |")?;
        writeln!(f, "| load before (1, 5, 15 min) | {one} · {five} · {fifteen} |")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_read_from_what_the_kernel_tells() {
        assert_eq!(processor_in("processor\t: 0\nmodel name\t: Fast One\n"), "Fast One");
        assert_eq!(processor_in("processor\t: 0\n"), "not told");
        assert!((memory_gib_in("MemTotal:   25165824 kB\n").unwrap() - 24.0).abs() < 1e-9);
        assert_eq!(
            load_in("0.50 1.25 3.00 2/300 4711\n").unwrap().map(f64::to_bits),
            [0.5, 1.25, 3.0].map(f64::to_bits)
        );
        assert!(memory_gib_in("").is_err() && load_in("1 2").is_err());
    }

    #[test]
    fn the_filesystem_is_that_of_the_nearest_mount() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp/x xfs rw 0 0\n\
            /dev/c /tmp/x btrfs rw 0 0\n";

        assert_eq!(filesystem_in(mounts, Path::new("/tmp/y")), "tmpfs");
        assert_eq!(filesystem_in(mounts, Path::new("/tmpy")), "ext4");
        assert_eq!(filesystem_in(mounts, Path::new("/tmp/x/data")), "btrfs");
    }

    #[test]
    fn this_machine_can_be_described() {
        let host = Host::describe(&std::env::temp_dir()).unwrap();

        assert!(host.cores > 0 && host.memory_gib > 0.0 && host.fdatasync.max_ms > 0.0);
        assert!(host.to_string().contains("| kernel, filesystem | "), "{host}");
    }
}
