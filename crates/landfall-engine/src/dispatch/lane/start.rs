//! What a lane starts next, and the attempt itself.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use landfall_domain::command::WebhookNotice;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Delivery, DeliveryState};
use landfall_store::StoreError;
use landfall_store::rows::{delivery, event};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::retries::{HELD_MAX, Retry};
use super::{Lane, STARVED_FOR, TROUBLED_FOR};
use crate::dispatch::armed::Armed;
use crate::dispatch::attempt::{Outcome, attempt};
use crate::dispatch::context::Context;
use crate::dispatch::record::{NewOutcome, Note};
use crate::events::StoredEvent;
use crate::nodes::Lease;

/// A first attempt that takes longer gets a row, so that the place in the log can pass it.
const SLOW_AFTER: Duration = Duration::from_secs(1);

/// An event that is owed.
#[derive(Clone)]
pub(super) struct Work {
    pub event: StoredEvent,
    /// Attempts made before.
    pub attempts: u32,
    /// It has a row of its own.
    pub has_row: bool,
    /// It goes out to see whether the receiver is well again.
    pub is_probe: bool,
}

impl Work {
    /// A new event.
    pub(super) fn new(event: StoredEvent) -> Self {
        Self { event, attempts: 0, has_row: false, is_probe: false }
    }
}

/// What a lane hears of an attempt.
pub(super) enum Finished {
    /// Another revision was in force before it began, or the lease was not.
    NotStarted(Box<Work>),
    /// Its first attempt takes long.
    Slow(u64),
    /// It ended.
    Ended(Box<(Work, Outcome)>),
}

impl Lane {
    /// Starts all attempts that may start now.
    pub(super) async fn start_all(&mut self) {
        while self.may_start(self.now()) {
            let Ok(permit) = Arc::clone(&self.context.permits).try_acquire_owned() else {
                self.trouble = Some(STARVED_FOR);
                return;
            };
            match self.next_work().await {
                Ok(Some(work)) => self.start(work, permit),
                Ok(None) => return,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "a webhook's events can't be read; will try again");
                    self.trouble = Some(TROUBLED_FOR);
                    return;
                }
            }
        }
    }

    fn may_start(&self, now: Timestamp) -> bool {
        let is_open = self.health.breaker.next_probe_at();
        self.webhook().state.is_enabled()
            && !self.is_halted
            && self.lease.may_start()
            && self.in_flight < self.slots()
            && (self.in_flight == 0 || self.context.has_room())
            && self.pace.wait_until(now).is_none()
            && is_open.is_none_or(|probe_at| probe_at <= now)
    }

    /// What is owed first: what did not start, what is due again, what is new.
    async fn next_work(&mut self) -> Result<Option<Work>, StoreError> {
        if self.retries.wants_rows() {
            self.load_retries().await?;
        }
        let is_probe = self.health.breaker.next_probe_at().is_some();
        if let Some(work) = self.returned.pop_front() {
            return Ok(Some(Work { is_probe, ..work }));
        }
        if is_probe {
            return self.next_probe().await;
        }
        self.next_in_turn().await
    }

    /// A due retry and a new event take turns: retries that fail again and again must neither hold
    /// back what is new nor, ten in a row, open the breaker that a good answer has just closed.
    async fn next_in_turn(&mut self) -> Result<Option<Work>, StoreError> {
        if std::mem::take(&mut self.is_turn_of_new)
            && let Some(work) = self.next_event().await?
        {
            return Ok(Some(work));
        }
        while let Some((sequence, retry)) = self.retries.take_due(self.now()) {
            if let Some(work) = self.retry(sequence, retry).await? {
                self.is_turn_of_new = true;
                return Ok(Some(work));
            }
        }
        self.next_event().await
    }

    /// What probes: a new event, since those that failed may be of a kind that this receiver never
    /// takes; and where there is none, the delivery that was tried least lately.
    async fn next_probe(&mut self) -> Result<Option<Work>, StoreError> {
        let mut work = self.next_event().await?;
        while work.is_none()
            && let Some((sequence, retry)) = self.retries.take_soonest()
        {
            work = self.retry(sequence, retry).await?;
        }
        Ok(work.map(|work| Work { is_probe: true, ..work }))
    }

    async fn next_event(&mut self) -> Result<Option<Work>, StoreError> {
        let must_wait = self.webhook().config.ordered && !self.retries.is_empty();
        if must_wait {
            return Ok(None);
        }
        let (context, armed) = (Arc::clone(&self.context), Arc::clone(&self.armed));
        let next = self.feed.next(&context, armed.interest()).await?;
        if let Some((first, last)) = self.feed.take_forgotten() {
            self.note_forgotten(first, last);
        }
        Ok(next.map(|event| {
            self.outstanding.insert(event.sequence);
            Work::new(event)
        }))
    }

    fn note_forgotten(&mut self, first: u64, last: u64) {
        self.health.note_missed(first, last);
        let (context, key, lease) = (Arc::clone(&self.context), self.key, Arc::clone(&self.lease));
        let tracker = context.tracker.clone();
        let notice = WebhookNotice::Skipped(first, last);
        drop(tracker.spawn(async move { context.tell(key, notice, &lease).await }));
    }

    /// Reads the rows that are due first, after what was noted of them is stored.
    async fn load_retries(&mut self) -> Result<(), StoreError> {
        self.context.recorder.flush().await;
        let key = self.key;
        let limit = i64::try_from(HELD_MAX).unwrap_or(i64::MAX);
        let rows = self.context.reader.read(move |db| delivery::due(db, key, limit)).await?;
        let is_all = rows.len() < HELD_MAX;
        let retries = rows.iter().filter_map(|row| {
            Some((row.sequence, Retry { attempts: row.attempts, next_at: row.next_at? }))
        });
        self.retries.load(&retries.collect::<Vec<_>>(), is_all);
        Ok(())
    }

    /// A delivery that is tried again; dead if its event was forgotten.
    async fn retry(&mut self, sequence: u64, retry: Retry) -> Result<Option<Work>, StoreError> {
        let organization = self.key.0;
        let read = move |db: &mut landfall_store::Connection| {
            event::after(db, organization, sequence - 1, 1)
        };
        let found = match self.context.reader.read(read).await {
            Ok(events) => events.into_iter().find(|event| event.sequence == sequence),
            Err(error) => {
                self.retries.add(sequence, retry);
                return Err(error);
            }
        };
        if let Some(event) = found {
            let Retry { attempts, next_at: _ } = retry;
            return Ok(Some(Work { event, attempts, has_row: true, is_probe: false }));
        }
        self.retries.forget(sequence);
        let delivery = self.delivery(sequence, DeliveryState::Dead, retry.attempts, None);
        self.record(NewOutcome { delivery: Some(delivery), ..self.outcome() }).await;
        Ok(None)
    }

    /// A row for a delivery that changes now.
    pub(super) fn delivery(
        &self,
        sequence: u64,
        state: DeliveryState,
        attempts: u32,
        next_at: Option<Timestamp>,
    ) -> Delivery {
        Delivery { sequence, state, attempts, next_at, last_at: self.now() }
    }

    /// Records an outcome with the place in the log that it leaves.
    pub(super) async fn record(&mut self, outcome: NewOutcome) {
        let outcome = NewOutcome { progress: Some(self.progress()), ..outcome };
        self.context.recorder.note(Note::Outcome(Box::new(outcome))).await;
    }

    fn start(&mut self, work: Work, permit: OwnedSemaphorePermit) {
        self.in_flight += 1;
        let now = self.now();
        self.pace.note_start(self.armed.webhook.config.rate_per_second, now);
        let (context, armed) = (Arc::clone(&self.context), Arc::clone(&self.armed));
        let (lease, done) = (Arc::clone(&self.lease), self.done.clone());
        let tracker = context.tracker.clone();
        drop(tracker.spawn(async move {
            let making = make(&context, (&armed, &lease), work.clone(), &done);
            let made = AssertUnwindSafe(making).catch_unwind().await;
            let finished = made.unwrap_or_else(|_| {
                let outcome = Outcome::defect(&armed, context.ambient.now());
                Finished::Ended(Box::new((work, outcome)))
            });
            drop(permit);
            // An error means that the lane ended; the event is outstanding, and is sent again.
            drop(done.send(finished).await);
        }));
    }
}

async fn make(
    context: &Context,
    (armed, lease): (&Armed, &Lease),
    work: Work,
    done: &mpsc::Sender<Finished>,
) -> Finished {
    if armed.is_replaced() || !lease.may_start() {
        return Finished::NotStarted(Box::new(work));
    }
    context.metrics.note_start(&work.event, work.attempts, context.ambient.now());
    let event = work.event.clone();
    let attempt = attempt(context, armed, &event, work.attempts + 1);
    let mut attempt = std::pin::pin!(attempt);
    if work.has_row {
        let outcome = attempt.await;
        return Finished::Ended(Box::new((work, outcome)));
    }
    let outcome = if let Ok(outcome) = tokio::time::timeout(SLOW_AFTER, &mut attempt).await {
        outcome
    } else {
        // An error means that the lane ended.
        drop(done.send(Finished::Slow(work.event.sequence)).await);
        attempt.await
    };
    Finished::Ended(Box::new((work, outcome)))
}
