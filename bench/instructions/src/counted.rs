//! The frame around what is counted of a benchmark.

use std::hint::black_box;

/// What callgrind knows the frame by.
pub(crate) const FRAME: &str = "*the_counted_part*";

/// Runs the part of a benchmark that is counted on this thread.
#[inline(never)]
pub(crate) fn the_counted_part<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}
