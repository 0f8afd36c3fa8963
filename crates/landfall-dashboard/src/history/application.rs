//! `/applications/{id}`: where an application is, its versions and what happened to it lately.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use landfall_domain::catalog::{Application, Environment};
use landfall_domain::time::Timestamp;
use landfall_engine::Engine;
use landfall_engine::story::ApplicationStory;
use uuid::Uuid;

use super::id_of;
use super::line::{self, lines};
use super::repository::Repository;
use super::words::short_sha;
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::board::{Line, Window, own_url};
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

/// The route of applications.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/applications/{id}", get(application))
}

/// A version as it is listed, with where it is now.
struct ShownVersion {
    id: Uuid,
    name: String,
    sha: String,
    href: Option<String>,
    at: Timestamp,
    age: String,
    places: Vec<(Uuid, String)>,
}

/// A badge, and what to write into a README.
struct ShownBadge {
    environment: String,
    src: String,
    markdown: String,
}

#[derive(Template)]
#[template(path = "application.html")]
struct ApplicationPage {
    page: Page,
    id: Uuid,
    name: String,
    project: String,
    description: Option<String>,
    is_deleted: bool,
    team: Option<String>,
    repository: Option<String>,
    repository_href: Option<String>,
    aliases: Vec<String>,
    created_at: Timestamp,
    age: String,
    window: Option<Window>,
    versions: Vec<ShownVersion>,
    lines: Vec<line::Line>,
    columns: &'static str,
    badges: Vec<ShownBadge>,
    timeline: String,
}

async fn application(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let story = engine.application_story(&viewer.caller, id_of(&id)?).await?;
    let now = engine.ambient().now();
    let badges = badges(engine, &viewer, &story, &own_url(&headers))?;
    let Application { id, name, repository, aliases, created_at, .. } = &story.application;
    let query = [("q", name.as_str()), ("project", story.project.name.as_str())];
    Ok(html(&ApplicationPage {
        page: Page::new(&viewer, "/", story.moment.sequence),
        id: id.uuid(),
        name: name.to_string(),
        project: story.project.name.to_string(),
        description: story.application.description.clone(),
        is_deleted: story.application.deleted_at.is_some(),
        team: story.team.as_ref().map(|team| team.name.clone()),
        repository: repository.clone(),
        repository_href: Repository::of(repository.as_deref(), None).map(|found| found.url),
        aliases: aliases.clone(),
        created_at: *created_at,
        age: age(*created_at, now),
        window: Window::of_one(&story.board, *id, now),
        versions: versions(&story, now),
        lines: lines(&story.recent, story.moment, now),
        columns: "of-application",
        badges,
        timeline: serde_urlencoded::to_string(query).unwrap_or_default(),
    }))
}

fn versions(story: &ApplicationStory, now: Timestamp) -> Vec<ShownVersion> {
    let mut places: HashMap<Uuid, Vec<(Uuid, String)>> = HashMap::new();
    let row = story.board.row(story.application.id);
    let cells = row.into_iter().flat_map(|row| story.board.cells(row));
    for (environment, place) in cells
        .flat_map(|(environment, cell)| cell.places.iter().map(move |place| (environment, place)))
    {
        if let Some(current) = &place.view.current {
            let there = (environment.id.uuid(), place_name(environment, &place.target));
            places.entry(current.version_id).or_default().push(there);
        }
    }
    let repository = Repository::of(story.application.repository.as_deref(), None);
    let shown = story.versions.iter().map(|version| {
        let sha = version.commit_sha.as_ref().map_or("", |sha| sha.as_str());
        ShownVersion {
            id: version.id.uuid(),
            name: version.name.to_string(),
            sha: short_sha(sha),
            href: repository.as_ref().and_then(|repository| repository.commit(sha)),
            at: version.created_at,
            age: age(version.created_at, now),
            places: places.remove(&version.id.uuid()).unwrap_or_default(),
        }
    });
    shown.collect()
}

fn place_name(environment: &Environment, target: &str) -> String {
    if target.is_empty() {
        environment.code.to_string()
    } else {
        format!("{} / {target}", environment.code)
    }
}

/// A badge for each environment that the application is in.
fn badges(
    engine: &Engine,
    viewer: &SignedIn,
    story: &ApplicationStory,
    url: &str,
) -> Result<Vec<ShownBadge>, Trouble> {
    let application = &story.application;
    let row = story.board.row(application.id);
    let cells = row.into_iter().flat_map(|row| story.board.cells(row));
    let found = cells.map(|(environment, _)| {
        let token = engine.badge_token(&viewer.caller, application.id, environment.id)?;
        let code = encoded(environment.code.as_str());
        let src = format!("/badges/{}/{code}.svg", application.id);
        let page = format!("{url}/applications/{}", application.id);
        let markdown = format!("[![{code}]({url}{src}?token={token})]({page})");
        Ok(ShownBadge { environment: environment.code.to_string(), src, markdown })
    });
    found.collect()
}

/// A name as one segment of a path.
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let segment = text.bytes().map(|byte| {
        if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    segment.collect()
}
