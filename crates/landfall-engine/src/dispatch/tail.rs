//! The tail of the log, read once for all webhooks that are caught up and for all live streams.
//!
//! Each organization has an index from what filters look at to the webhooks that want it, so an
//! event costs what its matching webhooks cost, however many others there are. A webhook joins at
//! an exact number: what comes after it arrives in its queue, and what is before it reads from the
//! log. A full queue sends its webhook back to the log, at an exact number too, and nobody waits.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::webhook::filter::{Filters, Interest, Subject};
use landfall_domain::webhook::glob::{Glob, folded};
use landfall_store::Committed;
use tokio::sync::{Notify, broadcast};

use super::subject::Head;
use crate::events::StoredEvent;
use crate::lock::lock;

/// Events that wait for one webhook in memory; it reads further ones from the log.
const QUEUE_MAX: usize = 1_024;
/// Groups of events that a slow live stream may lag behind before it has to read the log itself.
const STREAM_MAX: usize = 256;
/// Kinds of events that an index remembers the webhooks of; one more, and it begins anew.
const MEMO_MAX: usize = 50_000;

/// What waits for one webhook.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<Waiting>,
    /// Told when something arrives.
    pub arrived: Notify,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<StoredEvent>,
    is_demoted: bool,
}

/// What a queue has to give.
pub(super) enum Next {
    /// The next event.
    Event(Box<StoredEvent>),
    /// Nothing now; more will come.
    Empty,
    /// Nothing, and nothing will come: the webhook has to read the log.
    Demoted,
}

impl Queue {
    /// Takes the next event.
    pub(super) fn take(&self) -> Next {
        let mut waiting = lock(&self.state);
        match waiting.events.pop_front() {
            Some(event) => Next::Event(Box::new(event)),
            None if waiting.is_demoted => Next::Demoted,
            None => Next::Empty,
        }
    }

    /// Whether there is nothing to take.
    pub(super) fn is_empty(&self) -> bool {
        let waiting = lock(&self.state);
        waiting.events.is_empty() && !waiting.is_demoted
    }

    fn push(&self, event: &StoredEvent) {
        let mut waiting = lock(&self.state);
        if waiting.is_demoted {
            return;
        }
        if waiting.events.len() < QUEUE_MAX {
            waiting.events.push_back(event.clone());
        } else {
            waiting.is_demoted = true;
        }
        drop(waiting);
        self.arrived.notify_one();
    }

    fn demote(&self) {
        lock(&self.state).is_demoted = true;
        self.arrived.notify_one();
    }

    fn reset(&self) {
        *lock(&self.state) = Waiting::default();
    }
}

struct Member {
    interest: Interest,
    queue: Arc<Queue>,
}

/// One organization's webhooks and live streams at the tail of its log. It lasts as long as one of them
/// holds it.
#[derive(Default)]
pub(crate) struct Index {
    members: Mutex<Members>,
    position: AtomicU64,
}

#[derive(Default)]
struct Members {
    by_id: HashMap<WebhookId, Member>,
    /// Those that want applications of certain names only, by those names in lower case.
    by_application: HashMap<String, HashSet<WebhookId>>,
    /// All others.
    of_any_application: HashSet<WebhookId>,
    memo: HashMap<String, Arc<[Arc<Queue>]>>,
    /// The way to live streams, while there are any.
    streams: Option<broadcast::Sender<Arc<[StoredEvent]>>>,
}

impl Index {
    /// The last event that was handed out.
    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// Lets a webhook in; every event after the returned number arrives in its queue.
    pub(super) fn join(&self, id: WebhookId, interest: &Interest, queue: &Arc<Queue>) -> u64 {
        let mut members = lock(&self.members);
        queue.reset();
        let member = Member { interest: interest.clone(), queue: Arc::clone(queue) };
        let before = members.by_id.insert(id, member);
        if before.as_ref().is_none_or(|before| before.interest != *interest) {
            members.unfile(id, before.as_ref());
            members.file(id, &interest.filters);
        }
        self.position()
    }

    /// Lets a live stream in; every event that is handed out from now on is told to it, in order.
    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<[StoredEvent]>> {
        let mut members = lock(&self.members);
        let streams = members.streams.get_or_insert_with(|| broadcast::channel(STREAM_MAX).0);
        streams.subscribe()
    }

    /// Lets a webhook go; nothing arrives in its queue any more.
    pub(super) fn leave(&self, id: WebhookId) {
        let mut members = lock(&self.members);
        let removed = members.by_id.remove(&id);
        members.unfile(id, removed.as_ref());
    }

    /// Hands out events, those left out that were handed out before. False if there is a gap before
    /// them: then nothing is handed out, and the log has to be read.
    pub(super) fn hand_out(&self, events: &[StoredEvent]) -> bool {
        let mut members = lock(&self.members);
        let position = self.position();
        let fresh = &events[events.partition_point(|event| event.sequence <= position)..];
        let (Some(first), Some(last)) = (fresh.first(), fresh.last()) else { return true };
        if first.sequence > position + 1 {
            return false;
        }
        for event in fresh {
            members.hand_out(event);
        }
        members.tell_streams(fresh);
        self.position.store(last.sequence, Ordering::Release);
        true
    }

    /// Goes on at a later event; the webhooks read from the log what lies between.
    pub(super) fn skip_to(&self, head: u64) {
        let members = lock(&self.members);
        if head > self.position() {
            members.demote_all();
            self.position.store(head, Ordering::Release);
        }
    }
}

impl Members {
    fn demote_all(&self) {
        self.by_id.values().for_each(|member| member.queue.demote());
    }

    fn tell_streams(&mut self, events: &[StoredEvent]) {
        let Some(streams) = &self.streams else { return };
        // An error means that nobody listens any more; then what was told last is kept for nobody.
        if streams.send(events.into()).is_err() {
            self.streams = None;
        }
    }

    /// Files a webhook under the applications that it wants.
    fn file(&mut self, id: WebhookId, filters: &Filters) {
        self.memo.clear();
        match names_of(filters) {
            Some(names) => {
                for name in names {
                    self.by_application.entry(name).or_default().insert(id);
                }
            }
            None => {
                self.of_any_application.insert(id);
            }
        }
    }

    /// Takes a webhook out of where it was filed.
    fn unfile(&mut self, id: WebhookId, before: Option<&Member>) {
        let Some(before) = before else { return };
        self.memo.clear();
        self.of_any_application.remove(&id);
        for name in names_of(&before.interest.filters).unwrap_or_default() {
            if let Some(ids) = self.by_application.get_mut(&name) {
                ids.remove(&id);
            }
        }
    }

    /// The queues of the webhooks that want what an event is about.
    fn wanting(&self, subject: &Subject<'_>) -> Arc<[Arc<Queue>]> {
        let named = subject.application.and_then(|name| self.by_application.get(&folded(name)));
        let ids = self.of_any_application.iter().chain(named.into_iter().flatten());
        let members = ids.filter_map(|id| self.by_id.get(id));
        let wanting = members.filter(|member| member.interest.matches(subject));
        wanting.map(|member| Arc::clone(&member.queue)).collect()
    }

    fn hand_out(&mut self, event: &StoredEvent) {
        if self.by_id.is_empty() {
            return;
        }
        let head = Head::of(event);
        let subject = head.subject(&event.kind);
        let key = key_of(&subject);
        if let Some(queues) = self.memo.get(&key) {
            queues.iter().for_each(|queue| queue.push(event));
            return;
        }
        let queues = self.wanting(&subject);
        queues.iter().for_each(|queue| queue.push(event));
        if self.memo.len() >= MEMO_MAX {
            self.memo.clear();
        }
        self.memo.insert(key, queues);
    }
}

/// The applications that filters name, in lower case; `None` if they are any or a pattern's.
fn names_of(filters: &Filters) -> Option<Vec<String>> {
    let names: Option<Vec<String>> = filters.applications.iter().map(Glob::literal).collect();
    names.filter(|names| !names.is_empty())
}

/// Everything that filters look at, in one text.
fn key_of(subject: &Subject<'_>) -> String {
    let Subject {
        kind,
        project,
        project_id,
        application,
        environment,
        environment_name,
        environment_type,
        backfill,
    } = subject;
    let mut key = String::with_capacity(128);
    for part in [Some(*kind), *project, *application, *environment, *environment_name] {
        key.push_str(part.unwrap_or_default());
        key.push(if part.is_some() { '\u{1}' } else { '\u{2}' });
    }
    // Writing to a text can't fail.
    let _ = write!(key, "{}{}", environment_type.map_or("", |kind| kind.as_str()), *backfill);
    // A name may be given to another project.
    let _ = write!(key, "{:x}", project_id.unwrap_or_default().as_u128());
    key
}

/// The tail of every organization's log.
#[derive(Default)]
pub(super) struct Tail {
    /// Told when an index missed something that the log has.
    pub gap: Notify,
    indexes: Mutex<HashMap<OrganizationId, Weak<Index>>>,
}

impl Tail {
    /// The index of an organization; one that begins after `head` if there is none.
    pub(super) fn index(&self, organization: OrganizationId, head: u64) -> Arc<Index> {
        let mut indexes = lock(&self.indexes);
        if let Some(known) = indexes.get(&organization).and_then(Weak::upgrade) {
            return known;
        }
        let index = Arc::new(Index { position: AtomicU64::new(head), ..Index::default() });
        indexes.insert(organization, Arc::downgrade(&index));
        index
    }

    /// Hands out what was committed.
    pub(super) fn hear(&self, group: &Committed) {
        let index = self.find(group.organization);
        if index.is_some_and(|index| !index.hand_out(&group.events)) {
            self.gap.notify_one();
        }
    }

    /// The index of an organization that has one.
    pub(super) fn find(&self, organization: OrganizationId) -> Option<Arc<Index>> {
        lock(&self.indexes).get(&organization).and_then(Weak::upgrade)
    }

    /// Every index that somebody holds; the others are forgotten.
    pub(super) fn all(&self) -> Vec<(OrganizationId, Arc<Index>)> {
        let mut indexes = lock(&self.indexes);
        indexes.retain(|_, index| index.strong_count() > 0);
        indexes.iter().filter_map(|(id, index)| Some((*id, index.upgrade()?))).collect()
    }
}
