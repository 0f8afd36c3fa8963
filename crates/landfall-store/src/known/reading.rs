//! Reading which runs are stored: at the start, and where others write again when somebody asks.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use landfall_domain::id::OrganizationId;
use landfall_domain::identity::Identity;

use super::filter::Filter;
use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::{build, deployment, organization};

/// With no more events than this it is read at once, within some milliseconds.
const AT_ONCE_MAX: u64 = 1 << 14;
/// Identities that are read at a time, so that no statement lasts.
const PAGE: i64 = 10_000;
/// What is read again is read no sooner than this after the time before,
const PAUSE_MIN: Duration = Duration::from_mins(1);
/// and no sooner than so many times as long as that took.
const PAUSE_PER_READING: u32 = 50;
/// The revision of an organization in which nothing was changed yet.
const FIRST: i64 = 0;

/// Makes a connection that reads.
pub(crate) type Connect = Box<dyn Fn() -> Result<Connection, StoreError> + Send>;

/// The filter, and how far what it was filled from goes.
pub(super) struct Reading {
    pub(super) filter: Filter,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// For each organization the revision of its head, as it was before its identities were read.
    read_to: Option<HashMap<OrganizationId, i64>>,
    is_asked: bool,
    /// How often what was read was forgotten; what is being read meanwhile is, too.
    forgotten: u64,
    is_stopped: bool,
}

impl Reading {
    /// Reads what is stored, at once if that is little, else on a thread; again and again if others write.
    pub(super) fn start(
        connect: Connect,
        is_shared: bool,
    ) -> Result<(Arc<Self>, Option<JoinHandle<()>>), StoreError> {
        let mut db = connect()?;
        let events = organization::positions(&mut db)?.iter().map(|found| found.events).sum();
        let reading = Arc::new(Self::unread(events));
        let is_little = events <= AT_ONCE_MAX;
        if is_little {
            reading.try_read(|| Ok(db));
        } else {
            drop(db);
        }
        if is_little && !is_shared {
            return Ok((reading, None));
        }
        let (own, thread) = (Arc::clone(&reading), std::thread::Builder::new());
        let thread = thread.name("landfall-known".to_owned()).spawn(move || {
            if is_little {
                own.wait_until_asked(PAUSE_MIN);
            }
            own.serve(&connect, is_shared);
        });
        let thread = thread
            .map_err(|source| StoreError::File { path: "landfall-known".to_owned(), source })?;
        Ok((reading, Some(thread)))
    }

    /// Has read nothing yet of logs of so many events.
    pub(super) fn unread(events: u64) -> Self {
        let filter = Filter::for_events(events);
        Self { filter, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Up to which revision of an organization every run is in the filter; none before it was read.
    pub(super) fn read_to(&self, organization: OrganizationId) -> Option<i64> {
        let state = self.state();
        // Who is not there was made since, and had no runs then.
        state.read_to.as_ref().map(|all| all.get(&organization).copied().unwrap_or(FIRST))
    }

    /// Has everything read once more, some time.
    pub(super) fn ask(&self) {
        self.state().is_asked = true;
        self.changed.notify_all();
    }

    /// Takes nothing for read any more.
    pub(super) fn forget(&self) {
        let mut state = self.state();
        state.read_to = None;
        state.forgotten += 1;
    }

    /// Ends the thread, since nobody will ask any more.
    pub(super) fn stop(&self) {
        self.state().is_stopped = true;
        self.changed.notify_all();
    }

    fn serve(&self, connect: &Connect, is_shared: bool) {
        while !self.state().is_stopped {
            let begun = Instant::now();
            self.try_read(connect);
            if !is_shared {
                return;
            }
            self.wait_until_asked(PAUSE_MIN.max(begun.elapsed() * PAUSE_PER_READING));
        }
    }

    /// Waits for that long at least.
    fn wait_until_asked(&self, pause: Duration) {
        let waited =
            self.changed.wait_timeout_while(self.state(), pause, |state| !state.is_stopped);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let asked = self.changed.wait_while(state, |state| !state.is_asked && !state.is_stopped);
        asked.unwrap_or_else(PoisonError::into_inner).is_asked = false;
    }

    /// It is as correct without, only slower.
    fn try_read(&self, connect: impl FnOnce() -> Result<Connection, StoreError>) {
        match connect().and_then(|mut db| self.read(&mut db)) {
            Ok(()) | Err(StoreError::Closing) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "can't read which runs are known");
            }
        }
    }

    pub(super) fn read(&self, db: &mut Connection) -> Result<(), StoreError> {
        let forgotten = self.state().forgotten;
        let positions = organization::positions(db)?;
        for found in &positions {
            for sql in deployment::IDENTITIES.into_iter().chain(build::IDENTITIES) {
                self.read_identities(db, sql, found.organization)?;
            }
        }
        let mut state = self.state();
        if state.forgotten == forgotten {
            let read_to = positions.iter().map(|found| (found.organization, found.revision));
            state.read_to = Some(read_to.collect());
            state.is_asked = false;
        }
        Ok(())
    }

    fn read_identities(
        &self,
        db: &mut Connection,
        sql: &'static str,
        organization: OrganizationId,
    ) -> Result<(), StoreError> {
        let mut last: Option<Identity> = None;
        loop {
            if self.state().is_stopped {
                return Err(StoreError::Closing);
            }
            let after: &[u8] = last.as_ref().map_or(&[], |last| last.as_bytes());
            let page = db.read(sql, &[organization.into(), after.into(), PAGE.into()], |row| {
                row.identity(0)
            })?;
            for identity in &page {
                self.filter.note(*identity);
            }
            last = page.last().copied();
            if last.is_none() {
                return Ok(());
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
