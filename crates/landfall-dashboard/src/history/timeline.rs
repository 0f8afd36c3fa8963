//! `/timeline`: every deployment, newest first, with days as headings.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::status::Status;
use landfall_engine::timeline::{Timeline, TimelineDirection, TimelineFilter, TimelinePlace};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::line::{Line, lines_by_day};
use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::page::Page;
use crate::session::SignedIn;

/// Lines that one look brings.
const LINES: usize = 60;

/// The routes of the timeline.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/timeline", get(timeline)).route("/timeline/rows", get(rows))
}

/// What the URL asks for; what is empty filters nothing, and so does what makes no sense.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    project: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    environment: String,
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    who: String,
    /// Older than this deployment.
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
    /// Newer than this deployment.
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

impl Asked {
    fn filter(&self) -> TimelineFilter {
        TimelineFilter {
            project: self.project.clone(),
            application: self.q.clone(),
            environment: self.environment.clone(),
            kind: EnvironmentType::parse(&self.kind),
            status: Status::parse(&self.status).ok(),
            who: self.who.clone(),
        }
    }

    fn place(&self) -> TimelinePlace {
        let (back, forth) = (Uuid::parse_str(&self.before), Uuid::parse_str(&self.after));
        let (direction, from) = match (back, forth) {
            (Ok(from), _) => (TimelineDirection::Back, from),
            (Err(_), Ok(from)) => (TimelineDirection::Forth, from),
            (Err(_), Err(_)) => (TimelineDirection::Back, Uuid::max()),
        };
        TimelinePlace { direction, from, limit: LINES }
    }

    /// Whether it begins with what is newest.
    fn is_first(&self) -> bool {
        self.place().from == Uuid::max()
    }

    /// What follows the path, for the same filter at another place.
    fn query(&self, before: Option<Uuid>, after: Option<Uuid>) -> String {
        let text = |id: Option<Uuid>| id.map_or(String::new(), |id| id.to_string());
        let there = Self { before: text(before), after: text(after), ..self.clone() };
        let query = serde_urlencoded::to_string(there).unwrap_or_default();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    fn is_filtered(&self) -> bool {
        let Self { q, project, environment, kind, status, who, before: _, after: _ } = self;
        [q, project, environment, kind, status, who].into_iter().any(|text| !text.is_empty())
    }
}

/// The choices of one field of the filter.
struct Choice {
    name: &'static str,
    label: &'static str,
    all: &'static str,
    options: Vec<(String, bool)>,
}

fn choice(
    (name, label, all): (&'static str, &'static str, &'static str),
    options: impl IntoIterator<Item = String>,
    chosen: &str,
) -> Choice {
    let options = options.into_iter().map(|option| {
        let is_chosen = option == chosen;
        (option, is_chosen)
    });
    Choice { name, label, all, options: options.collect() }
}

fn choices(timeline: &Timeline, asked: &Asked) -> Vec<Choice> {
    let statuses =
        [Status::Pending, Status::Started, Status::Completed, Status::Failed, Status::Aborted];
    let project = ("project", "Project", "All projects");
    let environment = ("environment", "Environment", "All environments");
    let kind = ("type", "Type of environment", "All types");
    let status = ("status", "Status", "All statuses");
    vec![
        choice(project, timeline.projects.clone(), &asked.project),
        choice(environment, timeline.environments.clone(), &asked.environment),
        choice(kind, EnvironmentType::ALL.map(|kind| kind.as_str().to_owned()), &asked.kind),
        choice(status, statuses.map(|status| status.as_str().to_owned()), &asked.status),
    ]
}

/// Lines, and where it goes on.
struct Rows {
    lines: Vec<Line>,
    /// What the address of newer ones ends with.
    newer: Option<String>,
    /// What the address of older ones ends with.
    older: Option<String>,
    is_filtered: bool,
}

impl Rows {
    /// Whether there is no deployment at all.
    fn is_fresh(&self) -> bool {
        let Self { lines, newer, older, is_filtered } = self;
        lines.is_empty() && newer.is_none() && older.is_none() && !is_filtered
    }

    fn of(timeline: &Timeline, asked: &Asked, now: landfall_domain::time::Timestamp) -> Self {
        let first = timeline.items.first().map(|known| known.view.run.id);
        let last = timeline.items.last().map(|known| known.view.run.id);
        let (newer, older) = match asked.place().direction {
            TimelineDirection::Back => (first.filter(|_| !asked.is_first()), timeline.next),
            TimelineDirection::Forth => (timeline.next, last),
        };
        Self {
            lines: lines_by_day(&timeline.items, timeline.moment, now),
            newer: newer.map(|id| asked.query(None, Some(id))),
            older: older.map(|id| asked.query(Some(id), None)),
            is_filtered: asked.is_filtered(),
        }
    }
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    page: Page,
    asked: Asked,
    choices: Vec<Choice>,
    rows: Rows,
    is_first: bool,
}

async fn timeline(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let found = engine.timeline(&viewer.caller, asked.filter(), asked.place()).await?;
    Ok(html(&TimelinePage {
        page: Page::new(&viewer, "/timeline", found.moment.sequence),
        choices: choices(&found, &asked),
        rows: Rows::of(&found, &asked, engine.ambient().now()),
        is_first: asked.is_first(),
        asked,
    }))
}

#[derive(Template)]
#[template(path = "timeline_rows.html")]
struct RowsPart {
    rows: Rows,
}

/// A part that goes on from another has a link on its far end only.
async fn rows(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let found = engine.timeline(&viewer.caller, asked.filter(), asked.place()).await?;
    let mut rows = Rows::of(&found, &asked, engine.ambient().now());
    if asked.is_first() {
        let address = format!("/timeline{}", asked.query(None, None));
        return Ok(([("hx-replace-url", address)], html(&RowsPart { rows })).into_response());
    }
    match asked.place().direction {
        TimelineDirection::Back => rows.newer = None,
        TimelineDirection::Forth => rows.older = None,
    }
    Ok(html(&RowsPart { rows }))
}
