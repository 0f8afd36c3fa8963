//! The list of environments.

use askama::Template;
use landfall_domain::catalog::{Catalog, Environment};
use landfall_engine::catalog::environments_in_order;
use uuid::Uuid;

use super::super::choices::team_codes;
use super::super::desk::{Answer, Desk};
use super::super::frame::{Frame, Told};
use super::super::part::{Asked, Part};
use super::{Form, KINDS, PLACE};
use crate::page::Page;

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
    /// Whether the order can be changed here: the whole of it is seen.
    may_move: bool,
    kinds: &'static [&'static str],
    teams: Vec<String>,
    form: Form,
}

pub(super) async fn show(desk: &Desk, asked: &Asked, form: Form, told: Told) -> Answer {
    let catalog = desk.catalog().await?;
    let all = environments_in_order(&catalog).into_iter();
    let (archived, live): (Vec<_>, Vec<_>) = all.partition(|found| found.archived_at.is_some());
    let archived_total = archived.len();
    let listed = if asked.is_archived() { archived } else { live };
    let mut lines: Vec<Line> = listed.iter().map(|found| Line::of(found, &catalog)).collect();
    mark_ends(&mut lines);
    lines.retain(|line| asked.holds(&[&line.code, &line.name]));
    let part = asked.part(PLACE.path, lines);
    desk.show(&PLACE, told, |page, frame| EnvironmentsPage {
        may_move: frame.may_edit && !part.is_archived && part.q.is_empty(),
        page,
        frame,
        part,
        archived_total,
        kinds: &KINDS,
        teams: team_codes(&catalog),
        form,
    })
    .await
}
