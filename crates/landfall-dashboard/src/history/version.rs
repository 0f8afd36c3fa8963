//! `/versions/{id}`: where a version is, where it has been and what built it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use landfall_domain::sha::CommitSha;
use landfall_domain::time::Timestamp;
use landfall_domain::view::BuildView;
use landfall_engine::story::VersionStory;
use uuid::Uuid;

use super::id_of;
use super::line::{Line, lines};
use super::repository::Repository;
use super::whereabouts::{Whereabout, whereabouts};
use super::words::{Sign, lasted, sign, web_link, who};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

/// The route of versions.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/versions/{id}", get(version))
}

/// A build as it is listed.
struct ShownBuild {
    sign: Sign,
    number: String,
    href: Option<String>,
    who: String,
    branch: String,
    lasted: String,
    error: Option<String>,
    at: Timestamp,
    age: String,
}

impl ShownBuild {
    fn of(build: &BuildView, now: Timestamp) -> Self {
        let run = &build.run;
        let took = run.ended_at.map(|end| end.since(run.began_at)).filter(|took| !took.is_zero());
        Self {
            sign: sign(run.status),
            number: run.build_number.clone().unwrap_or_else(|| "build".to_owned()),
            href: run.url.as_deref().and_then(web_link),
            who: run.actor.as_ref().and_then(who).unwrap_or_default().to_owned(),
            branch: run.branch.clone().unwrap_or_default(),
            lasted: took.map_or(String::new(), lasted),
            error: run
                .error
                .as_ref()
                .and_then(|error| error.message.clone().or(error.code.clone())),
            at: run.began_at,
            age: age(run.began_at, now),
        }
    }
}

#[derive(Template)]
#[template(path = "version.html")]
struct VersionPage {
    page: Page,
    id: Uuid,
    name: String,
    application: String,
    application_id: Uuid,
    project: String,
    sha: Option<String>,
    sha_href: Option<String>,
    is_pinned: bool,
    created_at: Timestamp,
    age: String,
    places: Vec<Whereabout>,
    builds: Vec<ShownBuild>,
    lines: Vec<Line>,
    columns: &'static str,
}

async fn version(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let story = engine.version_story(&viewer.caller, id_of(&id)?).await?;
    let now = engine.ambient().now();
    let version = &story.version;
    let sha = version.commit_sha.as_ref().map(CommitSha::as_str);
    Ok(html(&VersionPage {
        page: Page::new(&viewer, "/", story.moment.sequence),
        id: version.id.uuid(),
        name: version.name.to_string(),
        application: story.application.name.to_string(),
        application_id: story.application.id.uuid(),
        project: story.project.name.to_string(),
        sha_href: sha.and_then(|sha| repository(&story)?.commit(sha)),
        sha: sha.map(str::to_owned),
        is_pinned: version.is_pinned,
        created_at: version.created_at,
        age: age(version.created_at, now),
        places: whereabouts(&story.board, story.application.id, version.id.uuid(), now),
        builds: story.builds.iter().map(|build| ShownBuild::of(build, now)).collect(),
        lines: lines(&story.deployments, story.moment, now),
        columns: "of-version",
    }))
}

/// Where its commit is found: its builds know better than the application.
fn repository(story: &VersionStory) -> Option<Repository> {
    let built = story.builds.iter().map(|build| &build.run);
    let deployed = story.deployments.iter().map(|known| &known.view.run);
    let told = built
        .chain(deployed)
        .find_map(|run| Repository::of(run.repository.as_deref(), run.url.as_deref()));
    told.or_else(|| Repository::of(story.application.repository.as_deref(), None))
}
