//! The tail of the log, read once for all webhooks that are caught up.
//!
//! Each organization has an index from what filters look at to the webhooks that want it, so an
//! event costs what its matching webhooks cost, however many others there are. A webhook joins at
//! an exact number: what comes after it arrives in its queue, and what is before it reads from the
//! log. A full queue sends its webhook back to the log, at an exact number too, and nobody waits.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landfall_domain::id::{OrganizationId, WebhookId};
use landfall_domain::webhook::filter::{Filters, Subject};
use tokio::sync::Notify;

use super::subject::Head;
use crate::events::StoredEvent;

/// Events that wait for one webhook in memory; it reads further ones from the log.
const QUEUE_MAX: usize = 1_024;
/// Kinds of events that an index remembers the webhooks of; one more, and it begins anew.
const MEMO_MAX: usize = 50_000;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    filters: Filters,
    queue: Arc<Queue>,
}

/// One organization's webhooks at the tail of its log.
#[derive(Default)]
pub(super) struct Index {
    members: Mutex<Members>,
    position: AtomicU64,
}

#[derive(Default)]
struct Members {
    by_id: HashMap<WebhookId, Member>,
    memo: HashMap<String, Arc<[Arc<Queue>]>>,
}

impl Index {
    /// The last event that was handed out.
    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// Lets a webhook in; every event after the returned number arrives in its queue.
    pub(super) fn join(&self, id: WebhookId, filters: &Filters, queue: &Arc<Queue>) -> u64 {
        let mut members = lock(&self.members);
        queue.reset();
        let member = Member { filters: filters.clone(), queue: Arc::clone(queue) };
        if members.by_id.insert(id, member).is_none_or(|before| before.filters != *filters) {
            members.memo.clear();
        }
        self.position()
    }

    /// Lets a webhook go; nothing arrives in its queue any more.
    pub(super) fn leave(&self, id: WebhookId) {
        let mut members = lock(&self.members);
        if members.by_id.remove(&id).is_some() {
            members.memo.clear();
        }
    }

    /// Hands out events. What was handed out before is left out; a gap sends everyone to the log.
    pub(super) fn hand_out(&self, events: &[StoredEvent]) {
        let mut members = lock(&self.members);
        let position = self.position();
        let mut fresh = events.iter().filter(|event| event.sequence > position).peekable();
        let Some(first) = fresh.peek() else { return };
        if first.sequence > position + 1 {
            members.demote_all();
        }
        let mut last = position;
        for event in fresh {
            members.hand_out(event);
            last = event.sequence;
        }
        self.position.store(last, Ordering::Release);
    }

    /// Goes on at the head of the log, after commits were missed.
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
        let wanting = self.by_id.values().filter(|member| member.filters.matches(&subject));
        let queues: Arc<[Arc<Queue>]> = wanting.map(|member| Arc::clone(&member.queue)).collect();
        queues.iter().for_each(|queue| queue.push(event));
        if self.memo.len() >= MEMO_MAX {
            self.memo.clear();
        }
        self.memo.insert(key, queues);
    }
}

/// Everything that filters look at, in one text.
fn key_of(subject: &Subject<'_>) -> String {
    let Subject {
        kind,
        project,
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
    key
}

/// The tail of every organization's log.
#[derive(Default)]
pub(super) struct Tail {
    indexes: Mutex<HashMap<OrganizationId, Arc<Index>>>,
}

impl Tail {
    /// The index of an organization, and whether it was made by this: then the caller sends it to
    /// the head of the log, lest it wait for events that were committed before it was there.
    pub(super) fn index(&self, organization: OrganizationId) -> (Arc<Index>, bool) {
        let mut indexes = lock(&self.indexes);
        let is_new = !indexes.contains_key(&organization);
        (Arc::clone(indexes.entry(organization).or_default()), is_new)
    }

    /// The index of an organization that has one.
    pub(super) fn find(&self, organization: OrganizationId) -> Option<Arc<Index>> {
        lock(&self.indexes).get(&organization).cloned()
    }

    /// Every index.
    pub(super) fn all(&self) -> Vec<(OrganizationId, Arc<Index>)> {
        lock(&self.indexes).iter().map(|(id, index)| (*id, Arc::clone(index))).collect()
    }
}
