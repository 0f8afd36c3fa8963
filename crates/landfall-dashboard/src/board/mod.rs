//! What is where: the matrix, of which a page holds the rows in sight.

mod cell;
mod days;
mod filter;
mod numbers;
mod window;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use landfall_domain::environment::EnvironmentType;
use serde::Deserialize;

pub(crate) use self::cell::{Mark, marks_of};
use self::filter::Filter;
use self::numbers::{Number, numbers_of};
pub(crate) use self::window::{Line, Window};
use self::window::{Part, Sight};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// Lines of a first page at most: enough for a tall screen.
const LINES_FIRST: usize = 60;
/// Lines of a first page with all columns that it may have: what most screens have room for, so that it
/// is there at once. The script asks for more where there is room.
const LINES_FIRST_WIDE: usize = 28;
/// Columns of a first page at most. With more than these all are of one width, so that nothing moves
/// while one scrolls.
const COLUMNS_FIRST: usize = 10;
/// Lines that one look brings at most.
const LINES_MAX: usize = 400;

/// The routes of the matrix.
pub(crate) fn routes() -> Router<Dashboard> {
    Router::new()
        .route("/", get(board))
        .route("/board/rows", get(rows))
        .route("/board/numbers", get(numbers))
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    page: Page,
    is_empty: bool,
    is_large: bool,
    numbers: Vec<Number>,
    filter: Filter,
    projects: Vec<String>,
    teams: Vec<String>,
    kinds: Vec<&'static str>,
    window: Window,
    turns: Vec<(&'static str, String)>,
}

async fn board(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(filter): Query<Filter>,
    Query(Start { line, column }): Query<Start>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let board = engine.board(&viewer.caller).await?;
    let now = engine.ambient().now();
    let mut projects: Vec<String> =
        board.rows.iter().map(|row| row.project.name.to_string()).collect();
    projects.dedup();
    let mut teams: Vec<String> = board.rows.iter().filter_map(|row| row.team.clone()).collect();
    teams.sort_unstable();
    teams.dedup();
    let lines =
        if board.environments.len() < COLUMNS_FIRST { LINES_FIRST } else { LINES_FIRST_WIDE };
    let sight = Sight { from: line, lines, left: column, columns: COLUMNS_FIRST };
    let part = Part::of(&board, &filter, sight, now);
    let activity = engine.activity(&viewer.caller, part.rows()).await?;
    let window = part.shown(&activity);
    Ok(html(&BoardPage {
        is_large: window.lines_total > window.lines.len()
            || window.environments.len() > COLUMNS_FIRST,
        page: Page::new(&viewer, "/", board.sequence),
        is_empty: board.rows.is_empty(),
        numbers: numbers_of(&board, &filter, now),
        turns: turns(&window, &filter),
        window,
        kinds: EnvironmentType::ALL.map(EnvironmentType::as_str).to_vec(),
        projects,
        teams,
        filter,
    }))
}

/// Where a page begins, for who turns pages without script.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Start {
    line: usize,
    column: usize,
}

/// Links to what lies around a page: what to say, and the address.
fn turns(window: &Window, filter: &Filter) -> Vec<(&'static str, String)> {
    let (from, until) = (window.from, window.until());
    let (left, right) = (window.in_sight.start, window.in_sight.end);
    let turns = [
        (from > 0, "Earlier rows", from.saturating_sub(LINES_FIRST_WIDE), left),
        (until < window.lines_total, "Later rows", until, left),
        (left > 0, "Environments before", from, left.saturating_sub(COLUMNS_FIRST)),
        (window.columns_after() > 0, "Environments after", from, right),
    ];
    let there = turns.into_iter().filter(|(is_there, ..)| *is_there);
    there.map(|(_, words, line, column)| (words, filter.href_from(line, column))).collect()
}

/// The server's own address, as the browser knows it.
pub(crate) fn own_url(headers: &HeaderMap) -> String {
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if named("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    format!("{scheme}://{}", named("host").unwrap_or("127.0.0.1:8080"))
}

/// What the script asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: usize,
    count: usize,
    left: usize,
    right: usize,
}

#[derive(Template)]
#[template(path = "board_rows.html")]
struct RowsPart {
    window: Window,
}

async fn rows(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(filter): Query<Filter>,
    Query(Asked { from, count, left, right }): Query<Asked>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let board = engine.board(&viewer.caller).await?;
    let columns = right.saturating_sub(left);
    let sight = Sight { from, lines: count.min(LINES_MAX), left, columns };
    let part = Part::of(&board, &filter, sight, engine.ambient().now());
    let activity = engine.activity(&viewer.caller, part.rows()).await?;
    let window = part.shown(&activity);
    let headers = [
        ("x-lines", window.lines_total.to_string()),
        ("x-from", window.from.to_string()),
        ("x-columns", window.columns()),
    ];
    Ok((headers, html(&RowsPart { window })).into_response())
}

#[derive(Template)]
#[template(path = "board_numbers.html")]
struct NumbersPart {
    numbers: Vec<Number>,
}

async fn numbers(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Response, Trouble> {
    let board = dashboard.engine.board(&viewer.caller).await?;
    let numbers = numbers_of(&board, &filter, dashboard.engine.ambient().now());
    Ok(html(&NumbersPart { numbers }))
}
