//! Writing what a group of commands changed: many rows of each table at once.

use landfall_domain::id::{IdSource, OrganizationId};
use landfall_domain::snapshot::Snapshot;
use landfall_domain::time::Timestamp;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::heads::Revisions;
use crate::rows::event::StoredEvent;
use crate::rows::{audit, build, catalog, cell, deployment, event, organization, version};
use crate::writer::Committed;

/// What was written of one organization.
pub(crate) struct Saved {
    /// The events that were appended.
    pub events: Vec<StoredEvent>,
    /// By how much the revisions of its head were raised.
    pub raised: Revisions,
}

impl Saved {
    /// The events, for those who follow them; nothing if there are none.
    pub(crate) fn committed(self, organization: OrganizationId) -> Option<Committed> {
        let events = self.events;
        (!events.is_empty()).then_some(Committed { organization, events })
    }
}

/// Writes all changes of a snapshot.
pub(crate) fn save(
    db: &mut Connection,
    snapshot: &Snapshot,
    at: Timestamp,
    entropy: [u8; 16],
) -> Result<Saved, StoreError> {
    let id = snapshot.organization.id;
    catalog::save(db, id, &snapshot.catalog)?;
    version::save(db, id, snapshot.versions.changed().map(|(_, version)| version))?;
    build::save(db, id, snapshot.builds.changed().map(|(_, build)| build))?;
    deployment::save(db, id, snapshot.deployments.changed().map(|(_, deployment)| deployment))?;
    cell::save(db, id, snapshot.changed_cells(), at)?;
    cell::empty(db, id, &snapshot.emptied_environments, &snapshot.emptied_applications)?;
    let events: Vec<StoredEvent> =
        snapshot.events.iter().map(StoredEvent::of).collect::<Result<_, _>>()?;
    event::append(db, id, &events)?;
    let raised = raised(snapshot);
    if raised != Revisions::default() {
        organization::set_head(db, &snapshot.organization, raised)?;
    }
    if snapshot.is_organization_changed {
        organization::update(db, &snapshot.organization)?;
    }
    if !snapshot.audit.is_empty() {
        audit::append(db, &snapshot.audit, &mut IdSource::new(entropy))?;
    }
    Ok(Saved { events, raised })
}

/// What other nodes must know of: that nouns changed, or anything that they may have in memory.
fn raised(snapshot: &Snapshot) -> Revisions {
    let catalog = &snapshot.catalog;
    let are_nouns_changed = catalog.projects.changed().next().is_some()
        || catalog.applications.changed().next().is_some()
        || catalog.environments.changed().next().is_some()
        || catalog.teams.changed().next().is_some();
    let are_rows_changed = snapshot.versions.changed().next().is_some()
        || snapshot.builds.changed().next().is_some()
        || snapshot.deployments.changed().next().is_some()
        || snapshot.changed_cells().next().is_some()
        || !snapshot.emptied_environments.is_empty()
        || !snapshot.emptied_applications.is_empty()
        || !snapshot.events.is_empty();
    Revisions {
        rows: i64::from(are_rows_changed || are_nouns_changed),
        catalog: i64::from(are_nouns_changed),
    }
}
