//! What is where: the matrix, of which a page holds the rows in sight.

mod cell;
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
use landfall_engine::board::Board;
use serde::Deserialize;

use self::filter::Filter;
use self::numbers::{Number, numbers_of};
pub(crate) use self::window::{Line, Window};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// Lines of a first page at most: enough for a tall screen.
const LINES_FIRST: usize = 60;
/// Cells of a first page, but for the lines that every screen has: few enough to be there at once.
const CELLS_FIRST: usize = 1_200;
const LINES_FIRST_MIN: usize = 28;
/// With more columns than this they are all of one width, so that nothing moves while one scrolls.
const COLUMNS_FLOWING_MAX: usize = 10;
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
    kinds: Vec<&'static str>,
    window: Window,
}

async fn board(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(filter): Query<Filter>,
) -> Result<Response, Trouble> {
    let board = dashboard.engine.board(&viewer.caller).await?;
    let now = dashboard.engine.ambient().now();
    let mut projects: Vec<String> =
        board.rows.iter().map(|row| row.project.name.to_string()).collect();
    projects.dedup();
    let window = Window::of(&board, &filter, (0, lines_first(&board)), now);
    Ok(html(&BoardPage {
        is_large: window.lines_total > window.lines.len()
            || window.environments.len() > COLUMNS_FLOWING_MAX,
        page: Page::new(&viewer, "/", board.sequence),
        is_empty: board.rows.is_empty(),
        numbers: numbers_of(&board, &filter, now),
        window,
        kinds: EnvironmentType::ALL.map(EnvironmentType::as_str).to_vec(),
        projects,
        filter,
    }))
}

/// Lines of a first page. The script asks for more at once where a screen has room for them.
fn lines_first(board: &Board) -> usize {
    let columns = board.environments.len().max(1);
    (CELLS_FIRST / columns).clamp(LINES_FIRST_MIN, LINES_FIRST)
}

/// The server's own address, as the browser knows it.
pub(crate) fn own_url(headers: &HeaderMap) -> String {
    let named = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if named("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    format!("{scheme}://{}", named("host").unwrap_or("127.0.0.1:8080"))
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    from: usize,
    #[serde(default)]
    count: usize,
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
    Query(Part { from, count }): Query<Part>,
) -> Result<Response, Trouble> {
    let board = dashboard.engine.board(&viewer.caller).await?;
    let now = dashboard.engine.ambient().now();
    let window = Window::of(&board, &filter, (from, count.min(LINES_MAX)), now);
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
