//! `/palette?q=`: what the palette finds, as a list of links.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use landfall_engine::find::Found;
use serde::Deserialize;

use super::words::short_sha;
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::session::SignedIn;

/// Rows that the palette shows.
const ROWS_MAX: usize = 20;
/// Rows of one kind, so that none drives the others out.
const ROWS_OF_KIND: usize = 8;

/// Pages that are found by their names.
const PAGES: &[(&str, &str)] = &[
    ("What is where", "/"),
    ("Timeline", "/timeline"),
    ("Compare", "/compare"),
    ("Is it live?", "/find"),
    ("Webhooks", "/webhooks"),
    ("Events", "/events"),
    ("Settings", "/settings"),
    ("API keys", "/settings/keys"),
];

/// The route of the palette.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/palette", get(palette))
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    q: String,
}

struct Row {
    kind: &'static str,
    name: String,
    more: String,
    href: String,
}

#[derive(Template)]
#[template(path = "palette.html")]
struct Rows {
    rows: Vec<Row>,
}

async fn palette(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(Typed { q }): Query<Typed>,
) -> Result<Response, Trouble> {
    let found = dashboard.engine.find_anything(&viewer.caller, &q, ROWS_OF_KIND).await?;
    let mut rows: Vec<Row> = applications(&found).chain(environments(&found)).collect();
    rows.extend(versions(&found, &q));
    let pages: Vec<Row> = pages(&q).collect();
    let room = ROWS_MAX.saturating_sub(pages.len());
    rows.truncate(room);
    rows.extend(pages);
    Ok(html(&Rows { rows }))
}

fn applications(found: &Found) -> impl Iterator<Item = Row> {
    found.applications.iter().map(|(project, application)| Row {
        kind: "application",
        name: application.name.to_string(),
        more: project.name.to_string(),
        href: format!("/applications/{}", application.id),
    })
}

fn environments(found: &Found) -> impl Iterator<Item = Row> {
    found.environments.iter().map(|environment| Row {
        kind: "environment",
        name: environment.code.to_string(),
        more: environment.kind.as_str().to_owned(),
        href: format!("/environments/{}", environment.id),
    })
}

fn versions(found: &Found, typed: &str) -> impl Iterator<Item = Row> {
    let typed = typed.trim().to_lowercase();
    found.versions.iter().map(move |(application, version)| {
        let sha = version.commit_sha.as_ref().map_or("", |sha| sha.as_str());
        let is_commit = sha.starts_with(&typed) && !version.name.as_str().starts_with(&typed);
        let name = format!("{} {}", application.name, version.name);
        Row {
            kind: if is_commit { "commit" } else { "version" },
            name,
            more: short_sha(sha),
            href: format!("/versions/{}", version.id),
        }
    })
}

fn pages(typed: &str) -> impl Iterator<Item = Row> {
    let typed = typed.trim().to_lowercase();
    let named = PAGES.iter().filter(move |(name, _)| name.to_lowercase().contains(&typed));
    named.map(|(name, href)| Row {
        kind: "page",
        name: (*name).to_owned(),
        more: String::new(),
        href: (*href).to_owned(),
    })
}
