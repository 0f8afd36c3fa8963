//! One application on the board: what runs of it in each environment, and how that compares.

use std::sync::{Arc, Mutex};

use landfall_domain::catalog::{Application, Project};
use landfall_domain::id::EnvironmentId;
use landfall_domain::time::Timestamp;
use landfall_domain::view::{CellView, StandingView};
use uuid::Uuid;

use super::activity::Activity;
use super::columns::Columns;

/// One application and what runs of it.
#[derive(Debug)]
pub struct Row {
    /// Its project.
    pub project: Arc<Project>,
    /// The application.
    pub application: Application,
    /// The code of the team that it belongs to, by itself or by its project.
    pub team: Option<String>,
    /// Its cells, in the order of the columns; where nothing runs there is none.
    pub cells: Vec<Cell>,
    /// How often it was deployed lately, once somebody looked.
    pub(super) activity: Mutex<Option<Arc<Activity>>>,
}

/// What runs of an application in one environment.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The environment.
    pub environment: EnvironmentId,
    /// Its parts, by the name of the target; the first is shown where there is room for one only.
    pub places: Vec<Place>,
    /// How new its version is among those of the row.
    pub heat: Heat,
    /// The nearest environment to its left that runs something runs the same.
    pub is_joined: bool,
    /// How it differs from that one.
    pub drift: Option<Drift>,
}

/// What runs of an application in one part of an environment.
#[derive(Clone, Debug)]
pub struct Place {
    /// The part; empty if none was named.
    pub target: String,
    /// What runs there.
    pub view: CellView,
    /// When something was last heard of the deployment in progress.
    pub open_news_at: Option<Timestamp>,
}

/// How new a version is among those that a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heat {
    /// The newest.
    Newest,
    /// The one before.
    Second,
    /// Older, or nothing runs.
    Old,
}

/// How an environment's version differs from that of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drift {
    /// Behind by so many versions.
    Behind(u64),
    /// It runs a newer one, which the one before it lacks.
    Hotfix,
}

impl Cell {
    /// The deployment that is current in the part that is shown first.
    pub fn current(&self) -> Option<&StandingView> {
        self.places.iter().find_map(|place| place.view.current.as_ref())
    }

    /// The deployment that is told first: what runs, or else what goes on or failed.
    pub fn first(&self) -> Option<&StandingView> {
        let mut views = self.places.iter().map(|place| &place.view);
        self.current()
            .or_else(|| views.find_map(|view| view.in_progress.as_ref().or(view.failed.as_ref())))
    }

    fn version(&self) -> Option<Uuid> {
        self.current().map(|standing| standing.version_id)
    }
}

impl Row {
    /// Whether it holds something that drifted.
    pub fn is_drifted(&self) -> bool {
        self.cells.iter().any(|cell| cell.drift.is_some())
    }

    /// Whether a deployment is in progress somewhere.
    pub fn is_in_progress(&self) -> bool {
        self.places().any(|place| place.view.in_progress.is_some())
    }

    /// Whether the last deployment failed somewhere.
    pub fn is_failing(&self) -> bool {
        self.places().any(|place| place.view.failed.is_some())
    }

    fn places(&self) -> impl Iterator<Item = &Place> {
        self.cells.iter().flat_map(|cell| &cell.places)
    }

    /// Compares the cells with each other. `between` counts the versions from an older one to a
    /// newer one.
    pub(super) fn compare<E>(
        &mut self,
        columns: &Columns,
        mut between: impl FnMut(Uuid, Uuid) -> Result<u64, E>,
    ) -> Result<(), E> {
        // What was made for one change says nothing of how far a release has come.
        let cells = self.cells.iter_mut();
        let mut cells: Vec<&mut Cell> =
            cells.filter(|cell| columns.travels(cell.environment)).collect();
        tint(&mut cells);
        let mut before: Option<Uuid> = None;
        for cell in cells {
            let Some(version) = cell.version() else { continue };
            cell.is_joined = before == Some(version);
            cell.drift = match before {
                Some(left) if left > version => Some(Drift::Behind(between(version, left)?)),
                Some(left) if left < version => Some(Drift::Hotfix),
                _ => None,
            };
            before = Some(version);
        }
        Ok(())
    }
}

/// Ids of versions sort by time, so the greatest is the newest.
fn tint(cells: &mut [&mut Cell]) {
    let mut versions: Vec<Uuid> = cells.iter().filter_map(|cell| cell.version()).collect();
    versions.sort_unstable();
    versions.dedup();
    let newest = versions.pop();
    let second = versions.pop();
    for cell in cells {
        cell.heat = match cell.version() {
            None => Heat::Old,
            version if version == newest => Heat::Newest,
            version if version == second => Heat::Second,
            Some(_) => Heat::Old,
        };
    }
}
