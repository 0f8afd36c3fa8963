//! What waits to be written, who waits for it, and how they are told.

use std::sync::OnceLock;

use landfall_domain::id::{OrganizationId, RefusedId};
use landfall_domain::report::RefusedReport;
use tokio::sync::{mpsc, oneshot};

use super::{Committed, Job, Listener};
use crate::error::StoreError;
use crate::group::{Decided, Group, Ticket};

pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to be written.
pub(super) enum Request {
    Decide(Box<Ticket>, Reply<Decided>),
    Keep(Box<(OrganizationId, RefusedId, RefusedReport)>, Reply<()>),
    Run(Job, Reply<()>),
    /// A job that no group runs beside.
    RunBetween(Job, Reply<()>),
    /// Nothing; but groups came back that must be decided again.
    LookBack,
}

impl Request {
    /// Whether others may be in one group with it.
    pub(super) fn shares_a_group(&self) -> bool {
        match self {
            Self::Decide(ticket, _) => ticket.is_report(),
            Self::Keep(..) => true,
            Self::Run(..) | Self::RunBetween(..) | Self::LookBack => false,
        }
    }
}

/// A group and those who wait for it.
#[derive(Default)]
pub(super) struct Batch {
    pub group: Group,
    callers: Callers,
}

/// The callers of a group, in the order of its tickets and refused reports.
#[derive(Default)]
struct Callers {
    deciding: Vec<Reply<Decided>>,
    keeping: Vec<Reply<()>>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.group.len() == 0
    }

    /// Lets the world know of a group that is durable: first those who wait for it.
    pub(super) fn tell(self, decisions: Vec<Decided>, committed: &[Committed], ears: &Ears) {
        for (reply, decision) in self.callers.deciding.into_iter().zip(decisions) {
            // An error means that the caller went away; its report is stored all the same.
            drop(reply.send(Ok(decision)));
        }
        for reply in self.callers.keeping {
            drop(reply.send(Ok(())));
        }
        if let Some(listener) = ears.listener.get() {
            committed.iter().for_each(listener);
        }
    }

    /// Tells everybody that nothing was stored.
    pub(super) fn refuse(self, error: &StoreError) {
        let told = || StoreError::NotCommitted(error.to_string());
        for reply in self.callers.deciding {
            drop(reply.send(Err(told())));
        }
        for reply in self.callers.keeping {
            drop(reply.send(Err(told())));
        }
    }

    /// A group for each of its jobs: one poisonous command must not take its neighbours with it.
    pub(super) fn one_by_one(self) -> impl Iterator<Item = Self> {
        let Self { group, callers } = self;
        let deciding = group.tickets.into_iter().zip(callers.deciding).map(|(ticket, reply)| {
            let mut alone = Self::default();
            alone.decide(ticket, reply);
            alone
        });
        let keeping = group.refused.into_iter().zip(callers.keeping).map(|(refused, reply)| {
            let mut alone = Self::default();
            alone.keep(refused, reply);
            alone
        });
        deciding.chain(keeping)
    }

    fn decide(&mut self, ticket: Ticket, reply: Reply<Decided>) {
        self.group.tickets.push(ticket);
        self.callers.deciding.push(reply);
    }

    fn keep(&mut self, refused: (OrganizationId, RefusedId, RefusedReport), reply: Reply<()>) {
        self.group.refused.push(refused);
        self.callers.keeping.push(reply);
    }
}

/// Takes what is waiting, but at most so many, up to a command that wants a group of its own; that one is
/// left.
pub(super) fn gather(
    first: Request,
    queue: &mut mpsc::Receiver<Request>,
    group_max: usize,
) -> (Batch, Option<Request>) {
    let mut batch = Batch::default();
    let mut next = Some(first);
    while let Some(request) = next {
        match request {
            Request::Decide(ticket, reply) if ticket.is_report() || batch.is_empty() => {
                let is_alone = !ticket.is_report();
                batch.decide(*ticket, reply);
                if is_alone {
                    return (batch, None);
                }
            }
            Request::Keep(refused, reply) => batch.keep(*refused, reply),
            other => return (batch, Some(other)),
        }
        let is_full = batch.group.len() >= group_max;
        next = if is_full { None } else { queue.try_recv().ok() };
    }
    (batch, None)
}

/// Who hears of what was committed.
#[derive(Default)]
pub(super) struct Ears {
    pub listener: OnceLock<Listener>,
}
