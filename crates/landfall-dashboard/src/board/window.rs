//! The part of the matrix that is in sight: projects as headings, applications as rows, and of these
//! only some columns.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use landfall_domain::catalog::Environment;
use landfall_domain::id::ApplicationId;
use landfall_domain::time::Timestamp;
use landfall_engine::board::{Activity, Board, Row};
use uuid::Uuid;

use super::cell::{Clock, Columns, ShownCell, cells_of};
use super::days::Days;
use super::filter::Filter;

/// Which lines and columns are asked for.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    pub from: usize,
    pub lines: usize,
    pub left: usize,
    pub columns: usize,
}

/// A part of the matrix, as it is shown.
pub(crate) struct Window {
    pub environments: Vec<Column>,
    pub lines: Vec<Line>,
    /// The number of its first line.
    pub from: usize,
    /// Lines of the whole matrix.
    pub lines_total: usize,
    /// The columns of which it holds cells.
    pub in_sight: Range<usize>,
    /// Whether rows end with how often their application was deployed lately.
    pub has_days: bool,
}

/// One line.
pub(crate) enum Line {
    /// The heading of a project.
    Project(String),
    /// An application.
    Application(ShownRow),
}

/// A row as it is shown.
pub(crate) struct ShownRow {
    pub id: Uuid,
    pub name: String,
    pub cells: Vec<Option<ShownCell>>,
    pub days: Option<Days>,
}

/// A column as it is shown.
pub(crate) struct Column {
    pub id: Uuid,
    pub code: String,
    pub title: String,
}

impl From<&Environment> for Column {
    fn from(environment: &Environment) -> Self {
        let title = format!("{} · {}", environment.name, environment.kind.as_str());
        Self { id: environment.id.uuid(), code: environment.code.to_string(), title }
    }
}

/// A part of a filtered board, before it is put into words.
pub(super) struct Part<'a> {
    lines: Vec<Plain<'a>>,
    columns: Columns<'a>,
    from: usize,
    lines_total: usize,
    clock: Clock,
}

enum Plain<'a> {
    Project(&'a str),
    Application(&'a Arc<Row>),
}

impl<'a> Part<'a> {
    /// What is in sight of a board.
    pub(super) fn of(board: &'a Board, filter: &Filter, sight: Sight, now: Timestamp) -> Self {
        let environments: Vec<_> =
            board.environments.iter().filter(|environment| filter.wants(environment)).collect();
        let left = sight.left.min(environments.len());
        let in_sight = left..environments.len().min(left.saturating_add(sight.columns));
        let lines = lines_of(board, filter, now);
        let lines_total = lines.len();
        let from = sight.from.min(lines_total);
        Self {
            lines: lines.into_iter().skip(from).take(sight.lines).collect(),
            columns: Columns { environments, in_sight },
            from,
            lines_total,
            clock: Clock { now, stale_after: board.stale_after },
        }
    }

    /// Its rows.
    pub(super) fn rows(&self) -> Vec<Arc<Row>> {
        let rows = self.lines.iter().filter_map(|line| match line {
            Plain::Project(_) => None,
            Plain::Application(row) => Some(Arc::clone(row)),
        });
        rows.collect()
    }

    /// In words; `activity` is that of its rows.
    pub(super) fn shown(self, activity: &[Arc<Activity>]) -> Window {
        let Self { lines, columns, from, lines_total, clock } = self;
        let mut activity = activity.iter();
        let lines = lines.into_iter().map(|line| match line {
            Plain::Project(name) => Line::Project(name.to_owned()),
            Plain::Application(row) => {
                let days = activity.next().map(|activity| Days::of(activity));
                Line::Application(shown_row(row, &columns, days, clock))
            }
        });
        Window {
            lines: lines.collect(),
            environments: columns.environments.iter().map(|it| Column::from(*it)).collect(),
            from,
            lines_total,
            in_sight: columns.in_sight,
            has_days: true,
        }
    }
}

fn shown_row(row: &Row, columns: &Columns<'_>, days: Option<Days>, clock: Clock) -> ShownRow {
    ShownRow {
        id: row.application.id.uuid(),
        name: row.application.name.to_string(),
        cells: cells_of(row, columns, clock),
        days,
    }
}

impl Window {
    /// The one row of an application, if it is on the board.
    pub(crate) fn of_one(board: &Board, id: ApplicationId, now: Timestamp) -> Option<Self> {
        let row = board.row(id)?;
        let in_sight = 0..board.environments.len();
        let columns = Columns {
            environments: board.environments.iter().collect(),
            in_sight: in_sight.clone(),
        };
        let clock = Clock { now, stale_after: board.stale_after };
        Some(Self {
            environments: board.environments.iter().map(Column::from).collect(),
            lines: vec![Line::Application(shown_row(row, &columns, None, clock))],
            from: 0,
            lines_total: 1,
            in_sight,
            has_days: false,
        })
    }

    /// Tells columns from other ones: a page whose rows no longer fit its head loads itself again.
    pub(super) fn columns(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.environments.iter().for_each(|it| (it.id, &it.code).hash(&mut hasher));
        format!("{:016x}", hasher.finish())
    }

    /// Cells of a row from end to end.
    pub(crate) fn width(&self) -> usize {
        1 + self.environments.len() + usize::from(self.has_days)
    }

    /// Columns after those in sight.
    pub(crate) fn columns_after(&self) -> usize {
        self.environments.len() - self.in_sight.end
    }

    /// The number of the line after its last one.
    pub(super) fn until(&self) -> usize {
        self.from + self.lines.len()
    }
}

fn lines_of<'a>(board: &'a Board, filter: &Filter, now: Timestamp) -> Vec<Plain<'a>> {
    let mut lines = Vec::new();
    let mut project = None;
    for row in board.rows.iter().filter(|row| filter.holds(row, now)) {
        if project != Some(row.project.id) {
            project = Some(row.project.id);
            lines.push(Plain::Project(row.project.name.as_str()));
        }
        lines.push(Plain::Application(row));
    }
    lines
}
