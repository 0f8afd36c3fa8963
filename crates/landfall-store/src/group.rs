//! One group: load, decide, draft its rows. Either all of it is stored, or nothing.

use std::collections::{BTreeMap, HashMap};

use landfall_domain::command::{Command, Envelope};
use landfall_domain::decide::decide;
use landfall_domain::id::{OrganizationId, RefusedId};
use landfall_domain::outcome::Decision;
use landfall_domain::refusal::Refusal;
use landfall_domain::report::RefusedReport;
use landfall_domain::snapshot::Snapshot;
use landfall_domain::time::Timestamp;

use crate::cache::Cache;
use crate::driver::{Connection, Draft, Drafting};
use crate::error::StoreError;
use crate::heads::{Footing, Guard, Heads, Revisions};
use crate::idempotency::{Idempotency, Outcomes};
use crate::load::load;
use crate::rows::refused;
use crate::save::Part;
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

impl Group {
    pub(crate) fn len(&self) -> usize {
        self.tickets.len() + self.refused.len()
    }

    /// Whether all that its decisions look up is in memory where it differs from what is stored: not of
    /// corrections and edits, nor of keys under which a request may have come before.
    pub(crate) fn is_plain(&self) -> bool {
        self.tickets.iter().all(|ticket| ticket.is_report() && ticket.idempotency.is_none())
    }

    /// Whether it is of reports only.
    pub(crate) fn is_of_reports(&self) -> bool {
        self.tickets.iter().all(Ticket::is_report)
    }
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

/// A group that is decided and not stored yet.
pub(crate) struct Resolved {
    /// For each ticket.
    pub decisions: Vec<Decided>,
    /// What it appends to logs.
    pub committed: Vec<Committed>,
    /// The rows, in the order of the ids of their organizations, in which everybody takes their heads.
    pub draft: Draft,
}

/// Decides a group and drafts its rows; from then on the cache counts what it changed as stored.
pub(crate) fn resolve(
    db: &mut Connection,
    cache: &mut Cache,
    group: &Group,
    footing: Footing,
) -> Result<Resolved, StoreError> {
    let mut taken = take_snapshots(db, cache, group, footing)?;
    let (decisions, outcomes) = decide_all(db, &mut taken, group)?;
    let parts = taken.into_iter().map(|(id, (mut snapshot, mut revisions))| {
        let mut part = take_part(&mut snapshot, id, group);
        part.guard = (footing == Footing::Guarded)
            .then(|| Guard { next_sequence: part.first_sequence(), revisions });
        let before = revisions;
        revisions.raise(part.raised);
        cache.note_runs(&part.changes, before, revisions);
        cache.put_back(snapshot, revisions);
        part
    });
    let parts: Vec<Part> = parts.collect();
    let mut drafting = Drafting::on(db);
    outcomes.save(&mut drafting)?;
    let committed = draft(&mut drafting, &parts, group)?;
    Ok(Resolved { decisions, committed, draft: drafting.finish() })
}

/// Drafts the rows of what was decided, and returns what it appends to logs.
fn draft(
    drafting: &mut Drafting<'_>,
    parts: &[Part],
    group: &Group,
) -> Result<Vec<Committed>, StoreError> {
    let mut committed = Vec::new();
    for part in parts {
        let (organization, events) = (part.changes.organization.id, part.save(drafting)?);
        if !events.is_empty() {
            committed.push(Committed { organization, events });
        }
    }
    if !group.refused.is_empty() {
        refused::keep(drafting, &group.refused)?;
    }
    Ok(committed)
}

/// The snapshots of a group's organizations, and of which revisions they are.
type Taken = BTreeMap<OrganizationId, (Snapshot, Revisions)>;

fn take_snapshots(
    db: &mut Connection,
    cache: &mut Cache,
    group: &Group,
    footing: Footing,
) -> Result<Taken, StoreError> {
    let mut commands: HashMap<OrganizationId, Vec<&Envelope>> = HashMap::new();
    for ticket in &group.tickets {
        commands.entry(ticket.organization).or_default().push(&ticket.envelope);
    }
    let mut heads = match footing {
        Footing::Held => lock(db, cache, &commands)?,
        Footing::Own | Footing::Guarded => Heads::unlocked(),
    };
    let mut taken = Taken::new();
    for (id, commands) in commands {
        if let Some((mut snapshot, seen)) = cache.take(db, id, &mut heads)? {
            let known = cache.known(id, seen);
            load(db, &mut snapshot, &commands, known)?;
            taken.insert(id, (snapshot, seen));
        }
    }
    Ok(taken)
}

/// Locks the heads of a group's organizations.
fn lock(
    db: &mut Connection,
    cache: &Cache,
    commands: &HashMap<OrganizationId, Vec<&Envelope>>,
) -> Result<Heads, StoreError> {
    let ahead = commands.iter().filter_map(|(id, commands)| cache.ahead(*id, commands));
    let ahead = ahead.collect();
    Heads::lock(db, commands.keys().copied().collect(), ahead)
}

fn decide_all(
    db: &mut Connection,
    taken: &mut Taken,
    group: &Group,
) -> Result<(Vec<Decided>, Outcomes), StoreError> {
    let asked = group.tickets.iter().filter_map(|ticket| {
        Some((ticket.organization, ticket.idempotency.as_ref()?, ticket.envelope.at))
    });
    let mut outcomes = Outcomes::load(db, asked)?;
    let mut decisions = Vec::with_capacity(group.tickets.len());
    for ticket in &group.tickets {
        decisions.push(decide_one(taken, &mut outcomes, ticket)?);
    }
    Ok((decisions, outcomes))
}

fn decide_one(
    taken: &mut Taken,
    outcomes: &mut Outcomes,
    ticket: &Ticket,
) -> Result<Decided, StoreError> {
    let Ticket { organization, envelope, idempotency } = ticket;
    let Some((snapshot, _)) = taken.get_mut(organization) else {
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

fn take_part(snapshot: &mut Snapshot, organization: OrganizationId, group: &Group) -> Part {
    let own = group.tickets.iter().filter(|ticket| ticket.organization == organization);
    let latest = own.clone().map(|ticket| ticket.envelope.at).max();
    let entropy = own.map(|ticket| ticket.envelope.entropy).next().unwrap_or_default();
    Part::new(snapshot.take_changes(), latest.unwrap_or_else(Timestamp::default), entropy)
}
