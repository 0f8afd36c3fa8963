//! `/find?q=`: is this commit live? Is this version?

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use landfall_domain::time::Timestamp;
use landfall_engine::board::Board;
use landfall_engine::find::Found;
use serde::Deserialize;
use uuid::Uuid;

use super::whereabouts::{Whereabout, whereabouts};
use super::words::short_sha;
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

/// Things of one kind that are shown.
const FOUND_MAX: usize = 20;

/// The route of what finds.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/find", get(find))
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    q: String,
}

/// A version that was found, and where it is.
struct Answer {
    id: Uuid,
    name: String,
    application: String,
    application_id: Uuid,
    sha: String,
    at: Timestamp,
    age: String,
    /// In a sentence.
    verdict: String,
    places: Vec<Whereabout>,
}

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    page: Page,
    typed: String,
    answers: Vec<Answer>,
    applications: Vec<(Uuid, String)>,
    environments: Vec<(Uuid, String)>,
}

async fn find(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(Typed { q }): Query<Typed>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let typed = q.trim().to_owned();
    let board = engine.board(&viewer.caller).await?;
    let found = match typed.as_str() {
        "" => Found::default(),
        text => engine.find_anything(&viewer.caller, text, FOUND_MAX).await?,
    };
    let now = engine.ambient().now();
    let applications = found.applications.iter();
    let environments = found.environments.iter();
    Ok(html(&FindPage {
        page: Page::new(&viewer, "/", board.sequence),
        typed,
        answers: answers(&found, &board, now),
        applications: applications.map(|(_, one)| (one.id.uuid(), one.name.to_string())).collect(),
        environments: environments.map(|one| (one.id.uuid(), one.code.to_string())).collect(),
    }))
}

fn answers(found: &Found, board: &Board, now: Timestamp) -> Vec<Answer> {
    let answers = found.versions.iter().map(|(application, version)| {
        let places = whereabouts(board, application.id, version.id.uuid(), now);
        Answer {
            id: version.id.uuid(),
            name: version.name.to_string(),
            application: application.name.to_string(),
            application_id: application.id.uuid(),
            sha: version.commit_sha.as_ref().map_or(String::new(), |sha| short_sha(sha.as_str())),
            at: version.created_at,
            age: age(version.created_at, now),
            verdict: verdict(&places),
            places,
        }
    });
    answers.collect()
}

/// The newer versions of an application hold what the older ones hold, as a rule.
fn verdict(places: &[Whereabout]) -> String {
    let named = |word: &str| -> Vec<&str> {
        let there = places.iter().filter(|place| place.sign.word == word);
        there.map(|place| place.environment.as_str()).collect()
    };
    let (live, overtaken) = (named("live"), named("newer runs"));
    match (live.is_empty(), overtaken.is_empty()) {
        (false, _) => format!("Live in {}.", live.join(", ")),
        (true, false) => format!("A newer version is live in {}.", overtaken.join(", ")),
        (true, true) => "Not live anywhere.".to_owned(),
    }
}
