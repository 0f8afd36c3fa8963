//! The dispatcher: every event reaches every webhook that wants it, and nobody waits for anybody.
//!
//! Each webhook has a place in its organization's log and a [`lane`] of its own that sends. Ingest
//! writes nothing per webhook: lanes that are caught up hear of new events through one shared
//! [`tail`], the others read the log. What came of deliveries is stored in bulk by [`record`],
//! together with each webhook's place, so that between "stored" and "sent" nothing can be lost.

mod armed;
mod attempt;
mod context;
mod feed;
mod gaps;
pub mod jobs;
mod lane;
mod left_out;
mod metrics;
mod record;
mod stored;
mod subject;
mod tail;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use landfall_domain::id::{JobId, OrganizationId};
use landfall_domain::webhook::delivery::{Delivery, DeliveryState, Progress};
use landfall_store::rows::{delivery, event};
use landfall_store::{StoreError, StoredEvent, Writer};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::armed::Armed;
pub(crate) use self::attempt::render;
pub(crate) use self::context::{Context, Key};
use self::feed::Feed;
pub use self::lane::Standing;
use self::lane::{Beginning, Lane, Order};
pub(crate) use self::metrics::DispatchMetrics;
use self::metrics::Now;
use self::record::{NewOutcome, Note, Recorder};
pub(crate) use self::subject::Head;
pub(crate) use self::tail::Index;
use crate::ambient::Ambient;
use crate::egress::Egress;
use crate::engine::Shared;
use crate::lock::lock;
use crate::nodes::{Lease, Leases, NodeMetrics};
use crate::tasks::Tasks;

/// A lane that does not say sooner how it is doing is busy.
const TELLING_MAX: Duration = Duration::from_secs(1);
/// Orders that may wait for one lane.
const ORDERS_MAX: usize = 16;

/// One webhook, as the dispatcher knows it.
#[derive(Clone)]
struct Entry {
    armed: Arc<Armed>,
    /// Its lane; none if another node has it.
    lane: Option<Running>,
}

/// A lane that runs, or did.
#[derive(Clone)]
struct Running {
    lease: Arc<Lease>,
    standing: Arc<Mutex<Standing>>,
    orders: mpsc::Sender<Order>,
}

impl Entry {
    /// The way to its lane, if that runs.
    fn running(&self) -> Option<&Running> {
        self.lane.as_ref().filter(|lane| !lane.orders.is_closed())
    }

    fn orders(&self) -> Option<mpsc::Sender<Order>> {
        self.running().map(|lane| lane.orders.clone())
    }
}

/// All webhooks and their lanes.
pub(crate) struct Dispatcher {
    pub(crate) context: Arc<Context>,
    entries: Mutex<HashMap<Key, Entry>>,
    /// Those that are stored and can't be read here, with the lane that they had when they still could.
    left_out: Mutex<HashMap<Key, Option<mpsc::Sender<Order>>>>,
    /// Which webhooks this node sends for.
    leases: Arc<Leases>,
    /// Held while a lane is started, so that no webhook gets two.
    starting: tokio::sync::Mutex<()>,
    /// The resends and replays that run here.
    jobs: Mutex<HashSet<JobId>>,
    /// Ends the lanes.
    stop: CancellationToken,
    recording: Mutex<Option<Recording>>,
}

type Recording = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

impl Dispatcher {
    /// A dispatcher without webhooks, which hears of what is committed; it sends nothing until it is
    /// run.
    pub(crate) fn new(
        engine: Weak<Shared>,
        (writer, reader): (Writer, landfall_store::ReadPool),
        (ambient, egress): (Ambient, Egress),
        (metrics, nodes): (DispatchMetrics, &NodeMetrics),
        (leases, stop): (Arc<Leases>, CancellationToken),
    ) -> Self {
        let fenced = nodes.fenced.clone();
        let (recorder, recording) = Recorder::new(writer.clone(), ambient.clone(), fenced);
        let context = Arc::new(Context {
            reader,
            egress,
            ambient,
            recorder,
            tail: tail::Tail::default(),
            permits: Arc::new(Semaphore::new(context::ATTEMPTS_MAX)),
            tracker: TaskTracker::new(),
            metrics,
            engine,
        });
        listen(&context, &writer);
        Self {
            context,
            entries: Mutex::default(),
            left_out: Mutex::default(),
            leases,
            starting: tokio::sync::Mutex::default(),
            jobs: Mutex::default(),
            stop,
            recording: Mutex::new(Some(Box::pin(recording))),
        }
    }

    /// Runs the lanes and the recorder, and hears of what other nodes commit, until the tasks are told
    /// to stop. Gives what ends once everything that came of that is stored.
    pub(crate) fn run(self: &Arc<Self>, tasks: &Tasks) -> CancellationToken {
        let recorded = CancellationToken::new();
        let Some(recording) = lock(&self.recording).take() else { return recorded };
        let (dispatcher, stopping) = (Arc::clone(self), tasks.stopping());
        let (until_recorded, is_recorded) = (recorded.clone(), recorded.clone());
        tasks.spawn(async move {
            until_recorded.run_until_cancelled(recording).await;
        });
        tasks.spawn(async move {
            stopping.run_until_cancelled(gaps::mind(&dispatcher.context)).await;
            dispatcher.stop.cancel();
            dispatcher.context.tracker.close();
            dispatcher.context.tracker.wait().await;
            dispatcher.context.recorder.flush().await;
            is_recorded.cancel();
        });
        recorded
    }

    /// Lets a webhook be known; false if it is.
    pub(crate) fn define(&self, armed: &Arc<Armed>) -> bool {
        let key = (armed.webhook.organization, armed.webhook.id);
        let mut entries = lock(&self.entries);
        let is_new = !entries.contains_key(&key);
        if is_new {
            entries.insert(key, Entry { armed: Arc::clone(armed), lane: None });
            lock(&self.left_out).remove(&key);
        }
        is_new
    }

    /// The lease under which a webhook's lane should run, if this node sends for it and it has none.
    pub(crate) fn missing_lane(&self, key: Key) -> Option<Arc<Lease>> {
        let lease = self.leases.of(key.1)?;
        let is_missing = !lease.leaving().is_cancelled() && !self.has_lane(key, &lease);
        is_missing.then_some(lease)
    }

    /// Starts the lane of a webhook that is known, unless it has one, from what was read of it under a
    /// lease; under another one it would begin where somebody else is no more.
    pub(crate) async fn start(
        &self,
        key: Key,
        lease: &Arc<Lease>,
        progress: Progress,
    ) -> Result<(), StoreError> {
        let _turn = self.starting.lock().await;
        if !self.missing_lane(key).is_some_and(|missing| Arc::ptr_eq(&missing, lease)) {
            return Ok(());
        }
        self.leases.until_ended(key.1).await;
        let index = self.context.index(key.0).await?;
        let unsettled = self.read_events(key.0, &progress.outstanding).await?;
        let feed = Feed::new(key, index, progress.seen);
        let (tell, orders) = mpsc::channel(ORDERS_MAX);
        let standing = Arc::new(Mutex::new(Standing {
            seen: progress.seen,
            health: progress.health.clone(),
            ..Standing::default()
        }));
        let running =
            Running { lease: Arc::clone(lease), standing: Arc::clone(&standing), orders: tell };
        // From here on it hears of edits; those of before are in what is known of it now.
        let mut entries = lock(&self.entries);
        let Some(entry) = entries.get_mut(&key) else { return Ok(()) };
        entry.lane = Some(running);
        let armed = Arc::clone(&entry.armed);
        let tasks = lease.tasks.clone();
        let lease = Arc::clone(lease);
        let beginning = Beginning { armed, lease, feed, progress, unsettled, standing, orders };
        let lane = Lane::new(Arc::clone(&self.context), key, beginning);
        drop(self.context.tracker.spawn(tasks.track_future(lane.run())));
        drop(entries);
        Ok(())
    }

    fn has_lane(&self, key: Key, lease: &Arc<Lease>) -> bool {
        let entries = lock(&self.entries);
        let lane = entries.get(&key).and_then(|entry| entry.lane.as_ref());
        lane.is_some_and(|lane| Arc::ptr_eq(&lane.lease, lease))
    }

    /// Whether the lane of a webhook runs here.
    pub(crate) fn runs(&self, key: Key) -> bool {
        lock(&self.entries).get(&key).is_some_and(|entry| entry.running().is_some())
    }

    async fn read_events(
        &self,
        organization: OrganizationId,
        sequences: &[u64],
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let wanted = sequences.to_vec();
        let read = self.context.reader.read(move |db| {
            let mut found = Vec::with_capacity(wanted.len());
            for sequence in wanted {
                let next = event::after(db, organization, sequence.saturating_sub(1), 1)?;
                found.extend(next.into_iter().filter(|event| event.sequence == sequence));
            }
            Ok(found)
        });
        read.await
    }

    /// Puts a later revision in force. When this returns, no attempt starts here with an older one.
    pub(crate) async fn replace(&self, armed: Arc<Armed>) {
        let key = (armed.webhook.organization, armed.webhook.id);
        let orders = {
            let mut entries = lock(&self.entries);
            let Some(entry) = entries.get_mut(&key) else { return };
            if armed.webhook.revision <= entry.armed.webhook.revision {
                return;
            }
            entry.armed.replace();
            entry.armed = Arc::clone(&armed);
            entry.orders()
        };
        let Some(orders) = orders else { return };
        let (taken, is_taken) = oneshot::channel();
        // An error means that the lane ended, so that nothing starts at all.
        if orders.send(Order::Replace(armed, taken)).await.is_ok() {
            let _ = is_taken.await;
        }
    }

    /// Ends a webhook's lane. When this returns, no attempt of it starts any more.
    pub(crate) async fn remove(&self, key: Key) {
        let left = lock(&self.left_out).remove(&key).flatten();
        let removed = lock(&self.entries).remove(&key);
        if let Some(entry) = &removed {
            entry.armed.replace();
        }
        let Some(orders) = removed.and_then(|entry| entry.orders()).or(left) else { return };
        // An error means that the lane ended already.
        drop(orders.send(Order::Remove).await);
        orders.closed().await;
    }

    /// Stores a delivery that was settled by hand, so that its lane does not try it again.
    async fn settle(&self, key: Key, outcome: NewOutcome) {
        let sequence = outcome.delivery.as_ref().map(|delivery| delivery.sequence);
        let orders = lock(&self.entries).get(&key).and_then(Entry::orders);
        let lane = orders.zip(sequence);
        if let Some((orders, sequence)) = &lane {
            // An error means that the lane ended; the row says it.
            drop(orders.send(Order::Settle(*sequence)).await);
        }
        self.context.recorder.note(Note::Outcome(Box::new(outcome))).await;
        self.context.flush().await;
        if let Some((orders, sequence)) = lane {
            drop(orders.send(Order::Settled(sequence)).await);
        }
    }

    /// Settles a delivery as somebody asked of another node, which stored it so already; but an attempt
    /// that was under way here may have come after that.
    pub(crate) async fn settle_as(
        &self,
        key: Key,
        sequence: u64,
        state: DeliveryState,
    ) -> Result<(), StoreError> {
        let Some(orders) = lock(&self.entries).get(&key).and_then(Entry::orders) else {
            return Ok(());
        };
        // An error means that the lane ended; who has the webhook next reads the row.
        drop(orders.send(Order::Settle(sequence)).await);
        self.context.flush().await;
        let read = self.context.reader.read(move |db| delivery::find(db, key, sequence));
        let found = read.await?.filter(|found| found.state == DeliveryState::Retrying);
        if let Some(found) = found {
            let settled =
                Delivery { state, next_at: None, last_at: self.context.ambient.now(), ..found };
            let fence = self.leases.of(key.1).and_then(|lease| lease.fence());
            let outcome = NewOutcome { delivery: Some(settled), fence, ..NewOutcome::of(key) };
            self.context.recorder.note(Note::Outcome(Box::new(outcome))).await;
            self.context.flush().await;
        }
        drop(orders.send(Order::Settled(sequence)).await);
        Ok(())
    }

    /// Has every lane look at the clock, which somebody moved.
    pub(crate) async fn nudge(&self) {
        let orders: Vec<_> = lock(&self.entries).values().filter_map(Entry::orders).collect();
        for lane in orders {
            // An error means that the lane ended.
            drop(lane.send(Order::Nudge).await);
        }
    }

    /// A webhook as it is now.
    pub(crate) fn find(&self, key: Key) -> Option<Arc<Armed>> {
        lock(&self.entries).get(&key).map(|entry| Arc::clone(&entry.armed))
    }

    /// Every webhook that is known, also those that can't be read.
    pub(crate) fn keys(&self) -> Vec<Key> {
        let known: Vec<Key> = lock(&self.entries).keys().copied().collect();
        known.into_iter().chain(lock(&self.left_out).keys().copied()).collect()
    }

    /// How a webhook is doing: as its lane says, or, if that is long in coming, as it was lately; and
    /// as it stored, if the lane is another node's.
    pub(crate) async fn standing(&self, key: Key) -> Option<Standing> {
        let entry = lock(&self.entries).get(&key).cloned()?;
        let Some(lane) = entry.running() else {
            return self.stored_standing(key, entry.armed).await;
        };
        let told = async {
            let (asked, answer) = oneshot::channel();
            lane.orders.send(Order::Tell(asked)).await.ok()?;
            answer.await.ok()
        };
        let told = tokio::time::timeout(TELLING_MAX, told).await.ok().flatten();
        Some(told.unwrap_or_else(|| lock(&lane.standing).clone()))
    }

    async fn stored_standing(&self, key: Key, armed: Arc<Armed>) -> Option<Standing> {
        let read = self.context.reader.read(move |db| stored::standing(db, (key, &armed)));
        read.await.ok()
    }

    /// The webhooks of an organization, oldest first.
    pub(crate) fn list(&self, organization: OrganizationId) -> Vec<Arc<Armed>> {
        let entries = lock(&self.entries);
        let own = entries.iter().filter(|((owner, _), _)| *owner == organization);
        let mut found: Vec<_> = own.map(|(_, entry)| Arc::clone(&entry.armed)).collect();
        found.sort_by_key(|armed| armed.webhook.id);
        found
    }

    /// Brings the metrics of what is now up to date.
    pub(crate) fn show_metrics(&self) {
        let entries: Vec<Entry> = lock(&self.entries).values().cloned().collect();
        let mut now = Now::default();
        // Of a webhook tells the node that sends for it.
        for (entry, lane) in entries.iter().filter_map(|entry| Some((entry, entry.running()?))) {
            let standing = lock(&lane.standing).clone();
            let key = (entry.armed.webhook.organization, entry.armed.webhook.id);
            let head = self.context.tail.find(key.0).map_or(0, |index| index.position());
            now.add(entry.armed.webhook.state.as_str(), &standing, head);
        }
        let left_out = lock(&self.left_out);
        now.add_left_out(left_out.keys().filter(|key| self.leases.of(key.1).is_some()).count());
        drop(left_out);
        self.context.metrics.show(&now);
    }
}

/// Has what is committed handed out, by the thread that made it durable.
fn listen(context: &Arc<Context>, writer: &Writer) {
    let context = Arc::downgrade(context);
    let is_first = writer.listen(Box::new(move |group| {
        if let Some(context) = context.upgrade() {
            context.tail.hear(group);
        }
    }));
    debug_assert!(is_first, "a store has one dispatcher");
}
