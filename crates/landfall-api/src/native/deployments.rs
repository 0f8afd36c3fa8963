//! `/deployments`: reporting, reading and voiding deployments.

use axum::extract::{Request, State};
use landfall_domain::access::Scope;
use landfall_domain::command::Command;
use landfall_domain::id::{ApplicationId, DeploymentId};
use landfall_domain::outcome::{Outcome, ReportedSubject};
use landfall_domain::view::DeploymentView;
use landfall_engine::catalog::{require_application, require_environment};
use landfall_engine::history::DeploymentFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::builds::read_status;
use super::fields::{Prose, optional};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::report::{self, DeploymentBody};
use super::request::{Asked, By, MaybeSent, Word};
use super::versions;
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of deployments.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_deployments, report_deployment))
        .routes(routes!(get_deployment))
        .routes(routes!(void_deployment))
}

/// A deployment, and whether it is what runs there now.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownDeployment {
    /// The deployment.
    #[serde(flatten)]
    deployment: DeploymentView,
    /// Whether it is what runs in its environment and target now.
    current: bool,
}

impl ShownDeployment {
    /// Shows a deployment beside all that are current.
    pub(super) fn of(deployment: DeploymentView, current: &[Uuid]) -> Self {
        let current = current.contains(&deployment.run.id);
        Self { deployment, current }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DeploymentsQuery {
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only those of this application: its id, name or former name.
    application: Option<String>,
    /// Only those into this environment: its id, code or former code.
    environment: Option<String>,
    /// Only those of this version: its id, or its name with `application` beside it.
    version: Option<String>,
    /// Only those in this status.
    status: Option<String>,
    /// Only those into this part of an environment; empty for those that named none.
    target: Option<String>,
}

/// List deployments, newest first.
#[utoipa::path(get, path = "/api/v1/deployments", tag = "deployments", params(DeploymentsQuery),
    responses((status = 200, description = "A page of deployments",
        body = Page<DeploymentView>)))]
async fn list_deployments(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<DeploymentsQuery>,
) -> Result<Json<Page<DeploymentView>>, Problem> {
    let DeploymentsQuery { limit, cursor, application, environment, version, status, target } =
        query;
    let paging = Paging::read(limit.as_deref(), cursor)?;
    let status = status.as_deref().map(read_status).transpose()?;
    let mut filter = DeploymentFilter { status, target, ..DeploymentFilter::default() };
    if application.is_some() || environment.is_some() {
        let catalog = api.engine.catalog(&caller).await?;
        let application = application.map(|word| require_application(&catalog, &word));
        let environment = environment.map(|word| require_environment(&catalog, &word));
        filter.application = application.transpose()?.map(|application| application.id);
        filter.environment = environment.transpose()?.map(|environment| environment.id);
    }
    if let Some(word) = version {
        let version = versions::find(&api, &caller, filter.application, &word).await?;
        filter.application.get_or_insert(version.application);
        filter.version = Some(version.id);
    }
    let found = api.engine.list_deployments(&caller, filter, paging.of_history()?).await?;
    Ok(Json(paging.page(found, |deployment| deployment.run.id.to_string())))
}

/// Show a deployment.
#[utoipa::path(get, path = "/api/v1/deployments/{id}", tag = "deployments",
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The deployment", body = ShownDeployment)))]
async fn get_deployment(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<Json<ShownDeployment>, Problem> {
    let found = api.engine.find_deployment(&caller, word.id("deployment")?).await?;
    let application = ApplicationId::from_uuid(found.application.id);
    let current = api.engine.current_deployments(&caller, application).await?;
    Ok(Json(ShownDeployment::of(found, &current)))
}

/// What became of a reported deployment.
#[derive(Serialize, ToSchema)]
struct ReportedDeploymentView {
    /// The deployment, as it stands now.
    deployment: DeploymentView,
    /// The report said nothing new, so no event was appended.
    repeated: bool,
    /// It made its deployment the current one.
    became_current: bool,
    /// The number of the event that it appended.
    sequence: Option<u64>,
}

/// Report a deployment.
///
/// Reports of one run (the same `source_id`, or the same version, environment, target and
/// `invoke_id`) are one deployment. What is named and not known yet is created, unless the
/// organization is strict. `Idempotency-Key` makes a retry answer what the first request was
/// answered, for 24 hours.
#[utoipa::path(post, path = "/api/v1/deployments", tag = "deployments", request_body = DeploymentBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text, such as a UUID")),
    responses((status = 200, description = "The deployment it belongs to",
        body = ReportedDeploymentView)))]
async fn report_deployment(
    State(api): State<Api>,
    request: Request,
) -> Result<Json<ReportedDeploymentView>, Problem> {
    let reported = report::take::<DeploymentBody>(&api, request).await?;
    let ReportedSubject::Deployment(deployment) = reported.subject else {
        unreachable!("a deployment's report was answered with a build")
    };
    Ok(Json(ReportedDeploymentView {
        deployment,
        repeated: reported.repeated,
        became_current: reported.became_current,
        sequence: reported.sequence,
    }))
}

/// Why a deployment never happened.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VoidBody {
    /// In words.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    reason: Option<Prose<2_000>>,
}

/// A deployment that was voided.
#[derive(Serialize, ToSchema)]
struct VoidedDeploymentView {
    /// The deployment, as it stands now.
    deployment: DeploymentView,
}

/// Declare that a deployment never happened.
///
/// What ran there before is current again.
#[utoipa::path(post, path = "/api/v1/deployments/{id}/void", tag = "deployments",
    request_body = VoidBody,
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The deployment, voided",
        body = VoidedDeploymentView)))]
async fn void_deployment(
    State(api): State<Api>,
    word: Word,
    MaybeSent { caller, body }: MaybeSent<VoidBody>,
) -> Result<Json<VoidedDeploymentView>, Problem> {
    caller.require(Scope::Manage)?;
    let id = DeploymentId::from_uuid(word.id("deployment")?);
    let reason = body.reason.map(Prose::into_string);
    match api.engine.manage(&caller, Command::VoidDeployment { id, reason }).await? {
        Outcome::Voided(deployment) => Ok(Json(VoidedDeploymentView { deployment: *deployment })),
        other => unreachable!("a voiding was answered with {other:?}"),
    }
}
