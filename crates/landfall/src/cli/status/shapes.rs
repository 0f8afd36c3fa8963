//! The matrix as the server sends it.

use serde::Deserialize;

use super::super::shapes::{Named, Standing};

/// What runs where.
#[derive(Debug, Deserialize)]
pub(super) struct Matrix {
    /// The number of the last event that it holds.
    pub sequence: u64,
    /// The columns, in the server's order.
    pub environments: Vec<Column>,
    /// The rows, by project and name.
    pub applications: Vec<Line>,
}

/// An environment.
#[derive(Debug, Deserialize)]
pub(super) struct Column {
    pub code: String,
}

/// An application.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub name: String,
    pub project: Named,
    pub cells: Vec<Cell>,
}

/// What runs of an application in one environment, or in one target of it.
#[derive(Debug, Deserialize)]
pub(super) struct Cell {
    pub environment: String,
    #[serde(default)]
    pub target: String,
    #[serde(default)]
    pub stale: bool,
    #[serde(default)]
    pub current: Option<Standing>,
    #[serde(default)]
    pub in_progress: Option<Standing>,
    #[serde(default)]
    pub failed: Option<Standing>,
}

impl Matrix {
    /// Whether rows must say which project they belong to.
    pub(super) fn has_several_projects(&self) -> bool {
        let mut projects = self.applications.iter().map(|line| &line.project);
        let first = projects.next();
        projects.any(|project| Some(project) != first)
    }
}

impl Line {
    /// The cells in an environment, one for each target.
    pub(super) fn cells_in(&self, code: &str) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(move |cell| cell.environment == code)
    }
}
