//! The board: what runs where, with how far each version has come, kept in memory for who looks.
//!
//! A board is made when somebody first looks at an organization, and brought up to date when
//! somebody looks again: only the rows that the log names since, and those that a change of the columns
//! touches, are read anew. Nobody looks, nothing is done.

mod activity;
mod build;
mod columns;
mod row;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use landfall_domain::access::Scope;
use landfall_domain::catalog::Environment;
use landfall_domain::id::{ApplicationId, OrganizationId};

pub use self::activity::{ACTIVITY_A_DAY_MAX, ACTIVITY_DAYS, Activity};
pub use self::row::{Cell, Drift, Heat, Place, Row};
use crate::access::Caller;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lock::lock;

/// What runs where in one organization.
#[derive(Debug)]
pub struct Board {
    /// The number of the last event that it holds.
    pub sequence: u64,
    /// How often the nouns had been changed by then; not every change of them is an event.
    pub(crate) catalog_revision: i64,
    /// The columns, in the order of promotion; archived environments are left out.
    pub environments: Vec<Environment>,
    /// The rows, by project and name.
    pub rows: Vec<Arc<Row>>,
    /// Without news for so long, what is in progress is stale.
    pub stale_after: Duration,
}

impl Board {
    /// The row of an application.
    pub fn row(&self, id: ApplicationId) -> Option<&Arc<Row>> {
        self.rows.iter().find(|row| row.application.id == id)
    }

    /// The cells of a row with their environments, in the order of the columns.
    pub fn cells<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'a Environment, &'a Cell)> {
        let mut cells = row.cells.iter().peekable();
        self.environments.iter().filter_map(move |environment| {
            cells.next_if(|cell| cell.environment == environment.id).map(|cell| (environment, cell))
        })
    }
}

/// The boards that somebody looked at.
#[derive(Default)]
pub(crate) struct Boards {
    known: Mutex<HashMap<OrganizationId, Arc<Board>>>,
}

impl Boards {
    /// More organizations than this are forgotten, all at once.
    const ORGANIZATIONS_MAX: usize = 1_000;

    fn find(&self, id: OrganizationId) -> Option<Arc<Board>> {
        lock(&self.known).get(&id).cloned()
    }

    /// Keeps a board, unless a later one is kept.
    fn keep(&self, id: OrganizationId, board: &Arc<Board>) {
        let mut known = lock(&self.known);
        if known.len() >= Self::ORGANIZATIONS_MAX {
            known.clear();
        }
        let kept = known.entry(id).or_insert_with(|| Arc::clone(board));
        let age = |board: &Board| (board.sequence, board.catalog_revision);
        if age(kept) < age(board) {
            *kept = Arc::clone(board);
        }
    }
}

impl Engine {
    /// What runs where, as of now.
    pub async fn board(&self, caller: &Caller) -> Result<Arc<Board>, EngineError> {
        caller.require(Scope::Read)?;
        let id = caller.organization;
        let known = self.shared.boards.find(id);
        let reader = &self.shared.store.reader;
        let board = reader.read(move |db| build::up_to_date(db, id, known)).await?;
        self.shared.boards.keep(id, &board);
        Ok(board)
    }
}
