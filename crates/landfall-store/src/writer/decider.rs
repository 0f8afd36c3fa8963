//! The thread that decides, ahead of the one that stores.
//!
//! What was decided is known before it is stored: it stays in memory until it is. So while one group is
//! stored the next one is decided already. What is in memory of a row is never older than what is
//! stored of it, and what a pending group changed is never forgotten before it is stored. If it can't
//! be stored, it comes back with all that was decided on top of it, and is decided anew.
//!
//! Where others write to the same data, a group that was decided ahead is stored only if none of them
//! did meanwhile. What is not decided ahead is decided and stored at once, see [`super::held`]. See
//! `docs/decisions/0013`.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use tokio::sync::mpsc;

use super::plans::Plans;
use super::queue::{Batch, Ears, Request, gather};
use super::share::Share;
use super::storer::{Astray, Returned, Step};
use crate::cache::Cache;
use crate::driver::Connection;
use crate::error::StoreError;
use crate::group::{Group, Resolved, resolve};
use crate::heads::Footing;
use crate::stats::Stats;

/// Groups that are not decided ahead once one came back, where others write: if they go on to write to the
/// same organization, nearly every group would be overtaken.
const HELD_AFTER_RETURN: u32 = 64;

/// What a small group waits for more while another one is under way, where each costs a round trip and a
/// commit of a millisecond.
const MOMENT: Duration = Duration::from_micros(300);

pub(super) struct Decider {
    /// Where nobody else writes, it only reads.
    pub db: Connection,
    pub stats: Arc<Stats>,
    pub storer: SyncSender<Step>,
    pub astray: Astray,
    pub ears: Arc<Ears>,
    pub share: Share,
    pub cache: Cache,
    /// Where others write.
    pub plans: Option<Plans>,
    /// So many groups more are not decided ahead.
    pub held_left: u32,
}

impl Decider {
    /// Works until the queue is closed and empty, and everything of it is stored or refused.
    pub(super) fn serve(mut self, mut queue: mpsc::Receiver<Request>) {
        let mut next = queue.blocking_recv();
        while let Some(first) = next.take() {
            if self.astray.is_set() {
                self.come_to_rest();
            }
            if self.db.is_shared()
                && first.shares_a_group()
                && self.share.is_worth_a_moment(queue.len() + 1)
            {
                std::thread::sleep(MOMENT);
            }
            let group_max = self.share.group_max(queue.len() + 1);
            let (batch, left) = gather(first, &mut queue, group_max);
            if !batch.is_empty() {
                self.take(batch);
            }
            next = match left {
                Some(Request::Run(job, reply)) => {
                    self.hand(Step::Run(job, reply));
                    queue.blocking_recv()
                }
                Some(Request::RunBetween(job, reply)) => {
                    self.hand(Step::Run(job, reply));
                    self.come_to_rest();
                    queue.blocking_recv()
                }
                Some(Request::LookBack) | None => queue.blocking_recv(),
                left => left,
            };
        }
        self.come_to_rest();
    }

    fn take(&mut self, batch: Batch) {
        if !batch.group.is_plain() || self.cache.is_full() {
            self.come_to_rest();
            self.cache.shrink();
        }
        let is_of_reports = batch.group.is_of_reports();
        self.decide(batch);
        if !is_of_reports {
            self.come_to_rest();
            self.cache.unload();
        }
        if let Some(plans) = &mut self.plans {
            plans.after_group(&self.stats);
        }
    }

    fn decide(&mut self, batch: Batch) {
        if self.db.is_shared() && !self.is_ahead_possible(&batch.group) {
            self.come_to_rest();
            self.held_left = self.held_left.saturating_sub(1);
            self.write_held(batch);
            return;
        }
        match self.resolve(&batch.group) {
            Ok(resolved) => self.hand(Step::Store(Box::new(resolved), batch)),
            Err(error) => {
                self.come_to_rest();
                self.cache.clear();
                if self.db.is_shared() {
                    self.write_held(batch);
                } else if batch.group.len() > 1 && !error.is_of_database() {
                    self.decide_one_by_one(batch);
                } else {
                    batch.refuse(&error);
                }
            }
        }
    }

    /// Whether a group can be decided without holding the heads of its organizations, where others may
    /// write.
    fn is_ahead_possible(&self, group: &Group) -> bool {
        let mut organizations = group.tickets.iter().map(|ticket| ticket.organization);
        self.held_left == 0 && group.is_plain() && self.cache.holds(&mut organizations)
    }

    fn resolve(&mut self, group: &Group) -> Result<Resolved, StoreError> {
        let Self { db, cache, stats, .. } = self;
        let footing = if db.is_shared() { Footing::Guarded } else { Footing::Own };
        let resolved = super::guarded(db, stats, |db| {
            db.begin_looking_ahead()?;
            if db.take_reopened() {
                return Err(StoreError::Overtaken);
            }
            let resolved = resolve(db, cache, group, footing)?;
            db.rollback()?;
            Ok(resolved)
        });
        Stats::count(&self.stats.round_trips, self.db.take_round_trips());
        resolved
    }

    fn decide_one_by_one(&mut self, batch: Batch) {
        for alone in batch.one_by_one() {
            self.decide(alone);
            self.come_to_rest();
        }
    }

    /// Waits until everything is stored or refused. What comes back is decided anew.
    fn come_to_rest(&mut self) {
        loop {
            let (reply, answer) = sync_channel(1);
            self.hand(Step::Rest(reply));
            let Ok(Err(returned)) = answer.recv() else { return };
            self.cache.clear();
            if !returned.is_empty() {
                self.held_left = HELD_AFTER_RETURN;
            }
            for Returned { batch, is_suspect } in returned {
                if is_suspect { self.decide_one_by_one(batch) } else { self.decide(batch) }
            }
        }
    }

    /// Hands a step to the thread that stores, and waits while it has another one to begin with.
    fn hand(&mut self, step: Step) {
        if let Err(refused) = self.storer.send(step) {
            refused.0.refuse();
            self.cache.clear();
        }
    }
}
