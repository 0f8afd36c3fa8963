//! One cell of the matrix in words: what runs, since when, and what else happens there.

use std::time::Duration;

use landfall_domain::catalog::Environment;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_domain::view::StandingView;
use landfall_engine::board::{Cell, Drift, Heat, Place, Row};
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

/// The cells of the columns that are shown.
pub(super) fn cells_of(
    row: &Row,
    environments: &[Environment],
    columns: &[bool],
    clock: Clock,
) -> Vec<Option<ShownCell>> {
    let shown = row.cells.iter().zip(environments).zip(columns);
    let shown: Vec<_> = shown.filter(|(_, is_shown)| **is_shown).map(|(pair, _)| pair).collect();
    let joined: Vec<bool> =
        shown.iter().map(|(cell, _)| cell.as_ref().is_some_and(|cell| cell.is_joined)).collect();
    let mut cells = Vec::with_capacity(shown.len());
    for (index, (cell, environment)) in shown.into_iter().enumerate() {
        // A gap between two equal versions, or a first column, begins a band of its own.
        let is_left = index > 0 && joined[index] && cells.last().is_some_and(Option::is_some);
        let is_right = joined.get(index + 1) == Some(&true);
        let joins = match (is_left, is_right) {
            (true, true) => "joined joins",
            (true, false) => "joined",
            (false, true) => "joins",
            (false, false) => "",
        };
        cells.push(cell.as_ref().and_then(|cell| shown_cell(cell, environment, joins, clock)));
    }
    cells
}

fn shown_cell(
    cell: &Cell,
    environment: &Environment,
    joins: &'static str,
    clock: Clock,
) -> Option<ShownCell> {
    let current = cell.current();
    let marks: Vec<Mark> = cell.places.iter().flat_map(|place| marks(place, clock)).collect();
    let first = current.or_else(|| cell.places.iter().find_map(open_or_failed))?;
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

fn open_or_failed(place: &Place) -> Option<&StandingView> {
    place.view.in_progress.as_ref().or(place.view.failed.as_ref())
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
