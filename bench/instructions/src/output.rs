//! The one place that prints.
#![expect(clippy::print_stdout, reason = "results go to standard output, and only from here")]

/// Prints one line.
pub(crate) fn say(line: &str) {
    println!("{line}");
}
