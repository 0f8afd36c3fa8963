//! The columns of a board, and whether rows that were made for other columns still fit.

use std::collections::HashMap;

use landfall_domain::catalog::{Catalog, Environment};
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::EnvironmentId;

use super::row::Row;
use crate::catalog::environments_in_order;

/// What a row must know of the columns.
pub(super) struct Columns {
    pub environments: Vec<Environment>,
    /// Where each environment stands, and whether releases travel through it.
    places: HashMap<EnvironmentId, (usize, bool)>,
}

impl Columns {
    pub(super) fn of(catalog: &Catalog) -> Self {
        let live = environments_in_order(catalog).into_iter();
        let live = live.filter(|environment| environment.archived_at.is_none());
        Self::new(live.cloned().collect())
    }

    pub(super) fn new(environments: Vec<Environment>) -> Self {
        let travels = |environment: &Environment| environment.kind != EnvironmentType::Preview;
        let places = environments.iter().enumerate();
        let places = places.map(|(index, it)| (it.id, (index, travels(it)))).collect();
        Self { environments, places }
    }

    /// Which column it is; none if it is not shown.
    pub(super) fn index(&self, environment: EnvironmentId) -> Option<usize> {
        self.places.get(&environment).map(|(index, _)| *index)
    }

    /// Whether releases travel through it on their way to production.
    pub(super) fn travels(&self, environment: EnvironmentId) -> bool {
        self.places.get(&environment).is_some_and(|(_, travels)| *travels)
    }

    /// The environments that were no columns before.
    pub(super) fn new_since(&self, before: &Self) -> Vec<EnvironmentId> {
        let ids = self.environments.iter().map(|environment| environment.id);
        ids.filter(|id| before.index(*id).is_none()).collect()
    }

    /// Whether a row says the same under these columns as under those that it was made for: they
    /// hold all of its cells, in the same order and of the same kind.
    pub(super) fn fit(&self, row: &Row, before: &Self) -> bool {
        let stay = |id| self.index(id).is_some() && self.travels(id) == before.travels(id);
        row.cells.iter().all(|cell| stay(cell.environment))
            && row.cells.is_sorted_by_key(|cell| self.index(cell.environment))
    }
}
