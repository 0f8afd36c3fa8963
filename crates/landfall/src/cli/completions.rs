//! `landfall completions`: what a shell needs to complete commands and flags.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Failure;
use super::session::Session;
use crate::arguments::Arguments;

/// The flags of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints the shell's script.
pub(crate) fn run(arguments: &CompletionsArguments, session: &Session) -> Result<(), Failure> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "landfall", &mut script);
    session.output.verbatim(String::from_utf8_lossy(&script).trim_end())
}
