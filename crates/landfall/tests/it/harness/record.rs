//! Everything that one organization has stored, read at one moment.

use std::collections::BTreeMap;
use std::path::Path;

use landfall_domain::catalog::Catalog;
use landfall_domain::deployment::Place;
use landfall_domain::id::OrganizationId;
use landfall_domain::version::Version;
use landfall_domain::view::{BuildView, CellView, DeploymentView};
use landfall_engine::organizations::FIRST_SLUG;
use landfall_store::queries::{Page, builds, deployments, status, versions};
use landfall_store::rows::{catalog, event, organization};
use landfall_store::{Connection, StoreError, StoredEvent};

use super::open_store;

/// More than any test stores.
const ALL: i64 = 1_000_000;

/// Everything that one organization has stored.
#[derive(Debug)]
pub(crate) struct Record {
    /// The number of the last event.
    pub(crate) head: u64,
    pub(crate) catalog: Catalog,
    pub(crate) versions: Vec<Version>,
    pub(crate) builds: Vec<BuildView>,
    pub(crate) deployments: Vec<DeploymentView>,
    pub(crate) cells: BTreeMap<Place, CellView>,
    pub(crate) events: Vec<StoredEvent>,
}

impl Record {
    /// What the first organization of a data directory has, which no server may have open.
    pub(crate) async fn of(directory: &Path) -> Self {
        let store = open_store(directory);
        let read = store.reader.read(|db| {
            let first = organization::find_by_slug(db, FIRST_SLUG)?;
            Self::read(db, first.expect("it was served once").id)
        });
        let record = read.await.unwrap();
        store.close();
        record
    }

    pub(crate) fn read(db: &mut Connection, id: OrganizationId) -> Result<Self, StoreError> {
        let organization = organization::find(db, id)?.expect("the organization is there");
        let mut cells = BTreeMap::new();
        status::all(db, id, |cell| {
            let target = cell.target.to_owned();
            let place =
                Place { application: cell.application, environment: cell.environment, target };
            cells.insert(place, serde_json::from_str(cell.shown).unwrap());
        })?;
        Ok(Self {
            head: organization.next_sequence - 1,
            catalog: catalog::load(db, id)?,
            versions: versions::list(db, id, None, Page::first(ALL))?,
            builds: builds::list(db, id, &builds::Filter::default(), Page::first(ALL))?,
            deployments: deployments::list(
                db,
                id,
                &deployments::Filter::default(),
                Page::first(ALL),
            )?,
            cells,
            events: event::after(db, id, 0, ALL)?,
        })
    }

    /// How much there is of everything; equal before and after what stores nothing.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 6] {
        [
            ("last event", self.head),
            ("applications", self.catalog.applications.len() as u64),
            ("environments", self.catalog.environments.len() as u64),
            ("versions", self.versions.len() as u64),
            ("builds", self.builds.len() as u64),
            ("deployments", self.deployments.len() as u64),
        ]
    }

    /// The types of all events, in order.
    pub(crate) fn told(&self) -> Vec<&str> {
        self.events.iter().map(|event| &*event.kind).collect()
    }

    /// Panics unless the log is numbered from 1 without gaps, up to its head.
    pub(crate) fn assert_gapless(&self) {
        let numbers: Vec<u64> = self.events.iter().map(|event| event.sequence).collect();
        let wanted: Vec<u64> = (1..=self.head).collect();
        assert_eq!(numbers, wanted, "the log has gaps or doubles");
    }

    /// Panics unless each cell shows the latest completed deployment of its place.
    pub(crate) fn assert_cells_are_current(&self) {
        let mut latest: BTreeMap<Place, &DeploymentView> = BTreeMap::new();
        for found in self.deployments.iter().filter(|found| is_completed(found)) {
            let place = place_of(found);
            let known = latest.get(&place).and_then(|known| known.run.ended_at);
            if known.is_none_or(|known| Some(known) < found.run.ended_at) {
                latest.insert(place, found);
            }
        }
        let current = |cell: &CellView| cell.current.as_ref().map(|current| current.deployment_id);
        let shown: Vec<_> =
            self.cells.iter().filter_map(|(place, cell)| Some((place, current(cell)?))).collect();
        let wanted: Vec<_> = latest.iter().map(|(place, found)| (place, found.run.id)).collect();
        assert_eq!(shown, wanted, "cells differ from the latest completed deployments");
    }
}

fn is_completed(found: &DeploymentView) -> bool {
    found.run.status.as_str() == "completed" && found.run.voided.is_none()
}

fn place_of(found: &DeploymentView) -> Place {
    Place {
        application: landfall_domain::id::Id::from_uuid(found.application.id),
        environment: landfall_domain::id::Id::from_uuid(found.environment.id),
        target: found.target.clone(),
    }
}
