//! The one place that prints: results to standard output, as text for people or JSON for programs.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "results go to standard output and how far a long run is to standard error, only from here"
)]

use std::fmt::Display;

use serde::Serialize;

/// How results are printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct OutputArgs {
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints one result, in the form that was asked for.
pub(crate) fn print<T: Display + Serialize>(result: &T, args: OutputArgs) -> anyhow::Result<()> {
    if args.json {
        println!("{}", serde_json::to_string_pretty(result)?);
    } else {
        println!("{result}");
    }
    Ok(())
}

/// Prints one line at once, for a parent process that waits for it.
pub(crate) fn announce(line: &str) {
    println!("{line}");
}

/// Tells how far a long run is, beside its result.
pub(crate) fn progress(line: &str) {
    eprintln!("{line}");
}
