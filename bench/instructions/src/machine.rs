//! What counts depend on beside our own code. Where it is not as it was, counts do not compare.

use std::process::Command;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

/// What a set of counts was measured with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Machine {
    /// The compiler.
    pub(crate) rustc: String,
    /// The architecture, and whether its CPU has what libraries look for at run time. Callgrind shows
    /// programs a CPU of its own, which has less than most, but not what the real one lacks.
    pub(crate) cpu: String,
    /// Whose memory and text functions are counted too.
    pub(crate) libc: String,
}

impl Machine {
    /// This one.
    pub(crate) fn here() -> anyhow::Result<Self> {
        Ok(Self {
            rustc: first_line("rustc", &["--version"])?,
            cpu: format!("{}{}", std::env::consts::ARCH, features()),
            libc: first_line("getconf", &["GNU_LIBC_VERSION"])?,
        })
    }

    /// What is not as it was, in words.
    pub(crate) fn differences(&self, before: &Self) -> Vec<String> {
        let pairs =
            [(&before.rustc, &self.rustc), (&before.cpu, &self.cpu), (&before.libc, &self.libc)];
        let others = pairs.into_iter().filter(|(before, now)| before != now);
        others.map(|(before, now)| format!("`{now}` instead of `{before}`")).collect()
    }
}

#[cfg(target_arch = "x86_64")]
fn features() -> &'static str {
    if std::arch::is_x86_feature_detected!("avx2") { " with avx2" } else { "" }
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> &'static str {
    ""
}

fn first_line(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("{program} did not start"))?;
    ensure!(output.status.success(), "{program} failed");
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}
