//! Writing what a group of commands changed: many rows of each table at once.

use landfall_domain::id::IdSource;
use landfall_domain::snapshot::Snapshot;
use landfall_domain::time::Timestamp;

use crate::driver::Connection;
use crate::error::StoreError;
use crate::rows::event::StoredEvent;
use crate::rows::{audit, build, catalog, cell, deployment, event, organization, version};

/// Writes all changes of a snapshot, and returns the events it appended.
pub(crate) fn save(
    db: &mut Connection,
    snapshot: &Snapshot,
    at: Timestamp,
    entropy: [u8; 16],
) -> Result<Vec<StoredEvent>, StoreError> {
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
    if !events.is_empty() {
        organization::set_head(db, &snapshot.organization)?;
    }
    if snapshot.is_organization_changed {
        organization::update(db, &snapshot.organization)?;
    }
    if !snapshot.audit.is_empty() {
        audit::append(db, &snapshot.audit, &mut IdSource::new(entropy))?;
    }
    Ok(events)
}
