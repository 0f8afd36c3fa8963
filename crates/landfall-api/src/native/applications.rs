//! `/applications`: things that are built and deployed.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Catalog};
use landfall_domain::command::{ApplicationEdit, Command, NewApplication};
use landfall_domain::id::EnvironmentId;
use landfall_domain::outcome::Outcome;
use landfall_domain::text::{ApplicationName, EnvironmentCode, TargetName, Text};
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_engine::catalog::{
    require_application, require_environment, require_project, require_team,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields::{Prose, nullable, optional, present};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::request::{Asked, By, Sent, Word};
use super::teams::code_of;
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// The routes of applications.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_applications, create_application))
        .routes(routes!(get_application, edit_application, delete_application))
        .routes(routes!(retire_application))
}

/// An application.
#[derive(Serialize, ToSchema)]
struct ApplicationView {
    /// Its id.
    id: Uuid,
    /// Its name, unique in the project.
    name: String,
    /// The project it is in.
    project: Option<Named>,
    /// Names it had before; reports and paths may go on using them.
    aliases: Vec<String>,
    /// What it is for.
    description: Option<String>,
    /// Where its source is.
    repository: Option<String>,
    /// The code of its team.
    team: Option<String>,
    /// The codes of the environments that it is meant to run in.
    environments: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn show(application: &Application, catalog: &Catalog) -> ApplicationView {
    let Application {
        id,
        project,
        name,
        aliases,
        description,
        repository,
        team,
        environments,
        created_at,
        deleted_at: _,
    } = application;
    ApplicationView {
        id: id.uuid(),
        name: name.to_string(),
        project: catalog.projects.get(*project).map(Into::into),
        aliases: aliases.clone(),
        description: description.clone(),
        repository: repository.clone(),
        team: code_of(catalog, *team),
        environments: codes_of(catalog, environments),
        created_at: *created_at,
    }
}

/// The codes of those environments that are not deleted.
fn codes_of(catalog: &Catalog, environments: &[EnvironmentId]) -> Vec<String> {
    let found = environments.iter().filter_map(|id| catalog.environments.get(*id));
    found.filter(|found| found.deleted_at.is_none()).map(|found| found.code.to_string()).collect()
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ApplicationsQuery {
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only those of this project: its id, name or former name.
    project: Option<String>,
    /// Only those of this team: its id or code. Without a team of its own an application has its
    /// project's.
    team: Option<String>,
    /// Only those whose name holds this, in any case.
    name: Option<String>,
}

/// List applications, by project and name.
#[utoipa::path(get, path = "/api/v1/applications", tag = "applications", params(ApplicationsQuery),
    responses((status = 200, description = "A page of applications",
        body = Page<ApplicationView>)))]
async fn list_applications(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<ApplicationsQuery>,
) -> Result<Json<Page<ApplicationView>>, Problem> {
    let ApplicationsQuery { limit, cursor, project, team, name } = query;
    let paging = Paging::read(limit.as_deref(), cursor)?;
    let name = name.unwrap_or_default().to_lowercase();
    let catalog = api.engine.catalog(&caller).await?;
    let project = project.map(|word| require_project(&catalog, &word).map(|found| found.id));
    let project = project.transpose()?;
    let team = team.map(|word| require_team(&catalog, &word).map(|found| found.id)).transpose()?;

    let project_of = |application: &Application| catalog.projects.get(application.project);
    let mut all: Vec<&Application> = catalog.applications.values().collect();
    all.sort_by_key(|application| {
        (project_of(application).map(|project| &project.name), &application.name, application.id)
    });
    let id = |application: &&Application| application.id.to_string();
    let mut found = paging.rest(all, id)?;
    found.retain(|application| {
        let owner = application.team.or_else(|| project_of(application)?.team);
        application.deleted_at.is_none()
            && project.is_none_or(|project| application.project == project)
            && (team.is_none() || owner == team)
            && application.name.as_str().to_lowercase().contains(&name)
    });
    Ok(Json(paging.page(found, id).map(|application| show(application, &catalog))))
}

/// An application to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ApplicationBody {
    /// Its name, unique in the project.
    #[schema(value_type = String, max_length = 255)]
    name: ApplicationName,
    /// Its project: id, name or former name; `default` if absent.
    #[serde(default)]
    project: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<Prose<2_000>>,
    /// Where its source is.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    repository: Option<Text<500>>,
    /// The code of its team.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    team: Option<Text<100>>,
}

/// Make an application.
#[utoipa::path(post, path = "/api/v1/applications", tag = "applications", request_body = ApplicationBody,
    responses((status = 201, description = "The application", body = ApplicationView)))]
async fn create_application(
    State(api): State<Api>,
    Sent { caller, body }: Sent<ApplicationBody>,
) -> Result<(StatusCode, Json<ApplicationView>), Problem> {
    caller.require(Scope::Manage)?;
    let ApplicationBody { name, project, description, repository, team } = body;
    let catalog = api.engine.catalog(&caller).await?;
    let project = project.map(|word| require_project(&catalog, &word)).transpose()?;
    let new = NewApplication {
        project: project.map(|project| project.name.clone()),
        name,
        description: description.map(Prose::into_string),
        repository: repository.map(Text::into_string),
        team: team.map(Text::into_string),
    };
    let made = api.engine.manage(&caller, Command::CreateApplication(new)).await?;
    Ok((StatusCode::CREATED, Json(show(&application(made), &catalog))))
}

/// Show an application.
#[utoipa::path(get, path = "/api/v1/applications/{application}", tag = "applications",
    params(("application" = String, Path,
        description = "Its id, name or former name; `project%2Fname` where several have it")),
    responses((status = 200, description = "The application", body = ApplicationView)))]
async fn get_application(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<Json<ApplicationView>, Problem> {
    let catalog = api.engine.catalog(&caller).await?;
    Ok(Json(show(require_application(&catalog, &word)?, &catalog)))
}

/// What an application becomes; what is left out stays, null empties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
struct ApplicationEditBody {
    /// Its new name; the old one stays as an alias.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255, nullable = false)]
    name: Option<ApplicationName>,
    /// What it is for.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<Option<Prose<2_000>>>,
    /// Where its source is.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 500)]
    repository: Option<Option<Text<500>>>,
    /// The code of its team.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    team: Option<Option<Text<100>>>,
    /// All environments that it is meant to run in: ids, codes or former codes.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 1000, nullable = false)]
    environments: Option<Vec<String>>,
}

/// An application is meant to run in at most so many environments.
const ENVIRONMENTS_MAX: usize = 1_000;

/// The codes of environments that are named in any way.
fn read_environments(
    catalog: &Catalog,
    words: &[String],
) -> Result<Vec<EnvironmentCode>, Rejection> {
    if words.len() > ENVIRONMENTS_MAX {
        let reason = format!("must be at most {ENVIRONMENTS_MAX}");
        return Err(Rejection::field("environments", reason));
    }
    let code = |word: &String| Ok(require_environment(catalog, word)?.code.clone());
    words.iter().map(code).collect()
}

/// Change or rename an application.
#[utoipa::path(patch, path = "/api/v1/applications/{application}", tag = "applications",
    request_body = ApplicationEditBody,
    params(("application" = String, Path,
        description = "Its id, name or former name; `project%2Fname` where several have it")),
    responses((status = 200, description = "The application as it is now",
        body = ApplicationView)))]
async fn edit_application(
    State(api): State<Api>,
    Word(word): Word,
    Sent { caller, body }: Sent<ApplicationEditBody>,
) -> Result<Json<ApplicationView>, Problem> {
    caller.require(Scope::Manage)?;
    let ApplicationEditBody { name, description, repository, team, environments } = body;
    let catalog = api.engine.catalog(&caller).await?;
    let id = require_application(&catalog, &word)?.id;
    let environments = environments.map(|words| read_environments(&catalog, &words)).transpose()?;
    let edit = ApplicationEdit {
        name,
        description: description.map(|text| text.map(Prose::into_string)),
        repository: repository.map(|text| text.map(Text::into_string)),
        team: team.map(|code| code.map(Text::into_string)),
        environments,
    };
    let edited = api.engine.manage(&caller, Command::EditApplication(id, edit)).await?;
    Ok(Json(show(&application(edited), &catalog)))
}

/// Delete an application.
///
/// Its history stays.
#[utoipa::path(delete, path = "/api/v1/applications/{application}", tag = "applications",
    params(("application" = String, Path,
        description = "Its id, name or former name; `project%2Fname` where several have it")),
    responses((status = 204, description = "It is deleted")))]
async fn delete_application(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<StatusCode, Problem> {
    caller.require(Scope::Manage)?;
    let id = require_application(&*api.engine.catalog(&caller).await?, &word)?.id;
    api.engine.manage(&caller, Command::DeleteApplication(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where an application no longer runs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetireBody {
    /// The environment: its id, code or former code.
    environment: String,
    /// Which part of it; all parts if absent.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 100)]
    target: Option<TargetName>,
}

/// Say that an application no longer runs in an environment.
///
/// A report brings it back.
#[utoipa::path(post, path = "/api/v1/applications/{application}/retire", tag = "applications",
    request_body = RetireBody,
    params(("application" = String, Path,
        description = "Its id, name or former name; `project%2Fname` where several have it")),
    responses((status = 204, description = "It is retired there")))]
async fn retire_application(
    State(api): State<Api>,
    Word(word): Word,
    Sent { caller, body }: Sent<RetireBody>,
) -> Result<StatusCode, Problem> {
    caller.require(Scope::Manage)?;
    let RetireBody { environment, target } = body;
    let catalog = api.engine.catalog(&caller).await?;
    let application = require_application(&catalog, &word)?.id;
    let environment = require_environment(&catalog, &environment)?.id;
    let command = Command::RetireApplication { application, environment, target };
    api.engine.manage(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn application(outcome: Outcome) -> Application {
    match outcome {
        Outcome::Application(application) => application,
        other => unreachable!("an application's command was answered with {other:?}"),
    }
}
