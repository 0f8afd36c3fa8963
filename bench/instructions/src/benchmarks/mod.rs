//! The benchmarks, and which functions of them are counted.

mod decide;
mod dispatch;
mod group;
mod read;
mod render;
pub(crate) mod reports;
mod request;

use anyhow::Context;

use crate::counted::FRAME;
use crate::data::Data;

/// Something that is run and counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Benchmark {
    pub(crate) name: &'static str,
    /// What it begins with, in the directory that it is run in.
    pub(crate) data: Data,
    /// The functions whose calls are counted, as callgrind matches them. One must not call another,
    /// nor itself.
    pub(crate) counted: &'static [&'static str],
    pub(crate) run: fn() -> anyhow::Result<()>,
}

impl Benchmark {
    /// Counts what stands within [`crate::counted::the_counted_part`], and needs no data.
    const fn pure(name: &'static str, run: fn() -> anyhow::Result<()>) -> Self {
        Self { name, data: Data::None, counted: &[FRAME], run }
    }
}

/// Every benchmark.
pub(crate) fn all() -> Vec<Benchmark> {
    let groups = [
        decide::BENCHMARKS,
        render::BENCHMARKS,
        group::BENCHMARKS,
        read::BENCHMARKS,
        request::BENCHMARKS,
        dispatch::BENCHMARKS,
    ];
    groups.concat()
}

/// Runs one benchmark.
pub(crate) fn measure(name: &str) -> anyhow::Result<()> {
    let found = all().into_iter().find(|benchmark| benchmark.name == name);
    (found.context("there is no such benchmark")?.run)()
}
