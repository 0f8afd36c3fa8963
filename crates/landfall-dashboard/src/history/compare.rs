//! `/compare?from=&to=`: two environments side by side.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use landfall_domain::catalog::{Catalog, Environment};
use landfall_domain::environment::EnvironmentType;
use landfall_domain::time::Timestamp;
use landfall_domain::view::StandingView;
use landfall_engine::catalog::environments_in_order;
use landfall_engine::compare::{Comparison, Difference, Relation};
use serde::Deserialize;
use uuid::Uuid;

use crate::Dashboard;
use crate::answer::{Trouble, html};
use crate::filters::age;
use crate::page::Page;
use crate::session::SignedIn;

/// The route of comparisons.
pub(super) fn routes() -> Router<Dashboard> {
    Router::new().route("/compare", get(compare))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// What runs on one side.
struct Side {
    deployment: Uuid,
    version: String,
    at: Timestamp,
    age: String,
}

/// One application on both sides.
struct Row {
    project: String,
    application: String,
    application_id: Uuid,
    target: String,
    from: Option<Side>,
    to: Option<Side>,
    /// A shape and words.
    relation: (&'static str, String),
    class: &'static str,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    page: Page,
    environments: Vec<String>,
    from: String,
    to: String,
    different: Vec<Row>,
    same: Vec<Row>,
    is_compared: bool,
}

impl ComparePage {
    fn is_from(&self, code: &str) -> bool {
        self.from == code
    }

    fn is_to(&self, code: &str) -> bool {
        self.to == code
    }
}

async fn compare(
    State(dashboard): State<Dashboard>,
    viewer: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let engine = &dashboard.engine;
    let catalog = engine.catalog(&viewer.caller).await?;
    let environments = shown_environments(&catalog);
    let (from, to) = chosen(asked, &environments);
    let compared = match (from.as_str(), to.as_str()) {
        ("", _) | (_, "") => None,
        (from, to) => Some(engine.compare(&viewer.caller, from, to).await?),
    };
    let now = engine.ambient().now();
    let (same, different) = compared.as_ref().map(|found| rows(found, now)).unwrap_or_default();
    Ok(html(&ComparePage {
        page: Page::new(&viewer, "/compare", 0),
        environments: environments.iter().map(|one| one.code.to_string()).collect(),
        from: compared.as_ref().map_or(from, |found| found.from.code.to_string()),
        to: compared.as_ref().map_or(to, |found| found.to.code.to_string()),
        is_compared: compared.is_some(),
        different,
        same,
    }))
}

fn shown_environments(catalog: &Catalog) -> Vec<&Environment> {
    let live = environments_in_order(catalog).into_iter();
    live.filter(|environment| environment.archived_at.is_none()).collect()
}

/// Where nothing is chosen: the first of production, and what comes before it on the way there.
/// That is what is about to be released.
fn chosen(Asked { from, to }: Asked, environments: &[&Environment]) -> (String, String) {
    let travels = |one: &&&Environment| one.kind != EnvironmentType::Preview;
    let travelled: Vec<_> =
        environments.iter().filter(travels).map(|one| one.code.as_str()).collect();
    let is_production = |one: &&&Environment| one.kind == EnvironmentType::Production;
    let released =
        environments.iter().filter(travels).take_while(|one| !is_production(one)).count();
    let last = released.min(travelled.len().saturating_sub(1)).max(1);
    let other = |text: String, index: usize| match travelled.get(index) {
        Some(code) if text.is_empty() => (*code).to_owned(),
        _ => text,
    };
    (other(from, last - 1), other(to, last))
}

/// The rows that are the same, and those that differ.
fn rows(compared: &Comparison, now: Timestamp) -> (Vec<Row>, Vec<Row>) {
    let (from, to) = (compared.from.code.as_str(), compared.to.code.as_str());
    let is_same = |row: &&Difference| row.relation == Relation::Same;
    let (same, different): (Vec<_>, Vec<_>) = compared.rows.iter().partition(is_same);
    let shown =
        |rows: Vec<&Difference>| rows.into_iter().map(|row| shown(row, from, to, now)).collect();
    (shown(same), shown(different))
}

fn shown(row: &Difference, from: &str, to: &str, now: Timestamp) -> Row {
    let (relation, class) = in_words(row.relation, from, to);
    Row {
        project: row.project.name.to_string(),
        application: row.application.name.to_string(),
        application_id: row.application.id.uuid(),
        target: row.target.clone(),
        from: row.from.as_ref().map(|standing| side(standing, now)),
        to: row.to.as_ref().map(|standing| side(standing, now)),
        relation,
        class,
    }
}

fn side(standing: &StandingView, now: Timestamp) -> Side {
    Side {
        deployment: standing.deployment_id,
        version: standing.version.clone(),
        at: standing.at,
        age: age(standing.at, now),
    }
}

/// The arrow points to where the newer version would go.
fn in_words(relation: Relation, from: &str, to: &str) -> ((&'static str, String), &'static str) {
    let versions = |count: u64| if count == 1 { "version" } else { "versions" };
    match relation {
        Relation::Same => (("=", "same".to_owned()), "same"),
        Relation::Ahead(n) => (("→", format!("{to} is {n} {} behind", versions(n))), "ahead"),
        Relation::Behind(n) => (("←", format!("{from} is {n} {} behind", versions(n))), "behind"),
        Relation::OnlyInFrom => (("→", format!("not in {to}")), "ahead"),
        Relation::OnlyInTo => (("←", format!("not in {from}")), "behind"),
    }
}
