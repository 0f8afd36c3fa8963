//! The four numbers above the matrix, each of which filters it.

use landfall_domain::time::Timestamp;
use landfall_engine::board::Board;

use super::filter::{Filter, Show};

/// How many rows have something in common, and the link that shows only them, or all again.
pub(super) struct Number {
    pub count: usize,
    pub words: &'static str,
    pub href: String,
    pub is_on: bool,
}

/// The numbers of the rows that the rest of a filter shows.
pub(super) fn numbers_of(board: &Board, filter: &Filter, now: Timestamp) -> Vec<Number> {
    let named: Vec<_> = board.rows.iter().filter(|row| filter.names(row)).collect();
    let number = |show: Show| {
        let is_on = filter.shown() == Some(show);
        Number {
            count: named.iter().filter(|row| show.holds(row, now)).count(),
            words: show.title(),
            href: filter.href((!is_on).then_some(show)),
            is_on,
        }
    };
    Show::ALL.map(number).into()
}
