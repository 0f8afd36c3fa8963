//! `/versions`: immutable build products, and where they went.

use std::collections::HashSet;

use axum::extract::State;
use landfall_domain::catalog::Catalog;
use landfall_domain::id::ApplicationId;
use landfall_domain::time::Timestamp;
use landfall_domain::version::Version;
use landfall_domain::view::Named;
use landfall_engine::Caller;
use landfall_engine::catalog::require_application;
use landfall_engine::history::{DeploymentFilter, HistoryPage, VersionFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::deployments::ShownDeployment;
use super::page::{Page, Paging};
use super::problem::Problem;
use super::request::{Asked, By, Word};
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// A shorter beginning of a commit would find too much.
const COMMIT_CHARS_MIN: usize = 4;
/// A version's page looks at so many of its deployments.
const DEPLOYMENTS_MAX: i64 = 100;

/// The routes of versions.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_versions)).routes(routes!(get_version))
}

/// A version.
#[derive(Serialize, ToSchema)]
struct VersionView {
    /// Its id.
    id: Uuid,
    /// Its name, unique in the application.
    name: String,
    /// The application it is of.
    application: Option<Named>,
    /// Its commit.
    commit_sha: Option<String>,
    /// Whether a build named the commit, so that it can't change any more.
    pinned: bool,
    /// The earliest time that anything is told of it.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn show(version: Version, catalog: &Catalog) -> VersionView {
    let Version { id, application, name, commit_sha, is_pinned, created_at, open_builds: _ } =
        version;
    VersionView {
        id: id.uuid(),
        name: name.into_string(),
        application: catalog.applications.get(application).map(Into::into),
        commit_sha: commit_sha.map(|sha| sha.as_str().to_owned()),
        pinned: is_pinned,
        created_at,
    }
}

/// Finds a version by its name, where its application is known, or by its id.
pub(super) async fn find(
    api: &Api,
    caller: &Caller,
    application: Option<ApplicationId>,
    word: &str,
) -> Result<Version, Problem> {
    match (application, Uuid::parse_str(word)) {
        (_, Ok(id)) => Ok(api.engine.find_version(caller, id).await?),
        (Some(application), Err(_)) => {
            Ok(api.engine.find_version_named(caller, application, word).await?)
        }
        (None, Err(_)) => {
            let reason = "is a name, which needs an `application` beside it; or give an id";
            Err(Rejection::field("version", reason).into())
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VersionsQuery {
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only those of this application: its id, name or former name.
    application: Option<String>,
    /// Only those whose commit begins so; at least 4 characters. Beside `application`, a page may
    /// hold fewer than `limit` and still have a `next`.
    commit: Option<String>,
}

/// List versions, newest first.
#[utoipa::path(get, path = "/api/v1/versions", tag = "versions", params(VersionsQuery),
    responses((status = 200, description = "A page of versions", body = Page<VersionView>)))]
async fn list_versions(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<VersionsQuery>,
) -> Result<Json<Page<VersionView>>, Problem> {
    let VersionsQuery { limit, cursor, application, commit } = query;
    let paging = Paging::read(limit.as_deref(), cursor)?;
    let catalog = api.engine.catalog(&caller).await?;
    let application = application.map(|word| require_application(&catalog, &word));
    let application = application.transpose()?.map(|application| application.id);
    let filter = match (commit, application) {
        (Some(commit), _) if commit.trim().chars().count() < COMMIT_CHARS_MIN => {
            return Err(Rejection::field("commit", "must be at least 4 characters long").into());
        }
        (Some(commit), _) => VersionFilter::Commit(commit.trim().to_owned()),
        (None, Some(application)) => VersionFilter::Application(application),
        (None, None) => VersionFilter::All,
    };
    let found = api.engine.list_versions(&caller, filter, paging.of_history()?).await?;
    let mut page = paging.page(found, |version| version.id.to_string());
    page.retain(|version| application.is_none_or(|id| version.application == id));
    Ok(Json(page.map(|version| show(version, &catalog))))
}

/// A version and where it went.
#[derive(Serialize, ToSchema)]
struct VersionDetailView {
    /// The version.
    #[serde(flatten)]
    version: VersionView,
    /// Its last deployment into each environment and target, newest first.
    deployments: Vec<ShownDeployment>,
}

/// Show a version, where it is now and where it was.
#[utoipa::path(get, path = "/api/v1/versions/{id}", tag = "versions",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The version", body = VersionDetailView)))]
async fn get_version(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<Json<VersionDetailView>, Problem> {
    let version = api.engine.find_version(&caller, word.id("version")?).await?;
    let application = version.application;
    let filter = DeploymentFilter {
        application: Some(application),
        version: Some(version.id),
        ..DeploymentFilter::default()
    };
    let page = HistoryPage::first(DEPLOYMENTS_MAX);
    let mut deployments = api.engine.list_deployments(&caller, filter, page).await?;
    let mut seen = HashSet::new();
    deployments.retain(|found| seen.insert((found.environment.id, found.target.clone())));
    let current = api.engine.current_deployments(&caller, application).await?;
    let shown = deployments.into_iter().map(|found| ShownDeployment::of(found, &current));
    let catalog = api.engine.catalog(&caller).await?;
    let version = show(version, &catalog);
    Ok(Json(VersionDetailView { version, deployments: shown.collect() }))
}
