//! The rows of what a group of commands changed: many of each table at once.

use landfall_domain::changes::Changes;
use landfall_domain::id::IdSource;
use landfall_domain::time::Timestamp;

use crate::driver::Drafting;
use crate::error::StoreError;
use crate::heads::{Guard, Revisions};
use crate::rows::event::StoredEvent;
use crate::rows::{audit, build, catalog, cell, deployment, event, organization, version};

/// What a group changes of one organization.
pub(crate) struct Part {
    pub changes: Changes,
    /// By how much the revisions of its head are raised.
    pub raised: Revisions,
    /// What its head must still be, if nobody held it meanwhile.
    pub guard: Option<Guard>,
    /// When the last of the commands arrived.
    pub at: Timestamp,
    /// For the ids of what is stored beside.
    pub entropy: [u8; 16],
}

impl Part {
    pub(crate) fn new(changes: Changes, at: Timestamp, entropy: [u8; 16]) -> Self {
        let raised = raised(&changes);
        Self { changes, raised, guard: None, at, entropy }
    }

    /// The number of the first event that is appended, or would be.
    pub(crate) const fn first_sequence(&self) -> u64 {
        self.changes.organization.next_sequence - self.changes.events.len() as u64
    }

    /// Drafts its rows, and returns the events that they append.
    pub(crate) fn save(&self, draft: &mut Drafting<'_>) -> Result<Vec<StoredEvent>, StoreError> {
        let Self { changes, raised, guard, at, entropy } = self;
        let id = changes.organization.id;
        // First, so that others wait from here on, or it fails here.
        if let Some(guard) = guard {
            organization::set_head_guarded(draft, &changes.organization, *raised, guard)?;
        }
        catalog::save(draft, id, &changes.nouns)?;
        version::save(draft, id, &changes.versions)?;
        build::save(draft, id, &changes.builds)?;
        deployment::save(draft, id, &changes.deployments)?;
        cell::save(draft, id, &changes.cells, *at)?;
        cell::empty(draft, id, &changes.emptied_environments, &changes.emptied_applications)?;
        let events: Vec<StoredEvent> =
            changes.events.iter().map(StoredEvent::of).collect::<Result<_, _>>()?;
        event::append(draft, id, &events)?;
        if guard.is_none() && *raised != Revisions::default() {
            organization::set_head(draft, &changes.organization, *raised)?;
        }
        if changes.is_organization_changed {
            organization::update(draft, &changes.organization)?;
        }
        if !changes.audit.is_empty() {
            audit::save(draft, &changes.audit, &mut IdSource::new(*entropy))?;
        }
        Ok(events)
    }
}

/// What other nodes must know of: that nouns changed, or anything that they may have in memory.
fn raised(changes: &Changes) -> Revisions {
    Revisions {
        rows: i64::from(!changes.are_unseen() || changes.is_organization_changed),
        catalog: i64::from(!changes.nouns.is_empty()),
    }
}
