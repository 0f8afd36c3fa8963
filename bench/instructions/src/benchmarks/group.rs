//! Groups of reports through the store: load, decide, draft, write, commit, on the threads that decide and store.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::channel;

use anyhow::ensure;
use landfall_domain::actor::Actor;
use landfall_domain::command::{Command, Envelope};
use landfall_domain::id::OrganizationId;
use landfall_domain::status::Status::{Completed, Started};
use landfall_domain::time::Timestamp;
use landfall_store::{Decided, Store, StoreError};
use tokio::runtime::Runtime;

use super::Benchmark;
use super::reports::deployment;
use crate::data::{self, DIRECTORY, Data};

pub(super) const BENCHMARKS: &[Benchmark] = &[
    Benchmark {
        name: "store: a group of 8, nothing in memory",
        data: Data::Company,
        counted: &[
            "landfall_store::group::resolve",
            "landfall_store::driver::draft::Draft::write_to",
            "landfall_store::writer::commit",
        ],
        run: || write_groups(1),
    },
    Benchmark {
        name: "store: five groups of 8, four of them warm",
        data: Data::Company,
        counted: &[
            "landfall_store::group::resolve",
            "landfall_store::driver::draft::Draft::write_to",
            "landfall_store::writer::commit",
        ],
        run: || write_groups(5),
    },
    Benchmark {
        name: "store: load what 8 reports look up",
        data: Data::Company,
        counted: &["landfall_store::load::load"],
        run: || write_groups(1),
    },
    Benchmark {
        name: "store: draft the rows of 8 reports",
        data: Data::Company,
        counted: &["landfall_store::save::Part::save"],
        run: || write_groups(1),
    },
    Benchmark {
        name: "store: write the rows of 8 reports",
        data: Data::Company,
        counted: &["landfall_store::driver::draft::Draft::write_to"],
        run: || write_groups(1),
    },
    Benchmark {
        name: "store: pack 8 events into a block",
        data: Data::Company,
        counted: &["landfall_store::rows::event::append"],
        run: || write_groups(1),
    },
];

/// Applications in a group; each starts and ends a deployment. Of more reports than these eight a group takes
/// only a share.
const APPLICATIONS: usize = 4;

type Deciding<'a> = Pin<Box<dyn Future<Output = Result<Decided, StoreError>> + 'a>>;

fn write_groups(count: usize) -> anyhow::Result<()> {
    let runtime = data::runtime()?;
    let store = Store::open(Path::new(DIRECTORY))?;
    let organization = data::organization(&runtime, &store)?;
    for number in 0..count {
        let refused = write_group(&runtime, &store, organization, number)?;
        ensure!(refused == 0, "{refused} were refused");
    }
    Ok(())
}

/// Has reports gather behind a job that holds up the writer, so that they become one group. Says how
/// many of them were refused.
fn write_group(
    runtime: &Runtime,
    store: &Store,
    organization: OrganizationId,
    number: usize,
) -> anyhow::Result<usize> {
    let envelopes = envelopes(number)?;
    runtime.block_on(async {
        let (release, released) = channel::<()>();
        let (begin, begun) = tokio::sync::oneshot::channel();
        let mut job = Box::pin(store.writer.run_between_groups(Box::new(move |_| {
            // Either fails only if the benchmark is over.
            let _ = begin.send(());
            let _ = released.recv();
            Ok(())
        })));
        let mut do_wait = poll_once(job.as_mut()).await;
        begun.await?;
        let deciding = |envelope| store.writer.decide(organization, envelope, None);
        let mut group: Vec<Deciding<'_>> =
            envelopes.into_iter().map(|envelope| Box::pin(deciding(envelope)) as _).collect();
        for report in &mut group {
            do_wait &= poll_once(report.as_mut()).await;
        }
        ensure!(do_wait, "the writer was not held up");
        release.send(())?;
        job.await?;
        let mut refused = 0;
        for report in group {
            refused += usize::from(report.await?.decision.is_err());
        }
        Ok(refused)
    })
}

/// What a future does before it waits is done then; false if it does not wait.
async fn poll_once<F: Future + ?Sized>(mut future: Pin<&mut F>) -> bool {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
    })
    .await
}

fn envelopes(group: usize) -> anyhow::Result<Vec<Envelope>> {
    const HOUR_AFTER: i64 = 1_772_370_000_000_000;
    let mut envelopes = Vec::new();
    for application in group * APPLICATIONS..(group + 1) * APPLICATIONS {
        for status in [Started, Completed] {
            let number = i64::try_from(application * 2 + usize::from(status == Completed))?;
            let mut entropy = [1; 16];
            entropy[..8].copy_from_slice(&number.to_be_bytes());
            envelopes.push(Envelope {
                actor: Actor { key_id: "k1".to_owned() },
                at: Timestamp::from_micros(HOUR_AFTER + number * 1_000),
                entropy,
                command: Command::Report(Arc::new(deployment(
                    application,
                    "production",
                    2,
                    status,
                )?)),
            });
        }
    }
    Ok(envelopes)
}
