//! The lines of the matrix that are in sight: projects as headings, applications as rows.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use landfall_domain::catalog::Environment;
use landfall_domain::id::ApplicationId;
use landfall_domain::time::Timestamp;
use landfall_engine::board::{Board, Row};
use uuid::Uuid;

use super::cell::{Clock, ShownCell, cells_of};
use super::filter::Filter;

/// A part of the matrix, as it is shown.
pub(crate) struct Window {
    pub environments: Vec<Column>,
    pub lines: Vec<Line>,
    /// The number of its first line.
    pub from: usize,
    /// Lines of the whole matrix.
    pub lines_total: usize,
}

impl Window {
    /// Tells columns from other ones: a page whose rows no longer fit its head loads itself again.
    pub(super) fn columns(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.environments.iter().for_each(|it| (it.id, &it.code).hash(&mut hasher));
        format!("{:016x}", hasher.finish())
    }
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

/// A line before it is put into words.
enum Plain<'a> {
    Project(&'a str),
    Application(&'a Arc<Row>),
}

impl Window {
    /// The lines of a filtered board from a number on.
    pub(super) fn of(
        board: &Board,
        filter: &Filter,
        (from, count): (usize, usize),
        now: Timestamp,
    ) -> Self {
        let columns: Vec<bool> = board.environments.iter().map(|e| filter.wants(e)).collect();
        let lines = lines_of(board, filter, now);
        let lines_total = lines.len();
        let from = from.min(lines_total);
        let shown = lines.into_iter().skip(from).take(count).map(|line| match line {
            Plain::Project(name) => Line::Project(name.to_owned()),
            Plain::Application(row) => Line::Application(ShownRow {
                id: row.application.id.uuid(),
                name: row.application.name.to_string(),
                cells: cells_of(
                    row,
                    &board.environments,
                    &columns,
                    Clock { now, stale_after: board.stale_after },
                ),
            }),
        });
        let environments = board.environments.iter().zip(&columns);
        Self {
            lines: shown.collect(),
            environments: environments
                .filter(|(_, is_shown)| **is_shown)
                .map(|(e, _)| e.into())
                .collect(),
            from,
            lines_total,
        }
    }
}

impl Window {
    /// The one row of an application, if it is on the board.
    pub(crate) fn of_one(board: &Board, id: ApplicationId, now: Timestamp) -> Option<Self> {
        let row = board.row(id)?;
        let columns = vec![true; board.environments.len()];
        let clock = Clock { now, stale_after: board.stale_after };
        let shown = ShownRow {
            id: row.application.id.uuid(),
            name: row.application.name.to_string(),
            cells: cells_of(row, &board.environments, &columns, clock),
        };
        Some(Self {
            environments: board.environments.iter().map(Column::from).collect(),
            lines: vec![Line::Application(shown)],
            from: 0,
            lines_total: 1,
        })
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
