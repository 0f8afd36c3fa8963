//! The bare handler as a process: the floor of whatever goes through the web stack.

use std::process::Command;

use crate::process::ServerProcess;
use crate::server::Server;

/// What the table calls it.
pub(super) const BARE: &str = "bare handler";

/// `landfall-bench floor`, on a free port.
pub(super) struct Bare {
    process: ServerProcess,
    pub(super) server: Server,
}

impl Bare {
    pub(super) fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let process = ServerProcess::start(command.args(["floor", "--listen", "127.0.0.1:0"]))?;
        Ok(Self { server: Server::at(process.url(), "")?, process })
    }

    pub(super) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// It has nothing to write, so how it ends says nothing.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.process.stop().map(drop)
    }
}
