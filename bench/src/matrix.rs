//! The large matrix: fills a server with deployments, then measures how fast what-is-where is read.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::Serialize;

use crate::body::Template;
use crate::client::Client;
use crate::histogram::{Histogram, Latency};
use crate::load::{self, Budget, Load, REPORT_PATH};
use crate::output::{self, OutputArgs};
use crate::plan::PlanArgs;
use crate::server::{Server, ServerArgs};
use crate::tally::LoadResult;

/// A page of the matrix, and all of it.
const READS: [&str; 2] = ["/api/v1/status?limit=100", "/api/v1/status?limit=all"];
const SAMPLES: usize = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Rows of the matrix.
    #[arg(long, default_value_t = 2_000)]
    applications: u32,
    /// Columns of the matrix.
    #[arg(long, default_value_t = 50)]
    environments: u32,
    /// Completed deployments to report first; 0 measures what is there.
    #[arg(long, default_value_t = 1_000_000)]
    deployments: u64,
    /// Connections that fill the server.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// How the server was filled, and how fast it was read.
#[derive(Debug, Serialize)]
struct MatrixResult {
    fill: Option<LoadResult>,
    reads: Vec<ReadResult>,
}

#[derive(Debug, Serialize)]
struct ReadResult {
    path: &'static str,
    samples: usize,
    body_bytes: usize,
    /// From the request's first byte to the body's last.
    latency: Latency,
    /// By the server's own `Server-Timing`.
    server: Option<Latency>,
}

/// Runs the command; false when a report was not accepted.
pub(crate) fn run(args: &MatrixArgs) -> anyhow::Result<bool> {
    let result = load::runtime()?.block_on(measure(args))?;
    output::print(&result, args.output)?;
    Ok(result.fill.is_none_or(|fill| fill.failures() == 0))
}

async fn measure(args: &MatrixArgs) -> anyhow::Result<MatrixResult> {
    let server = args.server.server()?;
    let fill = match args.deployments {
        0 => None,
        _ => Some(load::apply(filling(args, &server)?).await?),
    };
    let mut result = MatrixResult { fill, reads: Vec::new() };
    for path in READS {
        match measure_reads(&server, path).await {
            Ok(read) => result.reads.push(read),
            // Filling took minutes, so what it gave is not lost with the reading.
            Err(error) => return Err(error.context(format!("before the failure:\n{result}"))),
        }
    }
    Ok(result)
}

/// One terminal report per deployment, in an order that reaches every cell before any again.
fn filling(args: &MatrixArgs, server: &Server) -> anyhow::Result<Load> {
    let cells = u64::from(args.applications) * u64::from(args.environments);
    ensure!(
        args.deployments >= cells,
        "{} deployments do not reach each of {cells} cells",
        args.deployments
    );
    Ok(Load {
        server: server.clone(),
        path: REPORT_PATH.to_owned(),
        connections: args.connections,
        budget: Budget::Deployments(args.deployments),
        plan: args.plan.spread(args.applications, args.environments)?,
        template: Template::versioner(),
        statuses: &["completed"],
    })
}

async fn measure_reads(server: &Server, path: &'static str) -> anyhow::Result<ReadResult> {
    let request = server.get(path);
    let mut client = Client::connect(server).await?;
    let (mut latencies, mut server_latencies) = (Histogram::default(), Vec::new());
    for _ in 0..SAMPLES {
        let sent_at = Instant::now();
        let head = client.exchange(request.as_bytes()).await?;
        latencies.record(sent_at.elapsed());
        ensure!(head.status == 200, "GET {path} answers {}: {}", head.status, start_of(&client));
        server_latencies.extend(head.server_ms.and_then(duration_of_ms));
        if head.closes {
            client = Client::connect(server).await?;
        }
    }
    let is_timed = server_latencies.len() == SAMPLES;
    let server_latencies: Histogram = server_latencies.into_iter().collect();
    Ok(ReadResult {
        path,
        samples: SAMPLES,
        body_bytes: client.body().len(),
        latency: latencies.summary(),
        server: is_timed.then(|| server_latencies.summary()),
    })
}

/// None for what is no duration, such as a negative number.
fn duration_of_ms(ms: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(ms / 1_000.0).ok()
}

fn start_of(client: &Client) -> String {
    const SHOWN_BYTES_MAX: usize = 300;
    let body = client.body();
    String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES_MAX)]).into_owned()
}

impl fmt::Display for MatrixResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(fill) = &self.fill {
            writeln!(f, "{fill}\n")?;
        }
        writeln!(f, "| read | bytes | p50 (ms) | p99 (ms) | server p50 (ms) | server p99 (ms) |")?;
        write!(f, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
        for ReadResult { path, body_bytes, latency, server, .. } in &self.reads {
            let (p50_ms, p99_ms) = (latency.p50_ms, latency.p99_ms);
            let server = server.map_or_else(
                || "not told | not told".to_owned(),
                |server| format!("{:.2} | {:.2}", server.p50_ms, server.p99_ms),
            );
            write!(f, "\n| `GET {path}` | {body_bytes} | {p50_ms:.2} | {p99_ms:.2} | {server} |")?;
        }
        Ok(())
    }
}
