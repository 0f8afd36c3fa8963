//! The `landfall` binary as a library, so that tests can run a server in their own process.

mod arguments;
mod cli;
mod demo;
mod logs;
mod master_key;
mod output;
mod serve;
pub mod server;
pub mod settings;
mod traces;

#[cfg(fuzzing)]
pub use cli::fuzzing;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, ConfigCommand, MasterKeyCommand};

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return cli::usage(&error),
    };
    let outcome = match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Config { command: ConfigCommand::Show(arguments) } => serve::show(&arguments),
        Command::MasterKey { command: MasterKeyCommand::Rotate(arguments) } => {
            master_key::rotate::run(&arguments)
        }
        Command::Client(command) => return run_client(command),
    };
    outcome.map_or_else(
        |error| {
            output::error(&error);
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run_client(command: cli::ClientCommand) -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(cli::run(command)),
        Err(error) => {
            output::error(&error.into());
            ExitCode::FAILURE
        }
    }
}
