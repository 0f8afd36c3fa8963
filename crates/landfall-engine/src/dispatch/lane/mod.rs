//! One webhook's lane: it alone decides when the next attempt starts, and keeps what came of each.
//!
//! A lane is one task. It takes new events from its feed and due retries from its rows, starts as
//! many attempts as its webhook may have under way, and moves its place in the log. Since nobody
//! else starts attempts, an edit that it has answered is in force.

mod judge;
mod pace;
mod retries;
mod start;

use std::collections::{BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Health, Progress};
use landfall_domain::webhook::{Config, State, Webhook};
use tokio::sync::{mpsc, oneshot};

use self::pace::Pace;
use self::retries::Retries;
use self::start::{Finished, Work};
use super::armed::Armed;
use super::context::{Context, Key};
use super::feed::Feed;
use super::record::{NewOutcome, Note};
use crate::events::StoredEvent;
use crate::lock::lock;
use crate::nodes::{HELD_UP_FOR, Lease};

/// A lane with nothing to do looks around so often, and stores its place in the log if it moved.
const LOOK_EVERY: Duration = Duration::from_mins(5);
/// A lane that is out of luck with the bound over all webhooks tries again so soon.
const STARVED_FOR: Duration = Duration::from_millis(20);
/// A lane whose reading failed tries again so soon.
const TROUBLED_FOR: Duration = Duration::from_millis(500);
/// A stopping lane waits so long for what is under way: longer than an attempt may take.
const DRAIN_MAX: Duration = Duration::from_secs(31);
/// A lane that moves on without sending stores its place so often.
const STORE_EVERY: Duration = Duration::from_secs(5);
/// However soon something is due, a lane that could not start it looks again after this.
const WAIT_MIN: Duration = Duration::from_millis(5);

/// What may be heard of the attempts that are under way: each is heard of twice at most.
const FINISHED_MAX: usize = 2 * Config::CONCURRENCY_MAX as usize;

/// What a lane is told.
pub(super) enum Order {
    /// Go on with another revision; answered when no attempt starts with the old one any more.
    Replace(Arc<Armed>, oneshot::Sender<()>),
    /// A delivery is being settled by hand.
    Settle(u64),
    /// Its row says so now.
    Settled(u64),
    /// Look at the clock: tests move it.
    Nudge,
    /// Say how the webhook is doing.
    Tell(oneshot::Sender<Standing>),
    /// End, and leave nothing behind.
    Remove,
    /// End once what is under way has, and leave everything as it is then.
    Leave,
}

/// How a webhook is doing right now.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The last event that was looked at.
    pub seen: u64,
    /// It had taken everything that there was for it, so `seen` moves on with the log by itself.
    pub is_caught_up: bool,
    /// Attempts that are under way.
    pub in_flight: usize,
    /// Deliveries known to wait for another attempt.
    pub retrying: usize,
    /// How it has been going.
    pub health: Health,
    /// No attempt starts before then, as its receiver asked.
    pub resting_until: Option<Timestamp>,
}

/// One webhook's lane.
pub(super) struct Lane {
    context: Arc<Context>,
    key: Key,
    armed: Arc<Armed>,
    lease: Arc<Lease>,
    feed: Feed,
    retries: Retries,
    pace: Pace,
    health: Health,
    /// New events that were taken and are not settled.
    outstanding: BTreeSet<u64>,
    /// New events that were taken, and whose attempt did not start.
    returned: VecDeque<Work>,
    in_flight: usize,
    /// A retry was started last.
    is_turn_of_new: bool,
    /// It will be disabled; nothing starts until then.
    is_halted: bool,
    recorded_seen: u64,
    recorded_at: Instant,
    trouble: Option<Duration>,
    standing: Arc<Mutex<Standing>>,
    orders: mpsc::Receiver<Order>,
    done: mpsc::Sender<Finished>,
    finished: mpsc::Receiver<Finished>,
}

/// What a lane begins with.
pub(super) struct Beginning {
    pub armed: Arc<Armed>,
    pub lease: Arc<Lease>,
    pub feed: Feed,
    pub progress: Progress,
    /// Events whose attempts were under way when the server ended.
    pub unsettled: Vec<StoredEvent>,
    pub standing: Arc<Mutex<Standing>>,
    pub orders: mpsc::Receiver<Order>,
}

impl Lane {
    /// A lane that goes on where it ended.
    pub(super) fn new(context: Arc<Context>, key: Key, beginning: Beginning) -> Self {
        let Beginning { armed, lease, feed, progress, unsettled, standing, orders } = beginning;
        let (done, finished) = mpsc::channel(FINISHED_MAX);
        Self {
            context,
            key,
            armed,
            lease,
            feed,
            retries: Retries::unread(),
            pace: Pace::default(),
            health: progress.health,
            outstanding: unsettled.iter().map(|event| event.sequence).collect(),
            returned: unsettled.into_iter().map(Work::new).collect(),
            in_flight: 0,
            is_turn_of_new: false,
            is_halted: false,
            recorded_seen: progress.seen,
            recorded_at: Instant::now(),
            trouble: None,
            standing,
            orders,
            done,
            finished,
        }
    }

    fn webhook(&self) -> &Webhook {
        &self.armed.webhook
    }

    fn now(&self) -> Timestamp {
        self.context.ambient.now()
    }

    /// Works until it is told to end, or its webhook is another node's.
    pub(super) async fn run(mut self) {
        let lease = Arc::clone(&self.lease);
        if lease.is_for_ever() {
            return self.work().await;
        }
        // What is under way then is not heard of, and nothing of it is stored.
        lease.ended().run_until_cancelled(self.work()).await;
    }

    async fn work(&mut self) {
        let lease = Arc::clone(&self.lease);
        loop {
            self.start_all().await;
            self.show();
            let wait = self.wait();
            tokio::select! {
                biased;
                () = lease.leaving().cancelled() => break self.drain().await,
                order = self.orders.recv() => {
                    if matches!(order, Some(Order::Leave)) {
                        break self.drain().await;
                    }
                    if self.obey(order).await.is_break() {
                        break;
                    }
                }
                Some(finished) = self.finished.recv() => self.take_note(finished).await,
                () = self.feed.arrived(), if self.in_flight < self.slots() => {}
                () = tokio::time::sleep(wait) => self.store_place_if_moved().await,
            }
        }
    }

    /// Does what it is told; breaks off when the webhook is gone.
    async fn obey(&mut self, order: Option<Order>) -> ControlFlow<()> {
        match order {
            Some(Order::Replace(armed, taken)) => self.replace(armed, taken).await,
            Some(Order::Settle(sequence)) => self.retries.settle(sequence),
            Some(Order::Settled(sequence)) => self.retries.settled(sequence),
            // It is about to end already.
            Some(Order::Nudge | Order::Leave) => {}
            // An error means that nobody waits any more.
            Some(Order::Tell(asked)) => drop(asked.send(self.stand())),
            Some(Order::Remove) | None => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    /// Lets what is under way end, and stores how far it has come. Whoever edits meanwhile is not kept
    /// waiting, and what is settled by hand stays so.
    async fn drain(&mut self) {
        let until = Instant::now() + DRAIN_MAX;
        // What does not end in time is outstanding, and is sent again after the next start.
        while self.in_flight > 0 {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(until.into()) => break,
                order = self.orders.recv() => {
                    if self.obey(order).await.is_break() {
                        return;
                    }
                }
                Some(finished) = self.finished.recv() => self.take_note(finished).await,
            }
        }
        self.store_place().await;
    }

    /// How many attempts may be under way.
    fn slots(&self) -> usize {
        self.health.breaker.slots(self.webhook().config.slots())
    }

    /// How long there is nothing to do, unless something happens.
    fn wait(&mut self) -> Duration {
        if let Some(trouble) = self.trouble.take() {
            return trouble;
        }
        if !self.webhook().state.is_enabled() || self.is_halted {
            return LOOK_EVERY;
        }
        let now = self.now();
        if self.in_flight >= self.slots() {
            return LOOK_EVERY;
        }
        if !self.lease.may_start() {
            return HELD_UP_FOR;
        }
        if self.feed.is_reading() {
            return Duration::ZERO;
        }
        if self.in_flight > 0 && !self.context.has_room() {
            return STARVED_FOR;
        }
        let probe_at = self.health.breaker.next_probe_at();
        let wake = match (self.pace.wait_until(now), probe_at) {
            (Some(pause), _) => Some(pause).max(probe_at),
            // A probe that is due and did not start has nothing to probe with: an event wakes it.
            (None, Some(probe_at)) => Some(probe_at).filter(|at| now < *at),
            (None, None) => self.retries.next_at(),
        };
        wake.map_or(LOOK_EVERY, |at| at.since(now).clamp(WAIT_MIN, LOOK_EVERY))
    }

    /// Takes another revision. When this is answered, no attempt starts with the old one.
    async fn replace(&mut self, armed: Arc<Armed>, taken: oneshot::Sender<()>) {
        let before = std::mem::replace(&mut self.armed, armed);
        before.replace();
        let (old, new) = (&before.webhook, &self.armed.webhook);
        let is_new_filter = old.config.interest() != new.config.interest();
        let is_new_receiver =
            old.private.url != new.private.url || old.private.secret != new.private.secret;
        let was_disabled = matches!(old.state, State::Disabled { .. });
        let is_disabled = matches!(new.state, State::Disabled { .. });
        self.is_halted = false;
        let goes_on = !old.state.is_enabled() && new.state.is_enabled();
        if is_new_receiver || goes_on {
            self.start_afresh();
        }
        if was_disabled && !is_disabled {
            self.skip_to_head().await;
        } else if is_disabled || is_new_filter {
            let seen = self.feed.seen();
            self.feed.restart(seen);
        }
        self.store_place().await;
        // An error means that the caller went away.
        let _ = taken.send(());
    }

    /// Somebody repaired the receiver, or says so.
    fn start_afresh(&mut self) {
        self.pace.reset();
        self.health.breaker.reset();
        self.health.failing_since = None;
        self.health.attempts_failed = 0;
    }

    /// Goes on at the head of the log, and notes what it missed.
    async fn skip_to_head(&mut self) {
        let seen = self.feed.seen();
        match self.context.head(self.key.0).await {
            Ok(head) if head > seen => {
                self.health.note_missed(seen + 1, head);
                self.feed.restart(head);
            }
            Ok(_) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "can't read the head of the log; nothing is skipped");
            }
        }
    }

    /// What becomes of an attempt, stored as long as the lease holds.
    fn outcome(&self) -> NewOutcome {
        NewOutcome { fence: self.lease.fence(), ..NewOutcome::of(self.key) }
    }

    /// How far it has come.
    fn progress(&mut self) -> Progress {
        let seen = self.feed.seen();
        (self.recorded_seen, self.recorded_at) = (seen, Instant::now());
        let outstanding = self.outstanding.iter().copied().collect();
        Progress { seen, outstanding, health: self.health.clone() }
    }

    /// Stores its place in the log now and then, if it moved without sending.
    async fn store_place_if_moved(&mut self) {
        if self.feed.seen() != self.recorded_seen && self.recorded_at.elapsed() >= STORE_EVERY {
            self.store_place().await;
        }
    }

    /// Stores its place in the log.
    async fn store_place(&mut self) {
        let progress = Some(self.progress());
        let outcome = NewOutcome { progress, ..self.outcome() };
        self.context.recorder.note(Note::Outcome(Box::new(outcome))).await;
    }

    /// How it is doing.
    fn stand(&mut self) -> Standing {
        Standing {
            seen: self.feed.seen(),
            is_caught_up: self.feed.is_caught_up(),
            in_flight: self.in_flight,
            retrying: self.retries.len(),
            health: self.health.clone(),
            resting_until: self.pace.wait_until(self.now()),
        }
    }

    /// Lets others see how it is doing.
    fn show(&mut self) {
        let standing = self.stand();
        *lock(&self.standing) = standing;
    }
}
