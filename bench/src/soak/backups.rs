//! Copies of the data, made by the command that operators use, while everything else goes on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval_at};

use super::meter::Meter;

/// The copies of a soak. Without a program, as of a server that ran already, there are none.
pub(super) struct Backups {
    program: Option<PathBuf>,
    data: PathBuf,
    meter: Arc<Meter>,
    outcome: Mutex<Outcome>,
}

/// What became of the copies.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Outcome {
    /// Those that were made and found intact.
    pub(super) made: u64,
    pub(super) failed: u64,
    pub(super) first_failure: Option<String>,
}

impl Backups {
    pub(super) fn new(program: Option<&Path>, data: &Path, meter: &Arc<Meter>) -> Self {
        Self {
            program: program.map(Path::to_owned),
            data: data.to_owned(),
            meter: Arc::clone(meter),
            outcome: Mutex::default(),
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes one after each period, until it is aborted.
    pub(super) async fn make_each(self: Arc<Self>, period: Duration) {
        let Some(program) = self.program.clone() else { return };
        let first_at = tokio::time::Instant::now() + period;
        let mut ticks = interval_at(first_at, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let (program, data, begun_at) = (program.clone(), self.data.clone(), Instant::now());
            let making = tokio::task::spawn_blocking(move || make(&program, &data));
            self.note(making.await.context("it ended early").flatten(), begun_at.elapsed());
        }
    }

    fn note(&self, made: anyhow::Result<()>, took: Duration) {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        match made {
            Ok(()) => {
                outcome.made += 1;
                self.meter.record("backup", took);
            }
            Err(error) => {
                outcome.failed += 1;
                outcome.first_failure.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
}

/// The command checks what it wrote; then the copy goes.
fn make(program: &Path, data: &Path) -> anyhow::Result<()> {
    let directory = tempfile::tempdir_in(data.parent().unwrap_or(data))?;
    let file = directory.path().join("copy.db");
    let mut command = Command::new(program);
    command.arg("backup").arg(&file).arg("--data").arg(data).stdin(Stdio::null());
    let output = command.env_remove("LANDFALL_DATABASE").output().context("it did not start")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
