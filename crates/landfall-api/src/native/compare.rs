//! `/compare`: two environments side by side.

use axum::extract::State;
use landfall_domain::view::{EnvironmentRef, Named, StandingView};
use landfall_engine::compare::{Difference, Relation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::request::{Asked, By};
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// The route of comparisons.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(compare))
}

/// How one environment stands to another.
#[derive(Serialize, ToSchema)]
struct ComparisonView {
    /// The one that is looked from.
    from: EnvironmentRef,
    /// The one that is looked at.
    to: EnvironmentRef,
    /// What differs, by project, name and target.
    differences: Vec<DifferenceView>,
    /// How many applications and targets run the same version in both.
    same: usize,
}

/// One application and target in two environments.
#[derive(Serialize, ToSchema)]
struct DifferenceView {
    /// The application.
    application: Named,
    /// Its project.
    project: Named,
    /// Which part of the environments; empty if none was named.
    target: String,
    /// What runs in the first.
    from: Option<StandingView>,
    /// What runs in the second.
    to: Option<StandingView>,
    /// How the version in the first stands to the one in the second.
    relation: RelationView,
    /// By how many versions it is ahead or behind; else 0.
    versions: u64,
}

/// How the version in the first environment stands to the one in the second.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RelationView {
    /// The same version runs in both.
    Same,
    /// The first runs a newer version.
    Ahead,
    /// The first runs an older version.
    Behind,
    /// Nothing runs in the second.
    OnlyInFrom,
    /// Nothing runs in the first.
    OnlyInTo,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> Self {
        let Difference { project, application, target, from, to, relation } = difference;
        let (relation, versions) = match relation {
            Relation::Same => (RelationView::Same, 0),
            Relation::Ahead(versions) => (RelationView::Ahead, versions),
            Relation::Behind(versions) => (RelationView::Behind, versions),
            Relation::OnlyInFrom => (RelationView::OnlyInFrom, 0),
            Relation::OnlyInTo => (RelationView::OnlyInTo, 0),
        };
        let (application, project) = ((&application).into(), (&project).into());
        Self { application, project, target, from, to, relation, versions }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CompareQuery {
    /// The environment to look from: its id, code or former code.
    #[param(required = true)]
    from: Option<String>,
    /// The environment to look at: its id, code or former code.
    #[param(required = true)]
    to: Option<String>,
    /// What is the same in both too.
    all: Option<bool>,
}

/// Compare two environments.
#[utoipa::path(get, path = "/api/v1/compare", tag = "status", params(CompareQuery),
    responses((status = 200, description = "What differs", body = ComparisonView)))]
async fn compare(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<CompareQuery>,
) -> Result<Json<ComparisonView>, Problem> {
    let CompareQuery { from, to, all } = query;
    let required = |name: &'static str| move || Rejection::field(name, "is required");
    let (from, to) = (from.ok_or_else(required("from"))?, to.ok_or_else(required("to"))?);
    let mut compared = api.engine.compare(&caller, &from, &to).await?;
    let same = compared.rows.iter().filter(|row| row.relation == Relation::Same).count();
    compared.rows.retain(|row| all.unwrap_or(false) || row.relation != Relation::Same);
    Ok(Json(ComparisonView {
        from: (&compared.from).into(),
        to: (&compared.to).into(),
        differences: compared.rows.into_iter().map(Into::into).collect(),
        same,
    }))
}
