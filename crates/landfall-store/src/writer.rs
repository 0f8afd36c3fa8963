//! Group commit: many callers, one fsync.
//!
//! While one group is being written, new jobs queue up and become the next group. An idle store
//! therefore commits at once, and a busy one commits in bulk, with nothing to tune. A caller gets
//! its answer only after its group is durable, which [`crate::durable`] sees to.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use landfall_domain::command::Envelope;
use landfall_domain::id::{OrganizationId, RefusedId};
use landfall_domain::report::RefusedReport;
use tokio::sync::{mpsc, oneshot};

use crate::checkpoint::Checkpointer;
use crate::driver::Connection;
use crate::durable::{Durable, Tell};
use crate::error::StoreError;
use crate::group::{Cache, Decided, Done, Group, Ticket, run};
use crate::idempotency::Idempotency;
use crate::plans::Plans;
use crate::rows::event::StoredEvent;
use crate::stats::Stats;

/// Jobs that may wait; one more is answered with [`StoreError::Busy`].
const QUEUE_MAX: usize = 4_096;
/// Jobs in one group; more would make the first of them wait for the last.
const GROUP_MAX: usize = 512;
/// How often a group is tried that another transaction or a lost connection is in the way of.
const TRIES_MAX: u32 = 3;

/// The events that one group appended to one organization's log.
#[derive(Debug)]
pub struct Committed {
    /// Whose log.
    pub organization: OrganizationId,
    /// The events, in order.
    pub events: Vec<StoredEvent>,
}

/// Hears of the events of each group, in order, once they are durable. It must be quick: the thread
/// that syncs calls it.
pub type Listener = Box<dyn Fn(&Committed) + Send + Sync>;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Work that runs in a transaction of its own, and does not touch what the ledger caches.
pub type Job = Box<dyn FnOnce(&mut Connection) -> Result<(), StoreError> + Send>;

enum Request {
    Decide(Box<Ticket>, Reply<Decided>),
    Keep(Box<(OrganizationId, RefusedId, RefusedReport)>, Reply<()>),
    Run(Job, Reply<()>),
}

/// The way to the thread that writes, and on PostgreSQL to another one for jobs.
#[derive(Clone)]
pub struct Writer {
    requests: mpsc::Sender<Request>,
    jobs: mpsc::Sender<Request>,
    ears: Arc<Ears>,
}

/// What makes a file of SQLite durable. PostgreSQL does so by itself.
pub(crate) struct Disk {
    pub checkpointer: Checkpointer,
    pub durable: Durable,
}

/// Who hears of what was committed.
#[derive(Default)]
struct Ears {
    listener: OnceLock<Listener>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    /// Starts the thread, which ends when every `Writer` is gone and the queue is written.
    pub(crate) fn start(
        db: Connection,
        disk: Disk,
        stats: Arc<Stats>,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        let ears = Arc::new(Ears::default());
        let state = State::new(db, Some(disk), stats, &ears);
        let (requests, thread) = state.start("landfall-writer")?;
        Ok((Self { jobs: requests.clone(), requests, ears }, thread))
    }

    /// Starts one thread for groups and one for jobs, each with a connection of its own.
    pub(crate) fn start_shared(
        groups: Connection,
        jobs: Connection,
        stats: &Arc<Stats>,
    ) -> Result<(Self, [JoinHandle<()>; 2]), StoreError> {
        let ears = Arc::new(Ears::default());
        let groups = State::new(groups, None, Arc::clone(stats), &ears);
        let jobs = State::new(jobs, None, Arc::clone(stats), &ears);
        let (requests, writing) = groups.start("landfall-writer")?;
        let (jobs, committing) = jobs.start("landfall-committer")?;
        Ok((Self { requests, jobs, ears }, [writing, committing]))
    }

    /// Decides a command; the answer comes when it is durable.
    pub async fn decide(
        &self,
        organization: OrganizationId,
        envelope: Envelope,
        idempotency: Option<Idempotency>,
    ) -> Result<Decided, StoreError> {
        let ticket = Box::new(Ticket { organization, envelope, idempotency });
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
        ask(&self.requests, |reply| Request::Keep(refused, reply)).await
    }

    /// Runs a job in a transaction of its own; on PostgreSQL beside groups.
    pub async fn run(&self, job: Job) -> Result<(), StoreError> {
        ask(&self.jobs, |reply| Request::Run(job, reply)).await
    }

    /// Runs a job in a transaction of its own between two groups, and no group beside it.
    pub async fn run_between_groups(&self, job: Job) -> Result<(), StoreError> {
        ask(&self.requests, |reply| Request::Run(job, reply)).await
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

struct State {
    db: Connection,
    cache: Cache,
    stats: Arc<Stats>,
    ears: Arc<Ears>,
    disk: Option<Disk>,
    plans: Plans,
}

/// The callers of a group, in the order of their tickets and refused reports.
#[derive(Default)]
struct Callers {
    deciding: Vec<Reply<Decided>>,
    keeping: Vec<Reply<()>>,
}

impl State {
    fn new(db: Connection, disk: Option<Disk>, stats: Arc<Stats>, ears: &Arc<Ears>) -> Self {
        let (cache, plans) = (Cache::default(), Plans::default());
        Self { db, cache, stats, ears: Arc::clone(ears), disk, plans }
    }

    fn start(self, name: &str) -> Result<(mpsc::Sender<Request>, JoinHandle<()>), StoreError> {
        let (requests, queue) = mpsc::channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || self.serve(queue))
            .map_err(|source| StoreError::File { path: name.to_owned(), source })?;
        Ok((requests, thread))
    }

    fn serve(mut self, mut queue: mpsc::Receiver<Request>) {
        let mut next = queue.blocking_recv();
        while let Some(first) = next.take() {
            let (group, callers, left) = gather(first, &mut queue);
            if !group.tickets.is_empty() || !group.refused.is_empty() {
                self.write(&group, callers);
            }
            if let Some(Request::Run(job, reply)) = left {
                self.run_alone(job, reply);
                next = queue.blocking_recv();
            } else {
                next = left.or_else(|| queue.blocking_recv());
            }
            let rows = self.db.take_rows_written();
            Stats::count(&self.stats.rows_written, rows);
            match &mut self.disk {
                Some(disk) => disk.checkpointer.after_group(&mut self.db, rows),
                None => self.plans.after_group(&mut self.db, rows),
            }
        }
    }

    fn write(&mut self, group: &Group, callers: Callers) {
        let jobs = group.tickets.len() + group.refused.len();
        Stats::count(&self.stats.groups, 1);
        Stats::count(&self.stats.jobs, jobs as u64);
        let outcome = self.try_write(group);
        Stats::count(&self.stats.round_trips, self.db.take_round_trips());
        match outcome {
            Ok(done) => {
                let ears = Arc::clone(&self.ears);
                self.when_durable(Box::new(move |synced| match synced {
                    Ok(()) => tell(done, callers, &ears),
                    Err(error) => refuse(callers, &error),
                }));
            }
            Err(error) if jobs > 1 && !error.is_of_database() => {
                self.write_one_by_one(group, callers);
            }
            Err(error) => refuse(callers, &error),
        }
    }

    fn when_durable(&self, tell: Tell) {
        match &self.disk {
            Some(disk) => disk.durable.after_sync(tell),
            None => tell(Ok(())),
        }
    }

    /// One poisonous command must not take its neighbours with it.
    fn write_one_by_one(&mut self, group: &Group, callers: Callers) {
        for (ticket, reply) in group.tickets.iter().zip(callers.deciding) {
            let alone = Group { tickets: vec![ticket.clone()], refused: Vec::new() };
            self.write(&alone, Callers { deciding: vec![reply], keeping: Vec::new() });
        }
        for (refused, reply) in group.refused.iter().zip(callers.keeping) {
            let alone = Group { tickets: Vec::new(), refused: vec![refused.clone()] };
            self.write(&alone, Callers { deciding: Vec::new(), keeping: vec![reply] });
        }
    }

    /// Writes a group, again if something was in the way and nothing of it is stored.
    fn try_write(&mut self, group: &Group) -> Result<Done, StoreError> {
        let mut tries = 1;
        loop {
            match self.guarded(|db, cache, stats| run(db, cache, stats, group)) {
                Err(error) if error.invites_repeat() && tries < TRIES_MAX => tries += 1,
                outcome => return outcome,
            }
        }
    }

    fn run_alone(&mut self, job: Job, reply: Reply<()>) {
        let outcome = self.guarded(|db, _, _| {
            db.begin()?;
            job(db)?;
            db.commit()
        });
        // An error means that the caller went away.
        self.when_durable(Box::new(|synced| drop(reply.send(outcome.and(synced)))));
        // Those of jobs are nobody's measure.
        self.db.take_round_trips();
    }

    /// Runs work that may fail or panic; whatever happens, the connection is usable afterwards.
    fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut Connection, &mut Cache, &Stats) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(disk) = &self.disk {
            disk.durable.check()?;
        }
        let Self { db, cache, stats, .. } = self;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(db, cache, stats)))
            .unwrap_or_else(|_| Err(StoreError::NotCommitted("a defect; see the log".to_owned())));
        if let Err(error) = &outcome {
            Stats::count(&stats.failures, 1);
            tracing::error!(error = error as &dyn std::error::Error, "a group was not committed");
            cache.clear();
            if let Err(error) = db.rollback() {
                tracing::error!(error = &error as &dyn std::error::Error, "rollback failed");
            }
        }
        outcome
    }
}

/// Takes what is waiting, up to a command that wants a group of its own; that one is left.
fn gather(
    first: Request,
    queue: &mut mpsc::Receiver<Request>,
) -> (Group, Callers, Option<Request>) {
    let (mut group, mut callers) = (Group::default(), Callers::default());
    let mut next = Some(first);
    while let Some(request) = next {
        let is_first = group.tickets.is_empty() && group.refused.is_empty();
        match request {
            Request::Decide(ticket, reply) if ticket.is_report() || is_first => {
                let is_alone = !ticket.is_report();
                group.tickets.push(*ticket);
                callers.deciding.push(reply);
                if is_alone {
                    return (group, callers, None);
                }
            }
            Request::Keep(refused, reply) => {
                group.refused.push(*refused);
                callers.keeping.push(reply);
            }
            other => return (group, callers, Some(other)),
        }
        let is_full = group.tickets.len() + group.refused.len() >= GROUP_MAX;
        next = if is_full { None } else { queue.try_recv().ok() };
    }
    (group, callers, None)
}

/// Lets the world know of a group that is durable: first those who wait for it.
fn tell(done: Done, callers: Callers, ears: &Ears) {
    for (reply, decision) in callers.deciding.into_iter().zip(done.decisions) {
        // An error means that the caller went away; its report is stored all the same.
        drop(reply.send(Ok(decision)));
    }
    for reply in callers.keeping {
        drop(reply.send(Ok(())));
    }
    if let Some(listener) = ears.listener.get() {
        done.committed.iter().for_each(listener);
    }
}

fn refuse(callers: Callers, error: &StoreError) {
    let told = || StoreError::NotCommitted(error.to_string());
    for reply in callers.deciding {
        drop(reply.send(Err(told())));
    }
    for reply in callers.keeping {
        drop(reply.send(Err(told())));
    }
}
