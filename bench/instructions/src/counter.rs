//! Counting many benchmarks, as many at one time as there are cores.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use crate::benchmarks::Benchmark;
use crate::callgrind::{self, PROGRAM};
use crate::data::{self, Data};

/// A directory with the data of some benchmarks, in which they are counted.
pub(crate) struct Counter {
    scratch: TempDir,
    counted: AtomicUsize,
}

impl Counter {
    /// Makes the data of these benchmarks, by processes that callgrind need not slow down.
    pub(crate) fn prepare(benchmarks: &[Benchmark]) -> anyhow::Result<Self> {
        let scratch = scratch()?;
        let wanted: BTreeSet<Data> = benchmarks.iter().map(|benchmark| benchmark.data).collect();
        for data in wanted {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["prepare", data.folder()]).arg(scratch.path().join(data.folder()));
            ensure!(command.status()?.success(), "the data of the benchmarks could not be made");
        }
        Ok(Self { scratch, counted: AtomicUsize::new(0) })
    }

    /// Counts each of these, under its name.
    pub(crate) fn count<C: FromIterator<(String, u64)>>(
        &self,
        benchmarks: &[Benchmark],
    ) -> anyhow::Result<C> {
        let (left, counts) = (Mutex::new(benchmarks.iter()), Mutex::new(Vec::new()));
        let work = || {
            while let Some(benchmark) = locked(&left, Iterator::next) {
                let count = self.count_one(benchmark);
                locked(&counts, |counts| counts.push(count));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..available_parallelism().map_or(1, usize::from) {
                scope.spawn(work);
            }
        });
        counts.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
    }

    fn count_one(&self, benchmark: &Benchmark) -> anyhow::Result<(String, u64)> {
        let number = self.counted.fetch_add(1, Ordering::Relaxed);
        let directory = self.scratch.path().join(format!("{number:03}"));
        data::copy(&self.scratch.path().join(benchmark.data.folder()), &directory)?;
        std::os::unix::fs::symlink(std::env::current_exe()?, directory.join(PROGRAM))?;
        let count = callgrind::count(benchmark, &directory)?;
        std::fs::remove_dir_all(directory)?;
        Ok((benchmark.name.to_owned(), count))
    }
}

/// In memory where there is such a place: what is written is thrown away.
fn scratch() -> anyhow::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.context("no directory for the data of benchmarks can be made")
}

fn locked<T, R>(held: &Mutex<T>, work: impl FnOnce(&mut T) -> R) -> R {
    work(&mut held.lock().unwrap_or_else(PoisonError::into_inner))
}
