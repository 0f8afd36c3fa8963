//! Resends and replays: attempts by hand, outside every order, that count towards nothing.
//!
//! A job has a durable place and makes one attempt per event, with the webhook's present settings,
//! even if it is disabled. What it does touches the one webhook and the range that was asked for.
//! It runs on the node that sends for the webhook, whichever was asked for it.

use std::sync::Arc;

use landfall_domain::access::Scope;
use landfall_domain::id::{JobId, WebhookId};
use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::delivery::{Attempt, Delivery, DeliveryState, Trigger};
use landfall_domain::webhook::verdict::Fate;
use landfall_store::rows::lease;
use landfall_store::rows::webhook_change::{self, Change};
use landfall_store::rows::webhook_job;
pub use landfall_store::rows::webhook_job::StoredJob;
use landfall_store::rows::{delivery, event, organization};
use landfall_store::{Connection, StoreError, StoredEvent};

use super::attempt::{Outcome, attempt};
use super::record::{NewOutcome, Note};
use super::subject::Head;
use super::{Armed, Context, Dispatcher, Key, lock};
use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::nodes::Lease;

/// Events that one look brings.
const PAGE: i64 = 64;
/// Attempts of one job at one time.
const CONCURRENCY: usize = 4;
/// A job whose events can't be read goes on after this.
const TROUBLED_FOR: std::time::Duration = std::time::Duration::from_secs(5);
/// Jobs of one webhook that may run at one time.
const RUNNING_MAX: usize = 4;

/// What a job sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Every event of the range that the filters want.
    Replay,
    /// Every delivery of the range that failed, for good or so far.
    ResendFailed,
}

impl JobKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::ResendFailed => "resend_failed",
        }
    }

    fn of(job: &StoredJob) -> Self {
        if job.kind == Self::Replay.as_str() { Self::Replay } else { Self::ResendFailed }
    }
}

impl Engine {
    /// Starts a job over the events from `first` to `last`, which is cut to the log's head.
    pub async fn start_job(
        &self,
        caller: &Caller,
        webhook: WebhookId,
        kind: JobKind,
        (first, last): (u64, u64),
    ) -> Result<StoredJob, EngineError> {
        caller.require(Scope::Manage)?;
        self.find_webhook(caller, webhook)?;
        let organization = caller.organization;
        let read = self.shared.store.reader.read(move |db| {
            let head = organization::find(db, organization)?.map_or(0, |o| o.next_sequence - 1);
            Ok((head, webhook_job::running(db)?))
        });
        let (head, running) = read.await?;
        let own = running.iter().filter(|job| job.webhook == webhook).count();
        if own >= RUNNING_MAX {
            let why = format!("{RUNNING_MAX} jobs of this webhook are running; stop one, or wait");
            return Err(Refusal::InUse(why).into());
        }
        let now = self.ambient().now();
        let (first, last) = (first.max(1), last.min(head));
        let job = StoredJob {
            organization,
            id: self.ambient().id(now),
            webhook,
            kind: kind.as_str().to_owned(),
            state: "running".to_owned(),
            first,
            last,
            position: first - 1,
            delivered: 0,
            failed: 0,
            created_by: caller.key_id.clone(),
            created_at: now,
            ended_at: None,
        };
        let row = job.clone();
        let insert = move |db: &mut Connection| {
            webhook_job::insert(db, &row)?;
            webhook_change::note(db, (row.organization, row.webhook), Change::Job)
        };
        self.write(insert).await?;
        self.spawn_job(job.clone());
        Ok(job)
    }

    /// A job of the caller's organization.
    pub async fn find_job(&self, caller: &Caller, id: JobId) -> Result<StoredJob, EngineError> {
        caller.require(Scope::Read)?;
        let organization = caller.organization;
        let found =
            self.shared.store.reader.read(move |db| webhook_job::find(db, organization, id));
        found.await?.ok_or_else(|| Refusal::not_found("job", &id).into())
    }

    /// The jobs of a webhook before an id, newest first.
    pub async fn list_jobs(
        &self,
        caller: &Caller,
        webhook: WebhookId,
        before: JobId,
        limit: i64,
    ) -> Result<Vec<StoredJob>, EngineError> {
        self.find_webhook(caller, webhook)?;
        let key = (caller.organization, webhook);
        let read =
            self.shared.store.reader.read(move |db| webhook_job::list(db, key, before, limit));
        Ok(read.await?)
    }

    /// Stops a job; attempts that are under way end.
    pub async fn stop_job(&self, caller: &Caller, id: JobId) -> Result<StoredJob, EngineError> {
        caller.require(Scope::Manage)?;
        let (key, now) = ((caller.organization, id), self.ambient().now());
        self.find_job(caller, id).await?;
        self.write(move |db| webhook_job::end(db, key, "stopped", now)).await?;
        self.find_job(caller, id).await
    }

    /// Goes on with the jobs that were running when the server ended.
    pub(crate) async fn resume_jobs(&self) -> Result<(), EngineError> {
        for job in self.shared.store.reader.read(webhook_job::running).await? {
            self.spawn_job(job);
        }
        Ok(())
    }

    /// Runs a job, if this node sends for its webhook and does not run it yet.
    pub(crate) fn spawn_job(&self, job: StoredJob) {
        let dispatcher = Arc::clone(&self.shared.dispatcher);
        let Some(lease) = dispatcher.leases.of(job.webhook) else { return };
        let is_new = lock(&dispatcher.jobs).insert(job.id);
        if !is_new {
            return;
        }
        let (tracker, tasks) = (dispatcher.context.tracker.clone(), lease.tasks.clone());
        drop(tracker.spawn(tasks.track_future(async move {
            let id = job.id;
            let run = run_until_done(&dispatcher, job, &lease);
            let run = lease.ended().run_until_cancelled(run);
            lease.leaving().run_until_cancelled(run).await;
            lock(&dispatcher.jobs).remove(&id);
        })));
    }
}

async fn run_until_done(dispatcher: &Dispatcher, mut job: StoredJob, lease: &Lease) {
    while let Err(error) = run_job(dispatcher, &mut job, lease).await {
        warn(job.id, &error);
        tokio::time::sleep(TROUBLED_FOR).await;
    }
}

fn warn(id: JobId, error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, job.id = %id, "a job can't go on; will try again");
}

async fn run_job(
    dispatcher: &Dispatcher,
    job: &mut StoredJob,
    lease: &Lease,
) -> Result<(), StoreError> {
    if !is_running(dispatcher, job).await? {
        return Ok(());
    }
    let key = (job.organization, job.webhook);
    'pages: while job.position < job.last {
        let Some(armed) = dispatcher.find_readable(key)? else { break };
        let (events, position) = next_events(dispatcher, &armed, job).await?;
        let mut rest_of_page = events.as_slice();
        while !rest_of_page.is_empty() {
            // An edit is in force for the next events, and after a deletion there are none.
            let Some(armed) = dispatcher.find_readable(key)? else { break 'pages };
            let (events, later) = rest_of_page.split_at(chunk_size(&armed).min(rest_of_page.len()));
            rest_of_page = later;
            let results = send_together(dispatcher, &armed, events, (job.id, lease)).await;
            let results = results.into_iter().collect::<Result<Vec<bool>, _>>()?;
            let delivered = results.iter().filter(|is_delivered| **is_delivered).count() as u64;
            job.delivered += delivered;
            job.failed += results.len() as u64 - delivered;
            job.position = events.last().map_or(job.position, |event| event.sequence);
            if !advance(dispatcher, job, lease).await? {
                return Ok(());
            }
            rest(&armed, events.len()).await;
        }
        job.position = position;
        if !advance(dispatcher, job, lease).await? {
            return Ok(());
        }
    }
    let (key, now) = ((job.organization, job.id), dispatcher.context.ambient.now());
    let end = move |db: &mut Connection| webhook_job::end(db, key, "finished", now).map(|_| ());
    dispatcher.context.write_under(lease, end).await
}

/// How many events a job sends together.
fn chunk_size(armed: &Armed) -> usize {
    if armed.webhook.config.rate_per_second.is_some() {
        return 1;
    }
    armed.webhook.config.slots().min(CONCURRENCY)
}

/// Keeps to the webhook's rate.
async fn rest(armed: &Armed, sent: usize) {
    if let Some(rate) = armed.webhook.config.rate_per_second {
        let sent = u32::try_from(sent).unwrap_or(u32::MAX);
        tokio::time::sleep(std::time::Duration::from_secs(1) * sent / rate.max(1)).await;
    }
}

async fn send_together(
    dispatcher: &Dispatcher,
    armed: &Armed,
    events: &[StoredEvent],
    job: (JobId, &Lease),
) -> Vec<Result<bool, StoreError>> {
    let attempts = events.iter().map(|event| send_and_note(dispatcher, armed, event, job));
    futures_util::future::join_all(attempts).await
}

/// Stores how far a job has come; false if somebody stopped it.
async fn advance(
    dispatcher: &Dispatcher,
    job: &StoredJob,
    lease: &Lease,
) -> Result<bool, StoreError> {
    let context = &dispatcher.context;
    context.recorder.note(Note::Job(Box::new(job.clone()), lease.fence())).await;
    context.flush().await;
    is_running(dispatcher, job).await
}

async fn is_running(dispatcher: &Dispatcher, job: &StoredJob) -> Result<bool, StoreError> {
    let (organization, id) = (job.organization, job.id);
    let found = dispatcher.context.reader.read(move |db| webhook_job::find(db, organization, id));
    Ok(found.await?.is_some_and(|found| found.state == "running"))
}

/// The next events that a job sends, and the number that it is done with after them.
async fn next_events(
    dispatcher: &Dispatcher,
    armed: &Arc<Armed>,
    job: &StoredJob,
) -> Result<(Vec<StoredEvent>, u64), StoreError> {
    let (key, position, last) = ((job.organization, job.webhook), job.position, job.last);
    let (kind, armed) = (JobKind::of(job), Arc::clone(armed));
    let read = dispatcher.context.reader.read(move |db| match kind {
        JobKind::Replay => {
            let mut events = event::after(db, key.0, position, PAGE)?;
            events.retain(|event| event.sequence <= last);
            let position = events.last().map_or(last, |event| event.sequence);
            let interest = armed.interest();
            events.retain(|event| interest.matches(&Head::of(event).subject(&event.kind)));
            Ok((events, position))
        }
        JobKind::ResendFailed => {
            let failed = delivery::failed_between(db, key, (position + 1, last), PAGE)?;
            let position = failed.last().map_or(last, |delivery| delivery.sequence);
            let mut events = Vec::with_capacity(failed.len());
            for failed in failed {
                let next = event::after(db, key.0, failed.sequence - 1, 1)?;
                events.extend(next.into_iter().filter(|e| e.sequence == failed.sequence));
            }
            Ok((events, position))
        }
    });
    read.await
}

async fn send_and_note(
    dispatcher: &Dispatcher,
    armed: &Armed,
    event: &StoredEvent,
    job: (JobId, &Lease),
) -> Result<bool, StoreError> {
    let key = (armed.webhook.organization, armed.webhook.id);
    // The bound over all webhooks is never closed, so a permit always comes.
    let _permit = dispatcher.context.permits.acquire().await;
    job.1.until_may_start().await;
    // It may have been edited while this waited. One that was deleted is sent nothing.
    let Some(armed) = dispatcher.find_readable(key)? else { return Ok(false) };
    let (attempt, is_delivered) = send(&dispatcher.context, &armed, event, Some(job.0)).await;
    note_by_hand(dispatcher, key, (&attempt, job.1.fence()), is_delivered).await?;
    Ok(is_delivered)
}

/// Makes one attempt by hand.
pub(crate) async fn send_by_hand(
    context: &Context,
    armed: &Armed,
    event: &StoredEvent,
) -> (Attempt, bool) {
    let _permit = context.permits.acquire().await;
    send(context, armed, event, None).await
}

async fn send(
    context: &Context,
    armed: &Armed,
    event: &StoredEvent,
    job: Option<JobId>,
) -> (Attempt, bool) {
    let outcome = attempt(context, armed, event, 0).await;
    let Outcome { at, exchange, verdict } = outcome;
    let attempt = Attempt {
        id: context.ambient.id(at),
        sequence: event.sequence,
        number: 0,
        trigger: Trigger::Manual,
        job,
        at,
        exchange,
    };
    (attempt, verdict.fate == Fate::Delivered)
}

/// Keeps an attempt that was made by hand. One that was delivered settles a delivery that failed; says
/// whether it did.
pub(crate) async fn note_by_hand(
    dispatcher: &Dispatcher,
    key: Key,
    (attempt, fence): (&Attempt, Option<lease::Fence>),
    is_delivered: bool,
) -> Result<bool, StoreError> {
    let (context, sequence) = (&dispatcher.context, attempt.sequence);
    context.flush().await;
    let found = context.reader.read(move |db| delivery::find(db, key, sequence)).await?;
    let settled = found.filter(|found| is_delivered && found.state != DeliveryState::Delivered);
    let delivery = settled.map(|found| Delivery {
        state: DeliveryState::Delivered,
        next_at: None,
        last_at: context.ambient.now(),
        ..found
    });
    let (attempt, is_settled) = (Some(attempt.clone()), delivery.is_some());
    dispatcher.settle(key, NewOutcome { fence, delivery, attempt, ..NewOutcome::of(key) }).await;
    Ok(is_settled)
}

/// Stores a delivery that an operator settled.
pub(crate) async fn put_delivery(dispatcher: &Dispatcher, key: Key, delivery: Delivery) {
    let delivery = Some(delivery);
    dispatcher.settle(key, NewOutcome { delivery, ..NewOutcome::of(key) }).await;
}
