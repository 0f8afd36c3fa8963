//! The file of counts: what each benchmark took when somebody last accepted it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::machine::Machine;

/// What the file opens with.
const HEAD: &str = "\
# Instructions that each function takes; what is counted stands in src/benchmarks/.
# A change that is meant is accepted with:
#   cargo run --profile instructions -p landfall-instructions -- --accept
";

/// The counts of all benchmarks, and what they were measured with.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    /// How many hundredths more or less are still the same.
    pub(crate) tolerance_percent: f64,
    pub(crate) measured_with: Machine,
    /// Instructions, by the benchmark's name.
    pub(crate) instructions: BTreeMap<String, u64>,
}

impl Counts {
    /// Reads the file.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let path = path();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} can't be read", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as expected", path.display()))
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let text = format!("{HEAD}\n{}", toml::to_string(self)?);
        std::fs::write(path(), text).context("counts.toml can't be written")
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.toml")
}
