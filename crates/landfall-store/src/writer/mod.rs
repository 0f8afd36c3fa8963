//! Group commit: many callers, one fsync.
//!
//! While one group is being written, new jobs queue up and become the next group. An idle store
//! therefore commits at once, and a busy one commits in bulk, with nothing to tune; how many a group
//! takes, [`share`] says. A caller gets its answer only after its group is durable, which
//! [`crate::durable`] sees to.

mod decider;
mod held;
mod jobs;
mod medium;
mod plans;
mod queue;
mod share;
mod storer;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Instant;

use landfall_domain::command::Envelope;
use landfall_domain::id::{OrganizationId, RefusedId};
use landfall_domain::report::RefusedReport;
use tokio::sync::{mpsc, oneshot};

use self::decider::Decider;
use self::jobs::Jobs;
use self::medium::{Medium, Untold};
use self::plans::Plans;
use self::queue::{Ears, Reply, Request};
use self::share::Share;
use self::storer::{Astray, Storer};
use crate::cache::Cache;
use crate::checkpoint::Checkpointer;
use crate::driver::Connection;
use crate::durable::Durable;
use crate::error::StoreError;
use crate::group::{Decided, Ticket};
use crate::idempotency::Idempotency;
use crate::known::Known;
use crate::rows::event::StoredEvent;
use crate::stats::Stats;

/// Jobs that may wait; one more is answered with [`StoreError::Busy`].
const QUEUE_MAX: usize = 4_096;
/// Groups that may wait between the threads: none, so that what comes meanwhile makes the next group
/// larger, which costs less than one more group.
const WAITING_MAX: usize = 0;

/// The events that one group appended to one organization's log.
#[derive(Debug)]
pub struct Committed {
    /// Whose log.
    pub organization: OrganizationId,
    /// The events, in order.
    pub events: Vec<StoredEvent>,
}

/// Hears of the events of each group, in order, once they are durable. It must be quick: a thread calls it
/// that makes groups durable.
pub type Listener = Box<dyn Fn(&Committed) + Send + Sync>;

/// Work that runs in a transaction of its own, and does not touch what the ledger caches.
pub type Job = Box<dyn FnOnce(&mut Connection) -> Result<(), StoreError> + Send>;

/// The way to the threads that write: one decides and one stores; on PostgreSQL another one runs jobs.
#[derive(Clone)]
pub struct Writer {
    requests: mpsc::Sender<Request>,
    jobs: mpsc::Sender<Request>,
    share: Share,
    ears: Arc<Ears>,
}

/// What makes a file of SQLite durable. PostgreSQL does so by itself.
pub(crate) struct Disk {
    pub checkpointer: Checkpointer,
    pub durable: Durable,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the threads, which end when every `Writer` is gone and the queue is written.
    pub(crate) fn start(
        reading: Connection,
        known: Known,
        db: Connection,
        disk: Disk,
        stats: &Arc<Stats>,
    ) -> Result<(Self, Vec<JoinHandle<()>>), StoreError> {
        let cache = Cache::with(known);
        Self::start_pair((reading, cache, None), (db, Medium::File(disk)), stats)
    }

    /// Starts the threads where other nodes may write to the same data. Each has a connection of its
    /// own: the one that decides, the one that stores, and one that runs jobs.
    pub(crate) fn start_shared(
        [deciding, storing, running]: [Connection; 3],
        known: Known,
        stats: &Arc<Stats>,
    ) -> Result<(Self, Vec<JoinHandle<()>>), StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let deciding = (deciding, Cache::with(known), Some(Plans::new(jobs.clone())));
        let (mut writer, mut threads) =
            Self::start_pair(deciding, (storing, Medium::Server(Untold::default())), stats)?;
        let running = Jobs { db: running, stats: Arc::clone(stats) };
        threads.push(spawn("landfall-jobs", move || running.serve(queue))?);
        writer.jobs = jobs;
        Ok((writer, threads))
    }

    fn start_pair(
        (deciding, cache, plans): (Connection, Cache, Option<Plans>),
        (storing, medium): (Connection, Medium),
        stats: &Arc<Stats>,
    ) -> Result<(Self, Vec<JoinHandle<()>>), StoreError> {
        let (ears, astray) = (Arc::new(Ears::default()), Astray::default());
        let share = Share::among(medium.stations());
        let (requests, queue) = mpsc::channel(QUEUE_MAX);
        let (storer, steps) = sync_channel(WAITING_MAX);
        let decider = Decider {
            db: deciding,
            stats: Arc::clone(stats),
            storer,
            astray: astray.clone(),
            ears: Arc::clone(&ears),
            share: share.clone(),
            cache,
            plans,
            held_left: 0,
        };
        let storer = Storer {
            db: storing,
            medium,
            stats: Arc::clone(stats),
            ears: Arc::clone(&ears),
            astray,
            returned: Vec::new(),
            decider: requests.downgrade(),
        };
        let deciding = spawn("landfall-decider", move || decider.serve(queue))?;
        let storing = spawn("landfall-writer", move || storer.serve(&steps))?;
        let writer = Self { jobs: requests.clone(), requests, share, ears };
        Ok((writer, vec![deciding, storing]))
    }

    /// Decides a command; the answer comes when it is durable.
    pub async fn decide(
        &self,
        organization: OrganizationId,
        envelope: Envelope,
        idempotency: Option<Idempotency>,
    ) -> Result<Decided, StoreError> {
        let ticket = Box::new(Ticket { organization, envelope, idempotency });
        let _waiting = self.share.enter();
        ask(&self.requests, |reply| Request::Decide(ticket, reply)).await
    }

    /// Keeps a refused report.
    pub async fn keep_refused(
        &self,
        organization: OrganizationId,
        id: RefusedId,
        report: RefusedReport,
    ) -> Result<(), StoreError> {
        let refused = Box::new((organization, id, report));
        let _waiting = self.share.enter();
        ask(&self.requests, |reply| Request::Keep(refused, reply)).await
    }

    /// Runs a job in a transaction of its own; on PostgreSQL beside groups.
    pub async fn run(&self, job: Job) -> Result<(), StoreError> {
        ask(&self.jobs, |reply| Request::Run(job, reply)).await
    }

    /// Runs a job in a transaction of its own between two groups, and no group beside it.
    pub async fn run_between_groups(&self, job: Job) -> Result<(), StoreError> {
        ask(&self.requests, |reply| Request::RunBetween(job, reply)).await
    }

    /// Has every group told to a listener from now on; false if there is one already.
    pub fn listen(&self, listener: Listener) -> bool {
        self.ears.listener.set(listener).is_ok()
    }

    /// Jobs that wait now.
    pub fn queued(&self) -> usize {
        self.requests.max_capacity() - self.requests.capacity()
    }
}

async fn ask<T>(
    queue: &mpsc::Sender<Request>,
    request: impl FnOnce(Reply<T>) -> Request,
) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    queue.try_send(request(reply)).map_err(|error| match error {
        mpsc::error::TrySendError::Full(_) => StoreError::Busy,
        mpsc::error::TrySendError::Closed(_) => StoreError::Closing,
    })?;
    answer.await.unwrap_or(Err(StoreError::Closing))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map_err(|source| StoreError::File { path: name.to_owned(), source })
}

/// Runs work that may fail or panic; whatever happens, the connection is usable afterwards.
fn guarded<T>(
    db: &mut Connection,
    stats: &Stats,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let outcome = catch_unwind(AssertUnwindSafe(|| work(db)))
        .unwrap_or_else(|_| Err(StoreError::NotCommitted("a defect; see the log".to_owned())));
    if let Err(error) = &outcome {
        if matches!(error, StoreError::Overtaken) {
            Stats::count(&stats.overtaken, 1);
        } else {
            Stats::count(&stats.failures, 1);
            tracing::error!(error = error as &dyn std::error::Error, "a group was not committed");
        }
        if let Err(error) = db.rollback() {
            tracing::error!(error = &error as &dyn std::error::Error, "rollback failed");
        }
    }
    outcome
}

fn run_job(db: &mut Connection, job: Job) -> Result<(), StoreError> {
    db.begin()?;
    job(db)?;
    db.commit()
}

/// Commits a group that was begun then, and does something else while the answer is awaited.
fn commit(
    db: &mut Connection,
    stats: &Stats,
    begun: Instant,
    meanwhile: impl FnOnce(),
) -> Result<(), StoreError> {
    let at_disk = Instant::now();
    db.commit_beside(meanwhile)?;
    Stats::count_time(&stats.commit_micros, at_disk.elapsed());
    Stats::count_time(&stats.busy_micros, begun.elapsed());
    Ok(())
}
