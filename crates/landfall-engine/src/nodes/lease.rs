//! The right to send for some webhooks, as this node's own clock knows it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use landfall_domain::id::WebhookId;
use landfall_store::rows::lease::Fence;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lock;

/// Into so many slots webhooks are divided; more nodes than this can't share them.
pub(super) const SLOTS: u8 = 64;

/// Who waits for a lease to be confirmed looks again so soon.
pub(crate) const HELD_UP_FOR: Duration = Duration::from_millis(100);

/// The slot of a webhook. Every version of Landfall must say the same. The end of an id is random.
pub(super) fn slot_of(webhook: WebhookId) -> u8 {
    let [.., last] = webhook.uuid().into_bytes();
    last % SLOTS
}

/// Until when a node may start attempts, by its own clock, which no setting of the time moves.
pub(super) struct Validity {
    base: Instant,
    /// In microseconds after `base`, both.
    leases_until: AtomicU64,
    reading_until: AtomicU64,
}

impl Validity {
    fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self { base: Instant::now(), leases_until: zero(), reading_until: zero() }
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.base).as_micros()).unwrap_or(u64::MAX)
    }

    fn are_leases_valid(&self) -> bool {
        self.micros(Instant::now()) < self.leases_until.load(Ordering::SeqCst)
    }

    fn is_reading_fresh(&self) -> bool {
        self.micros(Instant::now()) < self.reading_until.load(Ordering::SeqCst)
    }
}

/// The right to send for the webhooks of a slot, or of all.
pub(crate) struct Lease {
    grant: Option<Grant>,
    leaving: CancellationToken,
    ended: CancellationToken,
    /// What works under it.
    pub(crate) tasks: TaskTracker,
}

struct Grant {
    fence: Fence,
    validity: Arc<Validity>,
}

impl Lease {
    fn new(grant: Option<Grant>, leaving: CancellationToken) -> Self {
        let ended = CancellationToken::new();
        Self { grant, leaving, ended, tasks: TaskTracker::new() }
    }

    /// Whether nobody else can ever have it.
    pub(crate) const fn is_for_ever(&self) -> bool {
        self.grant.is_none()
    }

    /// Whether an attempt may start at this moment.
    pub(crate) fn may_start(&self) -> bool {
        let is_fresh = |grant: &Grant| grant.validity.is_reading_fresh();
        self.is_valid() && self.grant.as_ref().is_none_or(is_fresh)
    }

    /// Waits until an attempt may start; for ever, if it never may.
    pub(crate) async fn until_may_start(&self) {
        while !self.may_start() {
            tokio::time::sleep(HELD_UP_FOR).await;
        }
    }

    /// Whether it is this node's at this moment. One that is not may yet turn out to be: the database
    /// could not be asked in time.
    pub(crate) fn is_valid(&self) -> bool {
        let Some(Grant { validity, .. }) = &self.grant else { return true };
        !self.ended.is_cancelled() && validity.are_leases_valid()
    }

    /// What must still hold when something is stored under it; none where nobody else stores anything.
    pub(crate) fn fence(&self) -> Option<Fence> {
        self.grant.as_ref().map(|grant| grant.fence)
    }

    /// Ends when nothing new should begin under it.
    pub(crate) const fn leaving(&self) -> &CancellationToken {
        &self.leaving
    }

    /// Ends when it is another node's, or may be.
    pub(crate) const fn ended(&self) -> &CancellationToken {
        &self.ended
    }
}

/// The leases that this node has.
pub(crate) struct Leases {
    /// For every webhook for ever, where one process owns the data.
    of_all: Option<Arc<Lease>>,
    held: Mutex<BTreeMap<u8, Arc<Lease>>>,
    /// What still works under leases that ended, by their slots.
    ending: Mutex<Vec<(u8, TaskTracker)>>,
    validity: Arc<Validity>,
    stop: CancellationToken,
}

impl Leases {
    /// Those of the only node there can be: everything, until it stops.
    pub(crate) fn of_all(stop: CancellationToken) -> Self {
        let of_all = Some(Arc::new(Lease::new(None, stop.clone())));
        Self { of_all, ..Self::shared(stop) }
    }

    /// Those of one node among others: none yet.
    pub(crate) fn shared(stop: CancellationToken) -> Self {
        let validity = Arc::new(Validity::new());
        Self { of_all: None, held: Mutex::default(), ending: Mutex::default(), validity, stop }
    }

    /// The lease for a webhook, unless another node has it.
    pub(crate) fn of(&self, webhook: WebhookId) -> Option<Arc<Lease>> {
        self.of_all.clone().or_else(|| lock(&self.held).get(&slot_of(webhook)).cloned())
    }

    pub(super) fn all(&self) -> BTreeMap<u8, Arc<Lease>> {
        lock(&self.held).clone()
    }

    /// Begins a lease that the database gave.
    pub(super) fn grant(&self, fence: Fence) {
        let grant = Grant { fence, validity: Arc::clone(&self.validity) };
        let lease = Lease::new(Some(grant), self.stop.child_token());
        lock(&self.held).insert(fence.slot, Arc::new(lease));
    }

    /// Ends a lease: what works under it ends at once. Nothing of it is stored any more.
    /// One that was had again since is another one.
    pub(super) fn end(&self, fence: Fence) {
        let mut held = lock(&self.held);
        let is_meant = held.get(&fence.slot).is_some_and(|lease| lease.fence() == Some(fence));
        let ended = is_meant.then(|| held.remove(&fence.slot)).flatten();
        drop(held);
        if let Some(lease) = ended {
            lease.ended.cancel();
            lease.tasks.close();
            let mut ending = lock(&self.ending);
            ending.retain(|(_, tasks)| !tasks.is_empty());
            ending.push((fence.slot, lease.tasks.clone()));
        }
    }

    /// Waits until nothing works any more under former leases for a webhook.
    pub(crate) async fn until_ended(&self, webhook: WebhookId) {
        let slot = slot_of(webhook);
        let ending = lock(&self.ending).clone();
        for (_, tasks) in ending.iter().filter(|(other, _)| *other == slot) {
            tasks.wait().await;
        }
    }

    /// Lets the leases last for a time after a moment that has passed.
    pub(super) fn extend(&self, begun: Instant, by: Duration) {
        let until = self.validity.micros(begun + by);
        self.validity.leases_until.store(until, Ordering::SeqCst);
    }

    /// Lets what was read of webhooks count for a time after the moment at which reading began.
    pub(super) fn note_reading(&self, begun: Instant, counts_for: Duration) {
        let until = self.validity.micros(begun + counts_for);
        self.validity.reading_until.fetch_max(until, Ordering::SeqCst);
    }

    /// Whether this node is on its way down.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FENCE: Fence = Fence { slot: 3, epoch: 7 };

    fn webhook(last: u8) -> WebhookId {
        WebhookId::from_uuid(uuid::Uuid::from_u128(u128::from(last)))
    }

    fn held() -> (Leases, Arc<Lease>) {
        let leases = Leases::shared(CancellationToken::new());
        leases.grant(FENCE);
        let lease = leases.of(webhook(64 + 3)).unwrap();
        (leases, lease)
    }

    #[test]
    fn an_attempt_starts_only_while_the_lease_and_what_was_read_are_both_recent() {
        let (leases, lease) = held();
        let (now, hour) = (Instant::now(), Duration::from_hours(1));
        assert!(!lease.may_start(), "nothing was heard of the database yet");
        leases.extend(now, hour);
        assert!(lease.is_valid() && !lease.may_start(), "what others edited was not read yet");
        leases.note_reading(now, hour);
        assert!(lease.may_start());
        leases.extend(now, Duration::ZERO);
        assert!(!lease.is_valid() && !lease.may_start(), "it ran out");
    }

    #[test]
    fn a_lease_that_ended_stays_so_when_the_slot_is_had_again() {
        let (leases, lease) = held();
        leases.end(Fence { epoch: 6, ..FENCE });
        assert!(!lease.ended().is_cancelled(), "that was one of before");
        leases.end(FENCE);
        assert!(leases.of(webhook(3)).is_none());
        leases.grant(Fence { epoch: 8, ..FENCE });
        leases.extend(Instant::now(), Duration::from_hours(1));
        leases.note_reading(Instant::now(), Duration::from_hours(1));
        assert!(!lease.may_start() && lease.ended().is_cancelled());
        assert!(leases.of(webhook(3)).unwrap().may_start());
        assert!(leases.of(webhook(4)).is_none(), "a slot of another node");
    }

    #[test]
    fn the_only_node_has_everything_for_ever_and_nothing_to_check() {
        let leases = Leases::of_all(CancellationToken::new());
        let lease = leases.of(webhook(200)).unwrap();
        assert!(lease.may_start());
        assert_eq!(lease.fence(), None);
    }
}
