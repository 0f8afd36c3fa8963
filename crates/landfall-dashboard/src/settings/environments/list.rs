//! The list of environments.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use landfall_domain::catalog::{Catalog, Environment};
use landfall_engine::catalog::environments_in_order;
use uuid::Uuid;

use super::super::part::{Asked, Part};
use super::super::{Frame, Happened, Told, team_codes};
use super::{Form, KINDS, PATH};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::page::Page;
use crate::session::SignedIn;

/// An environment in the list.
struct Line {
    id: Uuid,
    code: String,
    name: String,
    kind: &'static str,
    team: String,
    /// Whether it is the first and the last of its type.
    ends: (bool, bool),
}

impl Line {
    fn of(environment: &Environment, catalog: &Catalog) -> Self {
        let Form { code, name, team, .. } = Form::of(environment, catalog);
        let (id, kind) = (environment.id.uuid(), environment.kind.as_str());
        Self { id, code, name, kind, team, ends: (false, false) }
    }
}

/// Marks those that can't move further.
fn mark_ends(lines: &mut [Line]) {
    let kinds: Vec<&str> = lines.iter().map(|line| line.kind).collect();
    for (place, line) in lines.iter_mut().enumerate() {
        let is_first = place == 0 || kinds[place - 1] != line.kind;
        line.ends = (is_first, kinds.get(place + 1) != Some(&line.kind));
    }
}

#[derive(Template)]
#[template(path = "settings/environments.html")]
struct EnvironmentsPage {
    page: Page,
    frame: Frame,
    part: Part<Line>,
    archived_total: usize,
    is_archived: bool,
    kinds: &'static [&'static str],
    teams: Vec<String>,
    form: Form,
}

pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(asked): Query<Asked>,
    Query(happened): Query<Happened>,
) -> Result<Response, Trouble> {
    render_list(&dashboard, &viewer, &asked, Form::default(), happened.into()).await
}

pub(super) async fn render_list(
    dashboard: &Dashboard,
    viewer: &SignedIn,
    asked: &Asked,
    form: Form,
    told: Told,
) -> Result<Response, Trouble> {
    let catalog = dashboard.engine.catalog(&viewer.caller).await?;
    let is_archived = !asked.archived.is_empty();
    let all = environments_in_order(&catalog).into_iter();
    let (archived, live): (Vec<_>, Vec<_>) = all.partition(|found| found.archived_at.is_some());
    let archived_total = archived.len();
    let listed = if is_archived { archived } else { live };
    let mut lines: Vec<Line> = listed.iter().map(|found| Line::of(found, &catalog)).collect();
    mark_ends(&mut lines);
    lines.retain(|line| asked.holds(&[&line.code, &line.name]));
    let (page, frame) = Frame::of(dashboard, viewer, PATH, told).await?;
    let shown = EnvironmentsPage {
        page,
        frame,
        part: asked.part(PATH, lines),
        archived_total,
        is_archived,
        kinds: &KINDS,
        teams: team_codes(&catalog),
        form,
    };
    Ok(shown.frame.html(&shown))
}
