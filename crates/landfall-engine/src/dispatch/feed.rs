//! Where a webhook's new events come from: the log while it lags, the shared tail once caught up.

use std::collections::VecDeque;
use std::sync::Arc;

use landfall_domain::webhook::filter::Interest;
use landfall_store::StoreError;
use landfall_store::rows::event;

use super::context::{Context, Key};
use super::subject::Head;
use super::tail::{Index, Next, Queue};
use crate::events::StoredEvent;

/// Events that one look at the log brings.
const PAGE: i64 = 256;
/// Looks at the log for one event: its lane has orders to take in between.
const PAGES_MAX: u32 = 4;

/// A webhook's way through the log.
pub(super) struct Feed {
    key: Key,
    index: Arc<Index>,
    queue: Arc<Queue>,
    page: VecDeque<StoredEvent>,
    /// The last event that was taken.
    taken: u64,
    /// The last event that was read, into the page or from the queue.
    read: u64,
    /// The log is read up to here; what comes after it is in the queue. `None`: not at the tail.
    joined_at: Option<u64>,
    /// Numbers that were forgotten before they were read.
    forgotten: Option<(u64, u64)>,
    /// It gave nothing because it has not read all of the log that it may.
    is_reading: bool,
}

impl Feed {
    /// A way that begins after an event.
    pub(super) fn new(key: Key, index: Arc<Index>, after: u64) -> Self {
        Self {
            key,
            index,
            queue: Arc::default(),
            page: VecDeque::new(),
            taken: after,
            read: after,
            joined_at: None,
            forgotten: None,
            is_reading: false,
        }
    }

    /// Whether it gave nothing although there is more of the log to read: ask again at once.
    pub(super) const fn is_reading(&self) -> bool {
        self.is_reading
    }

    /// The next event that the webhook wants; `None` if there is none yet, or it is still reading.
    pub(super) async fn next(
        &mut self,
        context: &Context,
        interest: &Interest,
    ) -> Result<Option<StoredEvent>, StoreError> {
        self.is_reading = false;
        let mut pages = 0;
        loop {
            if let Some(event) = self.page.pop_front() {
                self.taken = event.sequence;
                return Ok(Some(event));
            }
            let joined_at = self.join(interest);
            if self.read < joined_at {
                if pages == PAGES_MAX {
                    self.is_reading = true;
                    return Ok(None);
                }
                self.read_page(context, interest, joined_at).await?;
                pages += 1;
                continue;
            }
            match self.queue.take() {
                Next::Event(event) if event.sequence <= self.read => {}
                Next::Event(event) => {
                    (self.taken, self.read) = (event.sequence, event.sequence);
                    return Ok(Some(*event));
                }
                Next::Demoted => self.joined_at = None,
                Next::Empty => return Ok(None),
            }
        }
    }

    fn join(&mut self, interest: &Interest) -> u64 {
        let (_, id) = self.key;
        let (index, queue) = (&self.index, &self.queue);
        *self.joined_at.get_or_insert_with(|| index.join(id, interest, queue))
    }

    async fn read_page(
        &mut self,
        context: &Context,
        interest: &Interest,
        until: u64,
    ) -> Result<(), StoreError> {
        let (organization, _) = self.key;
        let after = self.read;
        let read = context.reader.read(move |db| event::after(db, organization, after, PAGE));
        let mut events = read.await?;
        events.retain(|event| event.sequence <= until);
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            self.note_forgotten(after + 1, until);
            self.read = until;
            return Ok(());
        };
        let (first, last) = (first.sequence, last.sequence);
        if first > after + 1 {
            self.note_forgotten(after + 1, first - 1);
        }
        self.read = last;
        self.page = events.into();
        self.page.retain(|event| interest.matches(&Head::of(event).subject(&event.kind)));
        Ok(())
    }

    fn note_forgotten(&mut self, first: u64, last: u64) {
        let (from, to) = self.forgotten.unwrap_or((first, last));
        self.forgotten = Some((from.min(first), to.max(last)));
    }

    /// The numbers that were forgotten before they were read, since this was asked last.
    pub(super) fn take_forgotten(&mut self) -> Option<(u64, u64)> {
        self.forgotten.take()
    }

    /// The last event that is either taken or not wanted.
    pub(super) fn seen(&mut self) -> u64 {
        if !self.page.is_empty() {
            return self.taken;
        }
        // Asked before the queue is looked at: what is handed out up to it is in the queue by then.
        let position = self.index.position();
        if self.is_caught_up() {
            self.read = self.read.max(position);
        }
        self.read
    }

    /// Whether it is at the tail, and has given all that there is.
    pub(super) fn is_caught_up(&self) -> bool {
        let is_at_tail = self.joined_at.is_some_and(|joined_at| self.read >= joined_at);
        is_at_tail && self.page.is_empty() && self.queue.is_empty()
    }

    /// Waits until something may have arrived.
    pub(super) async fn arrived(&self) {
        self.queue.arrived.notified().await;
    }

    /// Leaves the tail and goes on after an event: its interest changed, or the webhook rests.
    pub(super) fn restart(&mut self, after: u64) {
        self.index.leave(self.key.1);
        *self = Self::new(self.key, Arc::clone(&self.index), after);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.index.leave(self.key.1);
    }
}
