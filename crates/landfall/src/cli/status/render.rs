//! The matrix as text: a table where it fits, else a list by application.

use landfall_domain::time::Timestamp;

use super::super::age::age;
use super::super::output::{FAILED, IN_PROGRESS, STALE};
use super::super::shapes::Standing;
use super::super::table::{table, width};
use super::shapes::{Cell, Line, Matrix};

const EMPTY: &str = "Nothing to show yet. Report a deployment:\n  \
    landfall report deployment --application shop --version 1.0.0 --environment production";

/// Shows the matrix in at most `columns` columns, if there is a limit.
pub(super) fn render(matrix: &Matrix, now: Timestamp, columns: Option<usize>) -> String {
    if matrix.applications.is_empty() {
        return EMPTY.to_owned();
    }
    let wide = wide(matrix, now);
    match columns {
        Some(columns) if width(&wide) > columns => narrow(matrix, now),
        _ => wide,
    }
}

fn wide(matrix: &Matrix, now: Timestamp) -> String {
    let codes = matrix.environments.iter().map(|environment| environment.code.as_str());
    let heading: Vec<&str> = std::iter::once("APPLICATION").chain(codes).collect();
    let is_grouped = matrix.has_several_projects();
    let mut rows = Vec::new();
    for group in matrix.applications.chunk_by(|one, other| one.project == other.project) {
        if is_grouped {
            let project = group.first().map_or("", |line| &line.project.name);
            rows.push(row(project.to_owned(), heading.len(), |_| String::new()));
        }
        for line in group {
            let indent = if is_grouped { "  " } else { "" };
            rows.push(row(format!("{indent}{}", line.name), heading.len(), |index| {
                cell_lines(line, heading[index], now).join("\n")
            }));
        }
    }
    table(&heading, rows)
}

/// A row of `length` fields, of which the first is the name.
fn row(name: String, length: usize, field: impl Fn(usize) -> String) -> Vec<String> {
    std::iter::once(name).chain((1..length).map(field)).collect()
}

/// A line for each target of an environment; a dash where nothing was ever deployed.
fn cell_lines(line: &Line, code: &str, now: Timestamp) -> Vec<String> {
    let lines: Vec<String> = line.cells_in(code).map(|cell| cell_text(cell, now)).collect();
    if lines.is_empty() { vec!["–".to_owned()] } else { lines }
}

fn narrow(matrix: &Matrix, now: Timestamp) -> String {
    let is_grouped = matrix.has_several_projects();
    let block = |line: &Line| {
        let project = &line.project.name;
        let name = &line.name;
        let title = if is_grouped { format!("{project} / {name}") } else { name.clone() };
        let rows: Vec<Vec<String>> = matrix
            .environments
            .iter()
            .flat_map(|environment| line.cells_in(&environment.code))
            .map(|cell| vec![format!("  {}", cell.environment), cell_text(cell, now)])
            .collect();
        if rows.is_empty() {
            format!("{title}\n  –")
        } else {
            format!("{title}\n{}", table(&[], rows))
        }
    };
    matrix.applications.iter().map(block).collect::<Vec<_>>().join("\n")
}

/// Such as `eu 1.4.2 3h ◐ 1.5.0`: what runs there, and what is happening to it.
fn cell_text(cell: &Cell, now: Timestamp) -> String {
    let Cell { environment: _, target, stale, current, in_progress, failed } = cell;
    let runs = match current {
        Some(Standing { version, at }) => format!("{version} {}", age(now, *at)),
        None => "–".to_owned(),
    };
    let mark = if *stale { STALE } else { IN_PROGRESS };
    let happening = |mark: char, standing: &Option<Standing>| {
        standing.as_ref().map(|standing| format!("{mark} {}", standing.version))
    };
    let target = (!target.is_empty()).then(|| target.clone());
    let parts = [target, Some(runs), happening(mark, in_progress), happening(FAILED, failed)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
