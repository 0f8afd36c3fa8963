//! The client side of the command line.

use std::collections::BTreeMap;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum ClientCommand {}

pub(crate) async fn run(command: ClientCommand) -> ExitCode {
    match command {}
}

pub(crate) fn environment() -> BTreeMap<String, String> {
    let pairs = std::env::vars_os();
    pairs.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect()
}
