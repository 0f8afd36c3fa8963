//! Whether others feel a receiver that misbehaves: the same load with and without it, in turns.
//!
//! Each phase has webhooks of its own, so that every phase with a fault sees it begin: later on the
//! breaker would leave the receiver alone.

pub(crate) mod fault;
mod phase;
pub(crate) mod receiver;
mod result;
#[cfg(test)]
mod tests;

use anyhow::Context;
use tokio::runtime::{Builder, Handle, Runtime};

use self::fault::Fault;
use self::phase::{Phases, Sum};
use self::receiver::Faulty;
use self::result::{FaultResult, FaultsResult, Setting};
use crate::load;
use crate::machine;
use crate::output::{self, OutputArgs};
use crate::plan::PlanArgs;
use crate::subject::{Subject, SubjectArgs, wait_until_ready};

#[derive(Debug, clap::Args)]
pub(crate) struct FaultsArgs {
    #[command(flatten)]
    subject: SubjectArgs,
    /// What the receiver does; all of it in turn unless given. May be given several times.
    #[arg(long, value_enum)]
    fault: Vec<Fault>,
    /// Webhooks whose receiver is well, and which are measured.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    webhooks: u32,
    /// Webhooks whose receiver misbehaves.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    faulty: u32,
    /// Requests that a webhook may have outstanding.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    concurrency: u32,
    /// How long the webhooks that misbehave wait for an answer.
    #[arg(long, default_value_t = 1_000, value_name = "MILLISECONDS")]
    timeout_ms: u32,
    /// Connections that report, each with one request outstanding.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// Reports per second.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,
    /// How long a phase is.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often each fault is measured, each time without and with it.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// How long to wait after a phase for what has not arrived.
    #[arg(long, default_value_t = 60)]
    drain_seconds: u64,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command; false when a webhook that is well did not get every event exactly once.
pub(crate) fn run(args: &FaultsArgs) -> anyhow::Result<bool> {
    let subject = Subject::prepare(&args.subject)?;
    let receivers = receivers_runtime()?;
    let result = load::runtime()?.block_on(measure(args, &subject, receivers.handle()))?;
    output::print(&result, args.output)?;
    // What a receiver still does, such as dripping, is not waited for.
    receivers.shutdown_background();
    subject.stop()?;
    Ok(result.is_clean())
}

/// A thread of their own: what it costs to misbehave must not delay the load.
pub(crate) fn receivers_runtime() -> anyhow::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().context("cannot start the receivers' runtime")
}

async fn measure(
    args: &FaultsArgs,
    subject: &Subject,
    receivers: &Handle,
) -> anyhow::Result<FaultsResult> {
    wait_until_ready(&subject.server).await?;
    let mut phases = Phases::new(args, &subject.server)?;
    let mut faults = Vec::new();
    for fault in args.faults() {
        faults.push(measure_fault(&mut phases, fault, receivers).await?);
    }
    Ok(FaultsResult { setting: args.setting(), faults })
}

/// Without and with the fault in turns, so that what the machine does meanwhile cancels.
async fn measure_fault(
    phases: &mut Phases<'_>,
    fault: Fault,
    receivers: &Handle,
) -> anyhow::Result<FaultResult> {
    let receiver = Faulty::start(fault, receivers)?;
    let (mut alone, mut beside) = (Sum::default(), Sum::default());
    for _ in 0..phases.args.rounds {
        alone.add(phases.alone().await?);
        beside.add(phases.beside(&receiver).await?);
    }
    Ok(FaultResult::new(fault, receiver.requests(), &alone, &beside))
}

impl FaultsArgs {
    fn faults(&self) -> Vec<Fault> {
        if self.fault.is_empty() { Fault::all().to_vec() } else { self.fault.clone() }
    }

    fn setting(&self) -> Setting {
        Setting {
            cores: machine::cores(),
            rate: self.rate,
            seconds: self.seconds,
            rounds: self.rounds,
            webhooks: self.webhooks,
            faulty: self.faulty,
            concurrency: self.concurrency,
            timeout_ms: self.timeout_ms,
            connections: self.connections,
        }
    }
}
