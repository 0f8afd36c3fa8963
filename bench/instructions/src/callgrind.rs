//! One benchmark under callgrind.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::benchmarks::Benchmark;

/// What the program is called where it is counted, so that its arguments are the same everywhere.
pub(crate) const PROGRAM: &str = "program";
const RESULT: &str = "callgrind.out";

/// Counts the instructions of one benchmark, in a directory that holds the program and the data.
///
/// Addresses are the same each time without further ado, since valgrind chooses them. What is left to
/// chance are the seeds of hash tables, which move a count by less than a hundredth, mostly.
pub(crate) fn count(benchmark: &Benchmark, directory: &Path) -> anyhow::Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet", "--collect-atstart=no"]);
    command.arg(format!("--callgrind-out-file={RESULT}"));
    command.args(benchmark.counted.iter().map(|name| format!("--toggle-collect={name}")));
    command.arg(format!("./{PROGRAM}")).args(["measure", benchmark.name]);
    command.current_dir(directory).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    let output = command.output().context("valgrind did not start; is it installed?")?;
    if !output.status.success() {
        bail!("{} failed: {}", benchmark.name, String::from_utf8_lossy(&output.stderr));
    }
    let text = std::fs::read_to_string(directory.join(RESULT))?;
    let count = total(&text).context("callgrind wrote no total")?;
    ensure!(
        count > 0,
        "{}: none of {:?} was called; was it renamed, or written into its caller?",
        benchmark.name,
        benchmark.counted
    );
    Ok(count)
}

/// The instructions in all, of what callgrind writes.
fn total(text: &str) -> Option<u64> {
    let totals = text.lines().rev().find_map(|line| line.strip_prefix("totals:"))?;
    totals.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_profile_is_found() {
        let text = "version: 1\nevents: Ir\nsummary: 5\n\nfn=(1) main\n16 5\n\ntotals: 1234\n";
        assert_eq!(total(text), Some(1_234));
        assert_eq!(total("events: Ir\n"), None);
    }
}
