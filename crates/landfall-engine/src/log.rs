//! Leafing through the log, page by page, in both directions.

use landfall_domain::access::Scope;
use landfall_domain::refusal::Refusal;
use landfall_store::queries::log::{self, Stretch};
use landfall_store::rows::{event, organization};
use landfall_store::{Connection, StoreError, StoredEvent};

use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;

/// Numbers of the log that one look for a type goes through at most; it reads each row on its way.
const LOOK: u64 = 10_000;

/// Where a page of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At its end.
    Newest,
    /// The events before this number.
    Before(u64),
    /// The events after this number.
    After(u64),
}

/// A page of the log.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// Its events, newest first.
    pub events: Vec<StoredEvent>,
    /// The number of the last event of all; 0 before the first.
    pub head: u64,
    /// The next older events are before this number; none if nothing is older.
    pub older: Option<u64>,
    /// The next newer events are after this number; none if nothing is newer.
    pub newer: Option<u64>,
}

impl Engine {
    /// A page of the log; of one type only if one is named. A page of a type may hold fewer than
    /// `limit` events, or none, while `older` or `newer` lead on.
    pub async fn log_page(
        &self,
        caller: &Caller,
        place: Place,
        kind: Option<String>,
        limit: u16,
    ) -> Result<LogPage, EngineError> {
        caller.require(Scope::Read)?;
        let id = caller.organization;
        let read = move |db: &mut Connection| {
            let head = organization::find(db, id)?.map_or(0, |found| found.next_sequence - 1);
            let first = event::first(db, id)?.unwrap_or(head + 1);
            let bounds = Bounds { head, first, kind: kind.as_deref(), limit };
            match place {
                Place::Newest => bounds.older(head + 1, |stretch| log::older(db, id, stretch)),
                Place::Before(number) => {
                    bounds.older(number, |stretch| log::older(db, id, stretch))
                }
                Place::After(number) => bounds.newer(number, |stretch| log::newer(db, id, stretch)),
            }
        };
        Ok(self.shared.store.reader.read(read).await?)
    }

    /// The event of that number.
    pub async fn event(&self, caller: &Caller, sequence: u64) -> Result<StoredEvent, EngineError> {
        let found = self.events_after(caller, sequence.saturating_sub(1), 1).await?;
        let found = found.into_iter().find(|event| event.sequence == sequence);
        found.ok_or_else(|| Refusal::not_found("event", &sequence).into())
    }
}

/// What the pages of a log lie within.
struct Bounds<'a> {
    head: u64,
    first: u64,
    kind: Option<&'a str>,
    limit: u16,
}

impl Bounds<'_> {
    fn stretch(&self, from: u64, until: u64) -> Stretch<'_> {
        Stretch { from, until, kind: self.kind, limit: u64::from(self.limit) }
    }

    fn is_full(&self, events: &[StoredEvent]) -> bool {
        events.len() >= usize::from(self.limit)
    }

    fn older(
        &self,
        before: u64,
        read: impl FnOnce(Stretch<'_>) -> Result<Vec<StoredEvent>, StoreError>,
    ) -> Result<LogPage, StoreError> {
        let until = before.clamp(self.first, self.head + 1);
        let from = until.saturating_sub(LOOK).max(self.first);
        let events = read(self.stretch(from, until))?;
        let seen_from = match events.last() {
            Some(last) if self.is_full(&events) => last.sequence,
            _ => from,
        };
        Ok(LogPage {
            events,
            head: self.head,
            older: (seen_from > self.first).then_some(seen_from),
            newer: (until <= self.head).then_some(until.saturating_sub(1)),
        })
    }

    fn newer(
        &self,
        after: u64,
        read: impl FnOnce(Stretch<'_>) -> Result<Vec<StoredEvent>, StoreError>,
    ) -> Result<LogPage, StoreError> {
        let from = after.saturating_add(1).clamp(self.first, self.head + 1);
        let until = from.saturating_add(LOOK).min(self.head + 1);
        let mut events = read(self.stretch(from, until))?;
        let seen_until = match events.last() {
            Some(last) if self.is_full(&events) => last.sequence,
            _ => until - 1,
        };
        events.reverse();
        Ok(LogPage {
            events,
            head: self.head,
            older: (from > self.first).then_some(from),
            newer: (seen_until < self.head).then_some(seen_until),
        })
    }
}
