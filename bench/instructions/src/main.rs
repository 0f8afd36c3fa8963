//! Counts the instructions of the functions that a report and a delivery go through, and compares them
//! with those in `counts.toml`.
//!
//! Times on a machine that others use wobble by more than a bad change costs; the instructions of the
//! same code on the same data do not. Each benchmark runs once, under callgrind, in a process of its
//! own that begins with the same data and the same stack, so that none depends on another one.
//!
//! Callgrind counts what the named functions do, with all that they call, on whichever thread. So the
//! parts of a store that are private and run on its own threads are counted through its public face.

mod benchmarks;
mod callgrind;
mod comparison;
mod counted;
mod counter;
mod counts;
mod data;
mod machine;
mod output;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::data::Data;

#[derive(Parser)]
#[command(name = "landfall-instructions", about = "Counts instructions and compares them.")]
struct Cli {
    /// Writes what was counted into counts.toml instead of comparing it.
    #[arg(long)]
    accept: bool,
    /// Only benchmarks whose name holds this text.
    #[arg(default_value = "")]
    name: String,
    #[command(subcommand)]
    step: Option<Step>,
}

/// What processes of this program do for another one of it.
#[derive(Subcommand)]
enum Step {
    /// Makes the data that benchmarks begin with.
    #[command(hide = true)]
    Prepare { data: Data, directory: PathBuf },
    /// Runs one benchmark, to be counted.
    #[command(hide = true)]
    Measure { name: String },
}

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let is_well = match cli.step {
        Some(Step::Prepare { data, directory }) => {
            data::prepare(data, &directory).map(|()| true)?
        }
        Some(Step::Measure { name }) => benchmarks::measure(&name).map(|()| true)?,
        None if cli.accept => run::accept(&cli.name).map(|()| true)?,
        None => run::compare(&cli.name)?,
    };
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
