//! Servers under measurement, each on a data directory of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::database::MASTER_KEY;
use crate::machine;
use crate::process::ServerProcess;
use crate::server::Server;
use crate::subject::{self, ADMIN_KEY};
use crate::tally::to_f64;

/// The binary, and where its data directories are made.
pub(super) struct Launcher {
    program: PathBuf,
    parent: PathBuf,
}

/// A running server. Dropping it kills it.
pub(super) struct Instance {
    process: ServerProcess,
    pub(super) server: Server,
}

impl Launcher {
    pub(super) fn new(program: Option<&Path>, parent: Option<&Path>) -> anyhow::Result<Self> {
        let program = subject::program(program)?;
        let parent = parent.unwrap_or_else(|| subject::folder_of(&program)).to_owned();
        Ok(Self { program, parent })
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    pub(super) fn parent(&self) -> &Path {
        &self.parent
    }

    /// What the binary says it is.
    pub(super) fn version(&self) -> anyhow::Result<String> {
        let told = Command::new(&self.program).arg("--version").output();
        let told = told.with_context(|| format!("cannot run {}", self.program.display()))?;
        Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
    }

    /// A directory that goes when it is dropped; a server on it must be gone before.
    pub(super) fn directory(&self) -> anyhow::Result<TempDir> {
        subject::temporary_in(&self.parent)
    }

    /// Waits until the disk has what was written and removed before.
    pub(super) fn sync_disk(&self) -> anyhow::Result<()> {
        let status = Command::new("sync").arg("-f").arg(&self.parent).status();
        let status = status.context("cannot run `sync`")?;
        ensure!(status.success(), "`sync -f {}` failed", self.parent.display());
        Ok(())
    }

    /// Starts a server whose data is in a directory.
    pub(super) fn start(&self, data: &Path) -> anyhow::Result<Instance> {
        Instance::start(&mut subject::serve_command(&self.program, data))
    }

    /// Starts a server whose data is in a PostgreSQL.
    pub(super) fn start_on(&self, database: &str, directory: &Path) -> anyhow::Result<Instance> {
        let mut command = subject::serve_command(&self.program, directory);
        command.env("LANDFALL_DATABASE", database).env("LANDFALL_MASTER_KEY", MASTER_KEY);
        Instance::start(&mut command)
    }
}

impl Instance {
    fn start(command: &mut Command) -> anyhow::Result<Self> {
        let process = ServerProcess::start(command)?;
        Ok(Self { server: Server::at(process.url(), ADMIN_KEY)?, process })
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The memory that it holds now, in megabytes.
    pub(super) fn resident_mb(&self) -> anyhow::Result<f64> {
        resident_mb(self.process_id())
    }

    /// Ends it in order; whatever it leaves is then in its data.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        let status = self.process.stop()?;
        ensure!(status.success(), "landfall ended with {status} after SIGTERM");
        Ok(())
    }
}

/// The memory that a process holds now, in megabytes.
pub(super) fn resident_mb(process_id: u32) -> anyhow::Result<f64> {
    machine::resident_kib(process_id).map(megabytes)
}

pub(super) fn megabytes(kib: u64) -> f64 {
    to_f64(kib) * 1_024.0 / 1e6
}
