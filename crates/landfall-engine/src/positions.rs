//! Moving an environment among those of its type.

use landfall_domain::access::Scope;
use landfall_domain::catalog::Environment;
use landfall_domain::command::{Command, EnvironmentEdit};
use landfall_domain::id::EnvironmentId;
use landfall_domain::refusal::Refusal;

use crate::access::Caller;
use crate::catalog::environments_in_order;
use crate::engine::Engine;
use crate::error::EngineError;

/// Which way an environment moves in the order of promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Before the one that is before it.
    Earlier,
    /// After the one that is after it.
    Later,
}

impl Engine {
    /// Moves an environment past its neighbour of the same type; at the end of them it stays.
    ///
    /// Positions are numbered anew, and only environments whose number changes are edited. Each edit
    /// stands alone: if one fails, what was done until then is an order all the same.
    pub async fn move_environment(
        &self,
        caller: &Caller,
        id: EnvironmentId,
        direction: Direction,
    ) -> Result<(), EngineError> {
        caller.require(Scope::Manage)?;
        let catalog = self.catalog(caller).await?;
        let moved = catalog.environments.get(id);
        let kind = moved.ok_or_else(|| Refusal::not_found("environment", &id))?.kind;
        let mut order: Vec<&Environment> = environments_in_order(&catalog);
        order.retain(|found| found.kind == kind && found.archived_at.is_none());
        for (id, position) in positions_after(&order, id, direction) {
            let edit = EnvironmentEdit { position: Some(position), ..EnvironmentEdit::default() };
            self.manage(caller, Command::EditEnvironment(id, edit)).await?;
        }
        Ok(())
    }
}

/// The positions that change when one of them moves.
fn positions_after(
    order: &[&Environment],
    id: EnvironmentId,
    direction: Direction,
) -> Vec<(EnvironmentId, i64)> {
    let mut order = order.to_vec();
    let Some(place) = order.iter().position(|found| found.id == id) else { return Vec::new() };
    let neighbour = match direction {
        Direction::Earlier => place.checked_sub(1),
        Direction::Later => Some(place + 1).filter(|next| *next < order.len()),
    };
    let Some(neighbour) = neighbour else { return Vec::new() };
    order.swap(place, neighbour);
    let numbered = (0..).zip(order);
    numbered.filter(|(n, found)| found.position != *n).map(|(n, found)| (found.id, n)).collect()
}
