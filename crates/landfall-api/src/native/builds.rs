//! `/builds`: reporting and reading builds.

use axum::extract::{Request, State};
use landfall_domain::outcome::ReportedSubject;
use landfall_domain::status::Status;
use landfall_domain::view::BuildView;
use landfall_engine::catalog::require_application;
use landfall_engine::history::BuildFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{Page, Paging};
use super::problem::Problem;
use super::report::{self, BuildBody};
use super::request::{Asked, By, Word};
use super::versions;
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// The routes of builds.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_builds, report_build)).routes(routes!(get_build))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct BuildsQuery {
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only those of this application: its id, name or former name.
    application: Option<String>,
    /// Only those of this version: its id, or its name with `application` beside it.
    version: Option<String>,
    /// Only those in this status.
    status: Option<String>,
}

/// Reads a status word of a query.
pub(super) fn read_status(word: &str) -> Result<Status, Rejection> {
    Status::parse(word).map_err(|why| Rejection::field("status", format!("is wrong: {why}")))
}

/// List builds, newest first.
#[utoipa::path(get, path = "/api/v1/builds", tag = "builds", params(BuildsQuery),
    responses((status = 200, description = "A page of builds", body = Page<BuildView>)))]
async fn list_builds(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<BuildsQuery>,
) -> Result<Json<Page<BuildView>>, Problem> {
    let BuildsQuery { limit, cursor, application, version, status } = query;
    let paging = Paging::read(limit.as_deref(), cursor)?;
    let status = status.as_deref().map(read_status).transpose()?;
    let mut filter = BuildFilter { application: None, version: None, status };
    if let Some(word) = application {
        let catalog = api.engine.catalog(&caller).await?;
        filter.application = Some(require_application(&catalog, &word)?.id);
    }
    if let Some(word) = version {
        let version = versions::find(&api, &caller, filter.application, &word).await?;
        filter.application.get_or_insert(version.application);
        filter.version = Some(version.id);
    }
    let found = api.engine.list_builds(&caller, filter, paging.of_history()?).await?;
    Ok(Json(paging.page(found, |build| build.run.id.to_string())))
}

/// Show a build.
#[utoipa::path(get, path = "/api/v1/builds/{id}", tag = "builds",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The build", body = BuildView)))]
async fn get_build(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<Json<BuildView>, Problem> {
    Ok(Json(api.engine.find_build(&caller, word.id("build")?).await?))
}

/// What became of a reported build.
#[derive(Serialize, ToSchema)]
struct ReportedBuildView {
    /// The build, as it stands now.
    build: BuildView,
    /// The report said nothing new, so no event was appended.
    repeated: bool,
    /// The number of the event that it appended.
    sequence: Option<u64>,
}

/// Report a build.
///
/// Reports of one run (the same `source_id`, or the same version and `invoke_id`) are one build.
/// The first commit that a version's builds name pins it; another one is refused with 409.
/// `Idempotency-Key` makes a retry answer what the first request was answered, for 24 hours.
#[utoipa::path(post, path = "/api/v1/builds", tag = "builds", request_body = BuildBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text, such as a UUID")),
    responses((status = 200, description = "The build it belongs to", body = ReportedBuildView)))]
async fn report_build(
    State(api): State<Api>,
    request: Request,
) -> Result<Json<ReportedBuildView>, Problem> {
    let reported = report::take::<BuildBody>(&api, request).await?;
    let ReportedSubject::Build(build) = reported.subject else {
        unreachable!("a build's report was answered with a deployment")
    };
    let (repeated, sequence) = (reported.repeated, reported.sequence);
    Ok(Json(ReportedBuildView { build, repeated, sequence }))
}
