//! What a lane makes of an attempt that ended.

use std::sync::Arc;
use std::time::Duration;

use landfall_domain::time::Timestamp;
use landfall_domain::webhook::Disabled;
use landfall_domain::webhook::breaker::Change;
use landfall_domain::webhook::delivery::{Attempt, DeliveryState, Exchange, Trigger};
use landfall_domain::webhook::verdict::{Fate, Verdict};
use landfall_store::rows::delivery;

use super::Lane;
use super::retries::Retry;
use super::start::{Finished, Work};
use crate::dispatch::attempt::Outcome;
use crate::dispatch::record::NewOutcome;

/// A crash while a slow attempt is under way is followed by another one after its bound and this.
const SLOW_GRACE: Duration = Duration::from_secs(5);

impl Lane {
    /// Takes note of what an attempt came to.
    pub(super) async fn take_note(&mut self, finished: Finished) {
        match finished {
            Finished::NotStarted(work) => {
                self.in_flight -= 1;
                self.put_back(*work);
            }
            Finished::Slow(sequence) => self.note_slow(sequence).await,
            Finished::Ended(ended) => {
                let (work, outcome) = *ended;
                self.in_flight -= 1;
                self.note_end(work, outcome).await;
            }
        }
    }

    /// An event goes out again at the next chance, as if it had not been taken.
    fn put_back(&mut self, work: Work) {
        if work.has_row {
            let retry = Retry { attempts: work.attempts, next_at: self.now() };
            self.retries.add(work.event.sequence, retry);
        } else {
            self.returned.push_front(work);
        }
    }

    /// Gives a delivery a row while its attempt is under way.
    async fn note_slow(&mut self, sequence: u64) {
        if !self.outstanding.remove(&sequence) {
            return;
        }
        self.retries.note_busy(sequence);
        let next_at = self.now() + self.webhook().config.timeout() + SLOW_GRACE;
        let delivery = self.delivery(sequence, DeliveryState::Retrying, 0, Some(next_at));
        self.record(NewOutcome { delivery: Some(delivery), ..self.outcome() }).await;
    }

    async fn note_end(&mut self, work: Work, outcome: Outcome) {
        let now = self.now();
        let Outcome { at, exchange, verdict } = outcome;
        let is_success = verdict.fate == Fate::Delivered;
        self.context.metrics.note_end(&work.event, &exchange, is_success, now);
        // What the receiver of another revision answered says nothing of this one.
        let is_present = exchange.revision == self.webhook().revision;
        let change = if is_present {
            self.health.note(is_success, now);
            self.note_sickness(&work, &verdict, now)
        } else {
            Change::None
        };
        if self.retries.was_settled(work.event.sequence) {
            let attempt = Some(self.attempt(&work, at, exchange));
            self.outstanding.remove(&work.event.sequence);
            self.record(NewOutcome { attempt, ..self.outcome() }).await;
        } else if is_success {
            self.note_success(&work, at, exchange).await;
        } else {
            let attempt = self.attempt(&work, at, exchange);
            self.note_failure(work, attempt, &verdict, change).await;
        }
        if change == Change::Closed {
            self.hurry(now).await;
        }
        let hopeless = self.health.is_hopeless(now).then_some(Disabled::Failing);
        if let Some(reason) = verdict.disable.or(hopeless).filter(|_| is_present) {
            self.halt(reason);
        }
    }

    /// What the answer says of the receiver as a whole.
    fn note_sickness(&mut self, work: &Work, verdict: &Verdict, now: Timestamp) -> Change {
        if let Some(asked) = verdict.slow_down {
            self.pace.rest(asked, now);
        } else if !verdict.is_sick {
            self.pace.forget_rests();
        }
        let is_open = self.health.breaker.open_since().is_some();
        if is_open && verdict.is_sick && !work.is_probe {
            // It was under way when the breaker opened, and tells nothing new.
            return Change::None;
        }
        let change = self.health.breaker.note(verdict.is_sick, now);
        self.tell(change);
        change
    }

    fn tell(&self, change: Change) {
        let webhook = &self.webhook().config.name;
        match change {
            Change::Opened => {
                tracing::warn!(webhook.id = %self.key.1, webhook, "the receiver is sick; it is left alone");
            }
            Change::Closed => {
                tracing::info!(webhook.id = %self.key.1, webhook, "the receiver is well again");
            }
            Change::None | Change::ProbeFailed | Change::ProbeGivenUp => {}
        }
    }

    async fn note_success(&mut self, work: &Work, at: Timestamp, exchange: Exchange) {
        let sequence = work.event.sequence;
        let is_first = self.outstanding.remove(&sequence) && work.attempts == 0;
        let empty = self.outcome();
        let outcome = if is_first {
            NewOutcome { delivered: Some((sequence, at, exchange)), ..empty }
        } else {
            self.retries.forget(sequence);
            let attempts = work.attempts + 1;
            let delivery = self.delivery(sequence, DeliveryState::Delivered, attempts, None);
            let attempt = self.attempt(work, at, exchange);
            NewOutcome { delivery: Some(delivery), attempt: Some(attempt), ..empty }
        };
        self.record(outcome).await;
    }

    async fn note_failure(
        &mut self,
        work: Work,
        attempt: Attempt,
        verdict: &Verdict,
        change: Change,
    ) {
        let sequence = work.event.sequence;
        let outcome = NewOutcome { attempt: Some(attempt), ..self.outcome() };
        let attempts = work.attempts + 1;
        if change == Change::ProbeFailed && !work.has_row && self.outstanding.contains(&sequence) {
            self.returned.push_front(Work { attempts, ..work });
            return self.record(outcome).await;
        }
        self.outstanding.remove(&sequence);
        // A probe looks after the receiver; it does not use up the delivery's own attempts.
        let is_free = work.is_probe && verdict.is_sick;
        let attempts = if is_free { work.attempts.max(1) } else { attempts };
        let next_at = if is_free && work.has_row {
            Some(self.now())
        } else {
            self.next_attempt_at(attempts, verdict)
        };
        let state = if next_at.is_some() { DeliveryState::Retrying } else { DeliveryState::Dead };
        match next_at {
            Some(next_at) => self.retries.add(sequence, Retry { attempts, next_at }),
            None => self.retries.forget(sequence),
        }
        let delivery = Some(self.delivery(sequence, state, attempts, next_at));
        self.record(NewOutcome { delivery, ..outcome }).await;
    }

    /// When a failed delivery is tried again; `None` if it is dead.
    fn next_attempt_at(&self, attempts: u32, verdict: &Verdict) -> Option<Timestamp> {
        if verdict.fate == Fate::Dead {
            return None;
        }
        let entropy = u64::from_be_bytes(self.context.ambient.entropy()[..8].try_into().ok()?);
        let delay = self.webhook().config.retries.delay_after(attempts, entropy)?;
        Some(self.now() + delay.max(verdict.slow_down.unwrap_or_default()))
    }

    fn attempt(&self, work: &Work, at: Timestamp, exchange: Exchange) -> Attempt {
        Attempt {
            id: self.context.ambient.id(at),
            sequence: work.event.sequence,
            number: work.attempts + 1,
            trigger: if work.is_probe { Trigger::Probe } else { Trigger::Automatic },
            job: None,
            at,
            exchange,
        }
    }

    /// The receiver is well again: what was held back is due, and takes turns with what is new.
    async fn hurry(&mut self, now: Timestamp) {
        self.retries.hurry(now);
        if !self.retries.has_more() {
            return;
        }
        self.context.recorder.flush().await;
        let key = self.key;
        let hurry = move |db: &mut _| delivery::hurry(db, key, now);
        let hurried = self.context.write_under(&self.lease, hurry).await;
        if let Err(error) = hurried {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "held deliveries go out later, when they are due");
        }
    }

    /// Stops, and has the engine disable the webhook, which comes back as an order.
    fn halt(&mut self, reason: Disabled) {
        if std::mem::replace(&mut self.is_halted, true) {
            return;
        }
        let (context, key) = (Arc::clone(&self.context), self.key);
        let (tracker, lease) = (context.tracker.clone(), Arc::clone(&self.lease));
        let revision = self.webhook().revision;
        drop(tracker.spawn(async move { context.disable(key, revision, reason, &lease).await }));
    }
}
