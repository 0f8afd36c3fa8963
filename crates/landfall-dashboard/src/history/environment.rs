//! `/environments/{id}`: what runs in an environment, and what was deployed there lately.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use landfall_domain::status::Status;
use landfall_domain::time::Timestamp;
use landfall_domain::view::StandingView;
use landfall_engine::history::Moment;
use landfall_engine::story::Resident;
use uuid::Uuid;

use super::id_of;
use super::line::{Line, lines};
use super::words::{STALE, Sign, short_sha, sign, web_link};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

/// More applications than this are left to the matrix, which shows those in sight only.
const RESIDENTS_MAX: usize = 400;

/// The route of environments.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/environments/{id}", get(environment))
}

/// What runs of one application.
struct ShownResident {
    project: String,
    application: String,
    application_id: Uuid,
    target: String,
    current: Option<Standing>,
    /// What happens beside it.
    marks: Vec<(Sign, Standing)>,
}

/// A deployment that stands somewhere.
struct Standing {
    deployment: Uuid,
    version: String,
    sha: String,
    who: String,
    at: Timestamp,
    age: String,
}

impl Standing {
    fn of(view: &StandingView, now: Timestamp) -> Self {
        Self {
            deployment: view.deployment_id,
            version: view.version.clone(),
            sha: short_sha(view.commit_sha.as_deref().unwrap_or_default()),
            who: view.by.clone().unwrap_or_default(),
            at: view.at,
            age: age(view.at, now),
        }
    }
}

#[derive(Template)]
#[template(path = "environment.html")]
struct EnvironmentPage {
    page: Page,
    id: Uuid,
    code: String,
    name: String,
    kind: &'static str,
    team: Option<String>,
    url: Option<String>,
    url_href: Option<String>,
    aliases: Vec<String>,
    state: Option<&'static str>,
    created_at: Timestamp,
    age: String,
    residents: Vec<ShownResident>,
    more: usize,
    lines: Vec<Line>,
    columns: &'static str,
    timeline: String,
}

async fn environment(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let story = engine.environment_story(&viewer.caller, id_of(&id)?).await?;
    let now = engine.ambient().now();
    let environment = &story.environment;
    let shown = story.residents.iter().take(RESIDENTS_MAX);
    let query = [("environment", environment.code.as_str())];
    Ok(html(&EnvironmentPage {
        page: Page::new(&viewer, "/", story.moment.sequence),
        id: environment.id.uuid(),
        code: environment.code.to_string(),
        name: environment.name.clone(),
        kind: environment.kind.as_str(),
        team: story.team.as_ref().map(|team| team.name.clone()),
        url: environment.url.clone(),
        url_href: environment.url.as_deref().and_then(web_link),
        aliases: environment.aliases.clone(),
        state: match (environment.deleted_at, environment.archived_at) {
            (Some(_), _) => Some("deleted"),
            (None, Some(_)) => Some("archived"),
            (None, None) => None,
        },
        created_at: environment.created_at,
        age: age(environment.created_at, now),
        residents: shown.map(|resident| shown_resident(resident, story.moment, now)).collect(),
        more: story.residents.len().saturating_sub(RESIDENTS_MAX),
        lines: lines(&story.recent, story.moment, now),
        columns: "of-environment",
        timeline: serde_urlencoded::to_string(query).unwrap_or_default(),
    }))
}

fn shown_resident(resident: &Resident, moment: Moment, now: Timestamp) -> ShownResident {
    let place = &resident.place;
    let is_stale = place.open_news_at.is_some_and(|at| now.since(at) > moment.stale_after);
    let open = place.view.in_progress.as_ref().map(|open| {
        let open_sign = if is_stale { STALE } else { sign(open.status) };
        (open_sign, Standing::of(open, now))
    });
    let failed = place.view.failed.as_ref();
    let failed = failed.map(|failed| (sign(Status::Failed), Standing::of(failed, now)));
    ShownResident {
        project: resident.project.name.to_string(),
        application: resident.application.name.to_string(),
        application_id: resident.application.id.uuid(),
        target: place.target.clone(),
        current: place.view.current.as_ref().map(|current| Standing::of(current, now)),
        marks: open.into_iter().chain(failed).collect(),
    }
}
