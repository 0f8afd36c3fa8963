//! Measures Landfall: a load generator, a bare handler to compare with, and the two put together.
//!
//! The generator shares the machine's cores with the server, so it is built to be cheap; and it is
//! honest: whole lifecycles, no repeats, and every answer that is not 2xx fails the run. The suite
//! does all of it in one run.

mod body;
mod client;
mod deliver;
mod faults;
mod floor;
mod histogram;
mod load;
mod machine;
mod matrix;
mod metrics;
mod outage;
mod output;
mod plan;
mod port;
mod process;
mod ratio;
mod ratio_result;
mod reporter;
mod request;
mod response;
mod sender;
mod server;
mod sink;
mod soak;
mod subject;
mod suite;
mod tally;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "landfall-bench", about = "Measures a Landfall server.", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sends deployment reports to a running server as fast as it answers them.
    Load(load::LoadArgs),
    /// Serves a bare handler of the same web stack, which parses each report and stores nothing.
    Floor(floor::FloorArgs),
    /// Measures the floor and Landfall in turns, and prints how they compare.
    Ratio(ratio::RatioArgs),
    /// Fills a server with a large matrix and measures how fast it is read.
    Matrix(matrix::MatrixArgs),
    /// Works a server with a bit of everything for an hour, and judges whether it stays as it was.
    Soak(soak::SoakArgs),
    /// Measures how many events reach webhooks, and how fast, from the report to the receiver.
    Deliver(deliver::DeliverArgs),
    /// Measures whether a receiver that misbehaves slows down what others are sent.
    Faults(faults::FaultsArgs),
    /// Lets a receiver be down while events happen, and measures what that costs and how it ends.
    Outage(outage::OutageArgs),
    /// Measures everything beside its floor, and prints one table of what it found and of the goals.
    Suite(suite::SuiteArgs),
}

fn main() -> anyhow::Result<ExitCode> {
    let is_clean = match &Cli::parse().command {
        Command::Load(args) => load::run(args)?,
        Command::Floor(args) => floor::run(args).map(|()| true)?,
        Command::Ratio(args) => ratio::run(args)?,
        Command::Matrix(args) => matrix::run(args)?,
        Command::Soak(args) => soak::run(args)?,
        Command::Deliver(args) => deliver::run(args)?,
        Command::Faults(args) => faults::run(args)?,
        Command::Outage(args) => outage::run(args)?,
        Command::Suite(args) => suite::run(args)?,
    };
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
