//! Checks of the project's own rules that no compiler lint can hold.
//!
//! One file per check. Each takes the workspace as it was read and lists what is wrong, so that it
//! runs as a test over the real tree and over a small bad example alike.

mod dialects;
mod layers;
mod length;
mod markers;
mod migrations;
mod purpose;
mod text;
mod workspace;

use std::fmt;
use std::path::Path;

use workspace::Workspace;

/// One thing that is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    place: String,
    problem: String,
}

impl Finding {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }

    /// A finding in one line of a file; `index` counts from 0.
    fn in_line(path: &str, index: usize, problem: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", index + 1), problem)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

type Check = fn(&Workspace) -> Vec<Finding>;

const CHECKS: [Check; 7] = [
    purpose::check,
    length::check,
    markers::check,
    layers::check_edges,
    layers::check_guarded,
    dialects::check,
    migrations::check,
];

/// Runs every check; tells what was found, and whether all is well.
pub(crate) fn report() -> anyhow::Result<(String, bool)> {
    let workspace = Workspace::load(root())?;
    let findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&workspace)).collect();
    let mut lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    lines.push(format!("tidy: {} checks, {} findings", CHECKS.len(), findings.len()));
    Ok((lines.join("\n"), findings.is_empty()))
}

fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Fails with every finding that the check has in the project as it is.
#[cfg(test)]
fn assert_tidy(check: Check) {
    let workspace = Workspace::load(root()).unwrap();
    let findings: Vec<String> = check(&workspace).iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// What the check finds in an example, a line each.
#[cfg(test)]
fn found(check: Check, example: &Workspace) -> Vec<String> {
    check(example).iter().map(Finding::to_string).collect()
}
