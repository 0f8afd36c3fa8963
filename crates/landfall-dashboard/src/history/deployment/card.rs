//! `/deployments/{id}/card`: a deployment in short, for who points at a cell of the matrix.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use landfall_domain::catalog::Environment;
use landfall_domain::id::{ApplicationId, EnvironmentId};
use landfall_domain::time::Timestamp;
use landfall_domain::view::{RunView, StandingView};
use landfall_engine::board::{Board, Cell, Drift};
use landfall_engine::story::DeploymentStory;
use uuid::Uuid;

use super::super::id_of;
use super::super::line::sign_of;
use super::super::repository::Repository;
use super::super::words::{Sign, instant, lasted, short_sha, web_link, who};
use super::commits::Commits;
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::board::{Mark, marks_of};
use crate::filters::age;
use crate::session::SignedIn;

#[derive(Template)]
#[template(path = "deployment_card.html")]
struct Card {
    id: Uuid,
    sign: Sign,
    application: String,
    environment: String,
    target: String,
    version: String,
    who: Option<String>,
    at: Timestamp,
    instant: String,
    age: String,
    lasted: Option<String>,
    commit: Option<ShownCommit>,
    /// What it brought since the one before it in the same place.
    since: String,
    lag: Option<Lag>,
    /// What else happens in the cell.
    marks: Vec<Mark>,
    ci: Option<String>,
}

struct ShownCommit {
    sha: String,
    href: Option<String>,
    subject: String,
}

/// How the cell differs from the one before it in its row.
struct Lag {
    /// Behind it, rather than ahead.
    is_behind: bool,
    words: String,
    environment: String,
    version: String,
    compare: String,
}

pub(super) async fn card(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let story = engine.deployment_in_short(&viewer.caller, id_of(&id)?).await?;
    let board = engine.board(&viewer.caller).await?;
    let now = engine.ambient().now();
    let cells = cells_to(&board, &story);
    let is_it = |first: &StandingView| first.deployment_id == story.known.view.run.id;
    let cell = cells.last().filter(|(_, cell)| cell.first().is_some_and(is_it));
    let view = &story.known.view;
    let at = view.run.ended_at.unwrap_or(view.run.began_at);
    Ok(html(&Card {
        id: view.run.id,
        sign: sign_of(&story.known, story.moment, now),
        application: view.application.name.clone(),
        environment: view.environment.code.clone(),
        target: view.target.clone(),
        version: view.version.name.clone(),
        who: view.run.actor.as_ref().and_then(who).map(str::to_owned),
        at,
        instant: instant(at),
        age: age(at, now),
        lasted: took(&view.run),
        commit: commit(&story),
        since: Commits::of(&story, now).sentence,
        lag: cell.and_then(|_| lag(&cells)),
        marks: cell.map_or_else(Vec::new, |(_, cell)| marks_of(cell, &board, now)),
        ci: view.run.url.as_deref().and_then(web_link),
    }))
}

fn took(run: &RunView) -> Option<String> {
    let took = run.ended_at?.since(run.began_at);
    (!took.is_zero()).then(|| lasted(took))
}

/// Its commit, with the first line of what the run says of it.
fn commit(story: &DeploymentStory) -> Option<ShownCommit> {
    let view = &story.known.view;
    let sha = view.run.commit_sha.as_ref().or(view.version.commit_sha.as_ref())?;
    let repository = Repository::of(view.run.repository.as_deref(), view.run.url.as_deref());
    let said = view.run.commits.iter().find(|commit| commit.sha.as_str() == sha);
    let message = said.and_then(|commit| commit.message.as_deref()).unwrap_or_default();
    Some(ShownCommit {
        href: repository.and_then(|repository| repository.commit(sha)),
        sha: short_sha(sha),
        subject: message.lines().next().unwrap_or_default().to_owned(),
    })
}

type Placed<'a> = (&'a Environment, &'a Cell);

/// The cells of its row, up to that of its environment.
fn cells_to<'a>(board: &'a Board, story: &DeploymentStory) -> Vec<Placed<'a>> {
    let view = &story.known.view;
    let Some(row) = board.row(ApplicationId::from_uuid(view.application.id)) else {
        return Vec::new();
    };
    let environment = EnvironmentId::from_uuid(view.environment.id);
    let mut cells: Vec<Placed<'_>> = board.cells(row).collect();
    let index = cells.iter().position(|(it, _)| it.id == environment);
    cells.truncate(index.map_or(0, |index| index + 1));
    cells
}

/// How the last cell differs from the one that it was compared with.
fn lag(cells: &[Placed<'_>]) -> Option<Lag> {
    let ((here, cell), before) = cells.split_last()?;
    let drift = cell.drift?;
    let (there, current) =
        before.iter().rev().find_map(|(environment, cell)| Some((environment, cell.current()?)))?;
    let query = [("from", there.code.as_str()), ("to", here.code.as_str())];
    let words = match drift {
        Drift::Behind(1) => "1 version behind".to_owned(),
        Drift::Behind(count) => format!("{count} versions behind"),
        Drift::Hotfix => "ahead of".to_owned(),
    };
    Some(Lag {
        is_behind: matches!(drift, Drift::Behind(_)),
        words,
        environment: there.code.to_string(),
        version: current.version.clone(),
        compare: serde_urlencoded::to_string(query).unwrap_or_default(),
    })
}
