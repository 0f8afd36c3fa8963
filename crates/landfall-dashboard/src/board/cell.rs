//! One cell of the matrix in words: what runs, since when, and what else happens there.

use std::ops::Range;
use std::time::Duration;

use landfall_domain::catalog::Environment;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_domain::view::StandingView;
use landfall_engine::board::{Board, Cell, Drift, Heat, Place, Row};
use uuid::Uuid;

use crate::filters::age;

/// What ages are told by.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub now: Timestamp,
    /// Without news for so long, what is in progress is stale.
    pub stale_after: Duration,
}

/// A cell as it is shown.
pub(crate) struct ShownCell {
    pub environment: String,
    /// The deployment that the cell leads to.
    pub deployment: Uuid,
    pub version: Option<String>,
    pub at: Option<Timestamp>,
    pub age: String,
    pub heat: &'static str,
    /// Whether it makes one band with its neighbours.
    pub joins: &'static str,
    pub marks: Vec<Mark>,
    pub drift: Option<ShownDrift>,
    /// Further parts of the environment.
    pub more: usize,
    pub title: String,
}

/// What happens beside what runs: a shape, a word and a version.
pub(crate) struct Mark {
    pub shape: &'static str,
    pub word: &'static str,
    pub class: &'static str,
    pub version: String,
}

/// How far a version lags, or that it runs ahead.
pub(crate) struct ShownDrift {
    pub class: &'static str,
    pub text: String,
    pub title: String,
}

/// The columns that a filter leaves of a board, and those of them that are in sight.
pub(super) struct Columns<'a> {
    pub environments: Vec<&'a Environment>,
    pub in_sight: Range<usize>,
}

/// The cells of the columns in sight.
pub(super) fn cells_of(row: &Row, columns: &Columns<'_>, clock: Clock) -> Vec<Option<ShownCell>> {
    let mut rest = row.cells.as_slice();
    let found: Vec<Option<&Cell>> =
        columns.environments.iter().map(|it| take(&mut rest, it)).collect();
    let in_sight = columns.in_sight.clone().map(|index| {
        let cell = (*found.get(index)?)?;
        shown_cell(cell, columns.environments.get(index)?, joins(&found, index), clock)
    });
    in_sight.collect()
}

/// The cell of an environment, from what is left of a row. Both come in one order, so what lies before
/// it belongs to columns that are left out.
fn take<'a>(rest: &mut &'a [Cell], environment: &Environment) -> Option<&'a Cell> {
    let index = rest.iter().position(|cell| cell.environment == environment.id)?;
    let (found, after) = rest[index..].split_first()?;
    *rest = after;
    Some(found)
}

/// How a cell makes one band with those beside it. A gap between two equal versions, or a first
/// column, begins a band of its own.
fn joins(cells: &[Option<&Cell>], index: usize) -> &'static str {
    let is_joined =
        |index: usize| cells.get(index).is_some_and(|cell| cell.is_some_and(|cell| cell.is_joined));
    let is_left = index > 0 && is_joined(index) && cells[index - 1].is_some();
    match (is_left, is_joined(index + 1)) {
        (true, true) => "joined joins",
        (true, false) => "joined",
        (false, true) => "joins",
        (false, false) => "",
    }
}

fn shown_cell(
    cell: &Cell,
    environment: &Environment,
    joins: &'static str,
    clock: Clock,
) -> Option<ShownCell> {
    let current = cell.current();
    let marks: Vec<Mark> = cell.places.iter().flat_map(|place| marks(place, clock)).collect();
    let first = cell.first()?;
    Some(ShownCell {
        environment: environment.code.to_string(),
        deployment: first.deployment_id,
        version: current.map(|current| current.version.clone()),
        at: Some(first.at),
        age: age(first.at, clock.now),
        heat: match cell.heat {
            Heat::Newest => "newest",
            Heat::Second => "second",
            Heat::Old => "",
        },
        joins,
        marks,
        drift: cell.drift.map(drift),
        more: cell.places.len() - 1,
        title: title(first),
    })
}

fn marks(place: &Place, clock: Clock) -> impl Iterator<Item = Mark> {
    let is_stale = place.open_news_at.is_some_and(|at| clock.now.since(at) > clock.stale_after);
    let open = place.view.in_progress.as_ref().map(move |open| {
        let (shape, word, class) = match open.status {
            _ if is_stale => ("◌", "stale", "stale"),
            Status::Pending => ("○", "pending", "pending"),
            _ => ("◐", "in progress", "started"),
        };
        Mark { shape, word, class, version: open.version.clone() }
    });
    let failed = place.view.failed.as_ref().map(|failed| Mark {
        shape: "✕",
        word: "failed",
        class: "failed",
        version: failed.version.clone(),
    });
    open.into_iter().chain(failed)
}

/// What happens in a cell beside what runs.
pub(crate) fn marks_of(cell: &Cell, board: &Board, now: Timestamp) -> Vec<Mark> {
    let clock = Clock { now, stale_after: board.stale_after };
    cell.places.iter().flat_map(|place| marks(place, clock)).collect()
}

fn drift(drift: Drift) -> ShownDrift {
    match drift {
        Drift::Behind(versions) => ShownDrift {
            class: "behind",
            text: format!("▼ {versions}"),
            title: format!("behind the environment before it by {versions} versions"),
        },
        Drift::Hotfix => ShownDrift {
            class: "hotfix",
            text: "▲ hotfix".to_owned(),
            title: "has a version that the environment before it lacks".to_owned(),
        },
    }
}

fn title(standing: &StandingView) -> String {
    let mut title = format!("{} {}", standing.version, standing.status.as_str());
    if let Some(by) = &standing.by {
        title.push_str(" by ");
        title.push_str(by);
    }
    if let Some(sha) = &standing.commit_sha {
        title.push_str(", commit ");
        title.push_str(&sha[..sha.len().min(10)]);
    }
    title
}
