//! Reading from servers that hold many deployments, beside the bare handler answering as many bytes.
//!
//! Each request asks for another application or another place in the log; the first few are not counted.

use std::time::Instant;

use anyhow::{Context, ensure};

use super::bare::BARE;
use super::data_file::bytes_in;
use super::fill::{ENVIRONMENTS, Filled, Note, filled};
use super::part::Part;
use super::row::{Row, Unit};
use super::{Suite, goal, start};
use crate::client::Client;
use crate::histogram::{Histogram, Latency};
use crate::server::Server;
use crate::tally::to_f64;

/// Requests before those that count.
const NOT_COUNTED: u32 = 5;
/// Far apart, so that what one request has read does not help the next.
const STEP: u64 = 7_919;
/// How much of an answer that was not expected is shown.
const SHOWN_BYTES_MAX: usize = 300;

/// One kind of request.
struct Query {
    what: &'static str,
    /// The goal for the median, with ten million deployments stored.
    p50_ms_max: Option<f64>,
    path: fn(Note, u64) -> String,
}

const QUERIES: [Query; 6] = [
    Query {
        what: "current state of one application",
        p50_ms_max: Some(1.0),
        path: |note, n| format!("/api/v1/status?application={}", application(note, n)),
    },
    Query {
        what: "history of one application, 100 deployments",
        p50_ms_max: Some(5.0),
        path: |note, n| format!("/api/v1/deployments?application={}", application(note, n)),
    },
    Query {
        what: "history of one application in one environment",
        p50_ms_max: Some(5.0),
        path: |note, n| {
            let application = application(note, n);
            format!("/api/v1/deployments?application={application}&environment=production")
        },
    },
    Query {
        what: "matrix, 100 applications in all environments",
        p50_ms_max: Some(10.0),
        path: |_, _| "/api/v1/status?limit=100".to_owned(),
    },
    Query {
        what: "newest 100 deployments",
        p50_ms_max: None,
        path: |_, _| "/api/v1/deployments".to_owned(),
    },
    Query {
        what: "100 events of the log",
        p50_ms_max: None,
        path: |note, n| {
            format!("/api/v1/events?after={}", n * STEP * STEP % note.deployments.max(1))
        },
    },
];

/// The latencies of one query, and those of the bare handler in between.
#[derive(Default)]
struct Latencies {
    landfall: Histogram,
    bare: Histogram,
}

pub(super) fn measure(suite: &mut Suite) {
    for deployments in suite.setting.deployments.clone() {
        let of = format!("{deployments} deployments");
        let mut found = None;
        suite.attempt(Part::Queries, &of, |suite| {
            let filled = filled(suite, deployments)?;
            let rows = filled_rows(&filled)?;
            found = Some(filled);
            Ok(rows)
        });
        if let Some(filled) = found {
            let of = name_of(deployments, filled.note);
            suite.attempt(Part::Queries, &of, |suite| read_from(suite, &filled));
        }
    }
}

/// Says when it is not as much as was asked for.
fn name_of(wanted: u64, note: Note) -> String {
    let held = note.deployments;
    let applications = note.applications;
    let cells = format!("{applications} × {ENVIRONMENTS} cells");
    if held < wanted {
        return format!("{held} deployments (of {wanted}; the time was over), {cells}");
    }
    format!("{held} deployments, {cells}")
}

fn filled_rows(filled: &Filled) -> anyhow::Result<Vec<Row>> {
    let note = filled.note;
    let bytes = to_f64(bytes_in(&filled.data)?) / to_f64(note.deployments);
    Ok(vec![
        Row::single("filled with", Unit::PerSecond, note.deployments_per_s()),
        Row::single("data per deployment with one event", Unit::Bytes, bytes),
    ])
}

fn read_from(suite: &Suite, filled: &Filled) -> anyhow::Result<Vec<Row>> {
    let (instance, ms) = start::start(suite, &filled.data)?;
    let mut rows = vec![start::row(ms)];
    for query in &QUERIES {
        rows.extend(query.rows(suite, &instance.server, filled.note)?);
    }
    let resident = instance.resident_mb()?;
    rows.push(Row::single("resident memory after all that", Unit::Megabytes, resident));
    instance.stop()?;
    Ok(rows)
}

impl Query {
    fn rows(&self, suite: &Suite, server: &Server, note: Note) -> anyhow::Result<[Row; 2]> {
        let taken = self.take(server, &suite.bare.server, note, suite.setting.samples);
        let Latencies { landfall, bare } = suite.block_on(taken)?;
        let (landfall, bare) = (landfall.summary(), bare.summary());
        let bounds = goal::query_ms(self.p50_ms_max, note.deployments);
        let row = |percentile: &str, number: fn(&Latency) -> f64, bound| {
            let what = format!("{}, {percentile}", self.what);
            Row::single(what, Unit::Milliseconds, number(&landfall))
                .beside_single(BARE, number(&bare))
                .goal(bound)
        };
        Ok([row("p50", |it| it.p50_ms, bounds[0]), row("p99", |it| it.p99_ms, bounds[1])])
    }

    async fn take(
        &self,
        server: &Server,
        bare: &Server,
        note: Note,
        samples: u32,
    ) -> anyhow::Result<Latencies> {
        let mut latencies = Latencies::default();
        let mut landfall = Reader::connect(server).await?;
        let mut floor = Reader::connect(bare).await?;
        for n in 0..NOT_COUNTED + samples {
            let path = (self.path)(note, u64::from(n));
            let (taken, bytes) = landfall.read(&path).await?;
            let (floor_taken, _) = floor.read(&format!("/bytes/{bytes}")).await?;
            if n >= NOT_COUNTED {
                latencies.landfall.record(taken);
                latencies.bare.record(floor_taken);
            }
        }
        Ok(latencies)
    }
}

fn application(note: Note, n: u64) -> String {
    format!("app-{:04}", n * STEP % u64::from(note.applications))
}

/// One connection that reads.
struct Reader<'a> {
    server: &'a Server,
    client: Client,
}

impl<'a> Reader<'a> {
    async fn connect(server: &'a Server) -> anyhow::Result<Self> {
        Ok(Self { server, client: Client::connect(server).await? })
    }

    /// From the request's first byte to the answer's last, and how long the answer's body is.
    async fn read(&mut self, path: &str) -> anyhow::Result<(std::time::Duration, usize)> {
        let request = self.server.get(path);
        let begun = Instant::now();
        let head = self.client.exchange(request.as_bytes()).await;
        let head = head.with_context(|| format!("GET {path} is not answered"))?;
        let taken = begun.elapsed();
        let body = self.client.body();
        ensure!(
            head.status == 200,
            "GET {path} answers {}: {}",
            head.status,
            String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES_MAX)])
        );
        let length = body.len();
        if head.closes {
            self.client = Client::connect(self.server).await?;
        }
        Ok((taken, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_ask_for_names_that_were_filled_in() {
        let note = Note { applications: 200, deployments: 10_000, seconds: 1.0 };
        let path = |query: usize, n| (QUERIES[query].path)(note, n);

        assert_eq!(path(0, 0), "/api/v1/status?application=app-0000");
        assert_eq!(path(1, 1), "/api/v1/deployments?application=app-0119");
        assert_eq!(path(5, 0), "/api/v1/events?after=0");
    }

    #[test]
    fn a_server_that_could_not_be_filled_in_time_is_named_so() {
        let note = Note { applications: 2_000, deployments: 300_000, seconds: 60.0 };

        assert_eq!(name_of(300_000, note), "300000 deployments, 2000 × 50 cells");
        let shown = name_of(1_000_000, note);
        assert!(shown.starts_with("300000 deployments (of 1000000; the time was over)"), "{shown}");
    }
}
