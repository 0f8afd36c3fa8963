//! One group: load, decide, save, commit. Either all of it is stored, or nothing.

use std::collections::HashMap;
use std::time::Instant;

use landfall_domain::command::{Command, Envelope};
use landfall_domain::decide::decide;
use landfall_domain::id::{OrganizationId, RefusedId};
use landfall_domain::outcome::Decision;
use landfall_domain::refusal::Refusal;
use landfall_domain::report::RefusedReport;
use landfall_domain::snapshot::Snapshot;
use landfall_domain::time::Timestamp;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::heads::{Ahead, Heads, Revisions};
use crate::idempotency::{Idempotency, Outcomes};
use crate::load::{load, wanted_ahead};
use crate::rows::{catalog, refused};
use crate::save::{Saved, save};
use crate::stats::Stats;
use crate::writer::Committed;

/// A command on its way into a group.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub organization: OrganizationId,
    pub envelope: Envelope,
    pub idempotency: Option<Idempotency>,
}

impl Ticket {
    /// Reports share a group; every other command has one of its own.
    pub(crate) fn is_report(&self) -> bool {
        matches!(self.envelope.command, Command::Report(_))
    }
}

/// What a group is asked to do.
#[derive(Default)]
pub(crate) struct Group {
    pub tickets: Vec<Ticket>,
    pub refused: Vec<(OrganizationId, RefusedId, RefusedReport)>,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The answer to it.
    pub decision: Decision,
    /// The same request came before, and this was its answer; nothing was done now.
    pub is_earlier: bool,
}

impl Decided {
    fn now(decision: Decision) -> Self {
        Self { decision, is_earlier: false }
    }
}

/// What a group did: a decision for each ticket, and the events of each organization.
pub(crate) struct Done {
    pub decisions: Vec<Decided>,
    pub committed: Vec<Committed>,
}

/// What the groups before left in memory: heads, nouns, and the rows that were used lately.
///
/// On SQLite this process is the only writer, so what is here is what is stored. On PostgreSQL that
/// holds as long as the revisions of the organization's head, which is locked, are the ones that were
/// seen last.
#[derive(Default)]
pub(crate) struct Cache {
    snapshots: HashMap<OrganizationId, (Snapshot, Revisions)>,
    nouns: usize,
    rows: usize,
}

impl Cache {
    /// More nouns than this are forgotten, all at once.
    const NOUNS_MAX: usize = 200_000;
    /// More rows than this are forgotten, all at once; one takes about a kilobyte.
    const ROWS_MAX: usize = 6_000;

    fn take(
        &mut self,
        db: &mut Connection,
        id: OrganizationId,
        heads: &mut Heads,
    ) -> Result<Option<(Snapshot, Revisions)>, StoreError> {
        let known = self.snapshots.remove(&id);
        if let Some((snapshot, _)) = &known {
            self.nouns -= snapshot.catalog.len();
            self.rows -= snapshot.rows_loaded();
        }
        let known = heads.checked(id, known);
        if known.is_some() {
            return Ok(known);
        }
        let Some(head) = heads.take(db, id)? else { return Ok(None) };
        let snapshot = Snapshot::new(head.organization, catalog::load(db, id)?);
        Ok(Some((snapshot, head.revisions)))
    }

    /// Takes back a snapshot whose changes are stored.
    fn put_back(&mut self, mut snapshot: Snapshot, revisions: Revisions) {
        snapshot.mark_stored();
        self.nouns += snapshot.catalog.len();
        self.rows += snapshot.rows_loaded();
        self.snapshots.insert(snapshot.organization.id, (snapshot, revisions));
        if self.nouns > Self::NOUNS_MAX {
            self.clear();
        } else if self.rows > Self::ROWS_MAX {
            self.unload();
        }
    }

    /// Forgets rows, because there are too many or a correction changed what is known of them.
    fn unload(&mut self) {
        self.snapshots.values_mut().for_each(|(snapshot, _)| snapshot.unload());
        self.rows = 0;
    }

    /// Forgets everything, because a group failed after it had changed it.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Runs a group in one transaction.
pub(crate) fn run(
    db: &mut Connection,
    cache: &mut Cache,
    stats: &Stats,
    group: &Group,
) -> Result<Done, StoreError> {
    let begun = Instant::now();
    db.begin()?;
    if db.take_reopened() {
        cache.clear();
    }
    let (mut snapshots, mut revisions) = take_snapshots(db, cache, group)?;
    let decisions = decide_all(db, &mut snapshots, group)?;
    let mut committed = Vec::new();
    for (id, snapshot) in &snapshots {
        let saved = save_one(db, snapshot, group)?;
        revisions.entry(*id).or_default().raise(saved.raised);
        committed.extend(saved.committed(*id));
    }
    if !group.refused.is_empty() {
        refused::keep(db, &group.refused)?;
    }
    let at_disk = Instant::now();
    db.commit()?;
    Stats::count_time(&stats.commit_micros, at_disk.elapsed());
    Stats::count_time(&stats.busy_micros, begun.elapsed());
    for (id, snapshot) in snapshots {
        cache.put_back(snapshot, revisions.remove(&id).unwrap_or_default());
    }
    if !group.tickets.iter().all(Ticket::is_report) {
        cache.unload();
    }
    Ok(Done { decisions, committed })
}

/// The snapshots of a group's organizations, and of which revisions they are.
type Taken = (HashMap<OrganizationId, Snapshot>, HashMap<OrganizationId, Revisions>);

fn take_snapshots(
    db: &mut Connection,
    cache: &mut Cache,
    group: &Group,
) -> Result<Taken, StoreError> {
    let mut commands: HashMap<OrganizationId, Vec<&Envelope>> = HashMap::new();
    for ticket in &group.tickets {
        commands.entry(ticket.organization).or_default().push(&ticket.envelope);
    }
    let mut heads = lock(db, cache, &commands)?;
    let mut snapshots = HashMap::with_capacity(commands.len());
    let mut revisions = HashMap::with_capacity(commands.len());
    for (id, commands) in commands {
        if let Some((mut snapshot, seen)) = cache.take(db, id, &mut heads)? {
            load(db, &mut snapshot, &commands)?;
            snapshots.insert(id, snapshot);
            revisions.insert(id, seen);
        }
    }
    Ok((snapshots, revisions))
}

/// Locks the heads of a group's organizations, where others may write.
fn lock(
    db: &mut Connection,
    cache: &Cache,
    commands: &HashMap<OrganizationId, Vec<&Envelope>>,
) -> Result<Heads, StoreError> {
    if !db.is_shared() {
        return Ok(Heads::own());
    }
    let ahead = commands.iter().filter_map(|(id, commands)| {
        let (snapshot, _) = cache.snapshots.get(id)?;
        Some(Ahead::new(*id, wanted_ahead(snapshot, commands)))
    });
    let ahead = ahead.collect();
    Heads::lock(db, commands.keys().copied().collect(), ahead)
}

fn decide_all(
    db: &mut Connection,
    snapshots: &mut HashMap<OrganizationId, Snapshot>,
    group: &Group,
) -> Result<Vec<Decided>, StoreError> {
    let asked = group.tickets.iter().filter_map(|ticket| {
        Some((ticket.organization, ticket.idempotency.as_ref()?, ticket.envelope.at))
    });
    let mut outcomes = Outcomes::load(db, asked)?;
    let mut decisions = Vec::with_capacity(group.tickets.len());
    for ticket in &group.tickets {
        decisions.push(decide_one(snapshots, &mut outcomes, ticket)?);
    }
    outcomes.save(db)?;
    Ok(decisions)
}

fn decide_one(
    snapshots: &mut HashMap<OrganizationId, Snapshot>,
    outcomes: &mut Outcomes,
    ticket: &Ticket,
) -> Result<Decided, StoreError> {
    let Ticket { organization, envelope, idempotency } = ticket;
    let Some(snapshot) = snapshots.get_mut(organization) else {
        return Ok(Decided::now(Err(Refusal::not_found("organization", organization))));
    };
    let Some(idempotency) = idempotency else {
        return Ok(Decided::now(decide(snapshot, envelope.clone())));
    };
    match outcomes.earlier(*organization, idempotency) {
        Some(Ok(decision)) => return Ok(Decided { decision, is_earlier: true }),
        Some(Err(mismatch)) => return Ok(Decided::now(Err(mismatch))),
        None => {}
    }
    let decision = decide(snapshot, envelope.clone());
    outcomes.remember(*organization, idempotency, envelope.at, &decision)?;
    Ok(Decided::now(decision))
}

fn save_one(db: &mut Connection, snapshot: &Snapshot, group: &Group) -> Result<Saved, StoreError> {
    let organization = snapshot.organization.id;
    let own = group.tickets.iter().filter(|ticket| ticket.organization == organization);
    let latest = own.clone().map(|ticket| ticket.envelope.at).max();
    let entropy = own.map(|ticket| ticket.envelope.entropy).next().unwrap_or_default();
    save(db, snapshot, latest.unwrap_or_else(Timestamp::default), entropy)
}
