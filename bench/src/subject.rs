//! The Landfall under measurement: one that runs already, or one of our own on a temporary
//! directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

use crate::client;
use crate::process::ServerProcess;
use crate::server::Server;

/// The admin key of a temporary server that only this machine can reach.
pub(crate) const ADMIN_KEY: &str = "sk_default_k1_benchbenchbenchbenchbenchbenchbenchbench";

const READY_S_MAX: u64 = 30;
const POLL_MS: u64 = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct SubjectArgs {
    /// Base URL of a running Landfall, to measure that one instead of starting one.
    #[arg(long, requires = "key")]
    url: Option<String>,
    /// API key for `--url`.
    #[arg(long, env = "LANDFALL_API_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Process id of the server at `--url`, to read its memory.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
    /// The binary to start. [default: `landfall` beside this binary]
    #[arg(long, value_name = "PATH", conflicts_with = "url")]
    landfall: Option<PathBuf>,
    /// Directory on the disk to measure: that of the data of `--url`, or else where the temporary
    /// data directory is made. [default: `.` for `--url`, else beside the binary]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// A Landfall that answers.
pub(crate) struct Subject {
    pub(crate) server: Server,
    pub(crate) process_id: Option<u32>,
    /// Its data, or a directory on the same disk.
    pub(crate) directory: PathBuf,
    owned: Option<Owned>,
}

/// The process is declared first, so that it ends before its data goes.
struct Owned {
    process: ServerProcess,
    data: TempDir,
}

impl Subject {
    pub(crate) fn prepare(args: &SubjectArgs) -> anyhow::Result<Self> {
        Self::prepare_with(args, |_, _| Ok(()))
    }

    /// The same, with a change of the command that starts a server of our own, or of its data.
    pub(crate) fn prepare_with(
        args: &SubjectArgs,
        change: impl FnOnce(&mut Command, &Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let Some(url) = &args.url else { return Self::start(args, change) };
        Ok(Self {
            server: Server::at(url, args.key.as_deref().unwrap_or_default())?,
            process_id: args.pid,
            directory: args.data.clone().unwrap_or_else(|| PathBuf::from(".")),
            owned: None,
        })
    }

    fn start(
        args: &SubjectArgs,
        change: impl FnOnce(&mut Command, &Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let program = program(args.landfall.as_deref())?;
        let data = temporary_in(args.data.as_deref().unwrap_or(folder_of(&program)))?;
        let mut command = serve_command(&program, data.path());
        change(&mut command, data.path())?;
        let process = ServerProcess::start(&mut command)?;
        Ok(Self {
            server: Server::at(process.url(), ADMIN_KEY)?,
            process_id: Some(process.id()),
            directory: data.path().to_owned(),
            owned: Some(Owned { process, data }),
        })
    }

    /// Whether the server is our own, and goes with all that was made in it.
    pub(crate) fn is_owned(&self) -> bool {
        self.owned.is_some()
    }

    /// Ends a server of our own and removes its data; leaves another one alone.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        let Some(Owned { process, data }) = self.owned else { return Ok(()) };
        let status = process.stop()?;
        data.close().context("cannot remove the temporary data directory")?;
        ensure!(status.success(), "landfall ended with {status} after SIGTERM");
        Ok(())
    }
}

/// The binary to start: the one given, or that beside this one.
pub(crate) fn program(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let program = match given {
        Some(program) => program.to_owned(),
        None => std::env::current_exe()?.with_file_name("landfall"),
    };
    ensure!(
        program.is_file(),
        "{} is not there; `cargo build --release -p landfall` makes it",
        program.display()
    );
    Ok(program)
}

/// The folder that a binary lies in.
pub(crate) fn folder_of(program: &Path) -> &Path {
    program.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A directory that goes when it is dropped.
pub(crate) fn temporary_in(parent: &Path) -> anyhow::Result<TempDir> {
    tempfile::Builder::new()
        .prefix("landfall-bench-")
        .tempdir_in(parent)
        .with_context(|| format!("cannot make a directory in {}", parent.display()))
}

/// Serves a data directory on a free port of this machine, with an admin key that is known here.
pub(crate) fn serve_command(program: &Path, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    // What is measured is what was asked for, whatever else this shell works with.
    command.env_remove("LANDFALL_DATABASE").env_remove("LANDFALL_LISTEN");
    command.env("LANDFALL_ADMIN_KEY", ADMIN_KEY);
    // The receivers of a benchmark are on this machine, where webhooks may not go by default.
    command.env("LANDFALL_EGRESS_ALLOW", "127.0.0.0/8");
    command
}

/// Asks `/readyz` until it answers 200.
pub(crate) async fn wait_until_ready(server: &Server) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(READY_S_MAX);
    loop {
        let answer = client::get(server, "/readyz").await;
        if matches!(answer, Ok((200, _))) {
            return Ok(());
        }
        if Instant::now() > deadline {
            let reason = answer.map(|(status, _)| anyhow::anyhow!("/readyz answers {status}"));
            bail!(reason.unwrap_or_else(Into::into).context("the server is not ready"));
        }
        tokio::time::sleep(Duration::from_millis(POLL_MS)).await;
    }
}
