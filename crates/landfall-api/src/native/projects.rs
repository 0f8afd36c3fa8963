//! `/projects`: groups of applications.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::catalog::{Catalog, Project};
use landfall_domain::command::{Command, NewProject, ProjectEdit};
use landfall_domain::outcome::Outcome;
use landfall_domain::text::{ProjectName, Text};
use landfall_domain::time::Timestamp;
use landfall_engine::catalog::require_project;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields::{Prose, nullable, present};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::request::{Asked, By, Sent, Word};
use super::teams::code_of;
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of projects.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_projects, create_project)).routes(routes!(
        get_project,
        edit_project,
        delete_project
    ))
}

/// A project.
#[derive(Serialize, ToSchema)]
struct ProjectView {
    /// Its id.
    id: Uuid,
    /// The same id as Akinon's clients know it.
    #[schema(example = "01935a1b2c3d6c7d8e9fa0b1")]
    object_id: String,
    /// Its name, unique in the organization.
    name: String,
    /// Names it had before; reports and paths may go on using them.
    aliases: Vec<String>,
    /// What it is for.
    description: Option<String>,
    /// The code of its team.
    team: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn show(project: &Project, catalog: &Catalog) -> ProjectView {
    let Project { id, name, aliases, description, team, created_at, deleted_at: _ } = project;
    ProjectView {
        id: id.uuid(),
        object_id: id.object_id(),
        name: name.to_string(),
        aliases: aliases.clone(),
        description: description.clone(),
        team: code_of(catalog, *team),
        created_at: *created_at,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ProjectsQuery {
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only projects whose name holds this, in any case.
    name: Option<String>,
}

/// List projects, by name.
#[utoipa::path(get, path = "/api/v1/projects", tag = "projects", params(ProjectsQuery),
    responses((status = 200, description = "A page of projects", body = Page<ProjectView>)))]
async fn list_projects(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<ProjectsQuery>,
) -> Result<Json<Page<ProjectView>>, Problem> {
    let ProjectsQuery { limit, cursor, name } = query;
    let paging = Paging::read(limit.as_deref(), cursor)?;
    let name = name.unwrap_or_default().to_lowercase();
    let catalog = api.engine.catalog(&caller).await?;
    let mut all: Vec<&Project> = catalog.projects.values().collect();
    all.sort_by_key(|project| (&project.name, project.id));
    let id = |project: &&Project| project.id.to_string();
    let mut found = paging.rest(all, id)?;
    found.retain(|project| {
        project.deleted_at.is_none() && project.name.as_str().to_lowercase().contains(&name)
    });
    Ok(Json(paging.page(found, id).map(|project| show(project, &catalog))))
}

/// A project to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProjectBody {
    /// Its name, unique in the organization.
    #[schema(value_type = String, max_length = 255)]
    name: ProjectName,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<Prose<2_000>>,
    /// The code of its team.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    team: Option<Text<100>>,
}

/// Make a project.
#[utoipa::path(post, path = "/api/v1/projects", tag = "projects", request_body = ProjectBody,
    responses((status = 201, description = "The project", body = ProjectView)))]
async fn create_project(
    State(api): State<Api>,
    Sent { caller, body }: Sent<ProjectBody>,
) -> Result<(StatusCode, Json<ProjectView>), Problem> {
    let ProjectBody { name, description, team } = body;
    let new = NewProject {
        name,
        description: description.map(Prose::into_string),
        team: team.map(Text::into_string),
    };
    let made = api.engine.manage(&caller, Command::CreateProject(new)).await?;
    let catalog = api.engine.catalog(&caller).await?;
    Ok((StatusCode::CREATED, Json(show(&project(made), &catalog))))
}

/// Show a project.
#[utoipa::path(get, path = "/api/v1/projects/{project}", tag = "projects",
    params(("project" = String, Path, description = "Its id, name or former name")),
    responses((status = 200, description = "The project", body = ProjectView)))]
async fn get_project(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<Json<ProjectView>, Problem> {
    let catalog = api.engine.catalog(&caller).await?;
    Ok(Json(show(require_project(&catalog, &word)?, &catalog)))
}

/// What a project becomes; what is left out stays, null empties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
struct ProjectEditBody {
    /// Its new name; the old one stays as an alias.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255, nullable = false)]
    name: Option<ProjectName>,
    /// What it is for.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<Option<Prose<2_000>>>,
    /// The code of its team.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    team: Option<Option<Text<100>>>,
}

/// Change or rename a project.
#[utoipa::path(patch, path = "/api/v1/projects/{project}", tag = "projects",
    request_body = ProjectEditBody,
    params(("project" = String, Path, description = "Its id, name or former name")),
    responses((status = 200, description = "The project as it is now", body = ProjectView)))]
async fn edit_project(
    State(api): State<Api>,
    Word(word): Word,
    Sent { caller, body }: Sent<ProjectEditBody>,
) -> Result<Json<ProjectView>, Problem> {
    caller.require(Scope::Manage)?;
    let ProjectEditBody { name, description, team } = body;
    let catalog = api.engine.catalog(&caller).await?;
    let id = require_project(&catalog, &word)?.id;
    let edit = ProjectEdit {
        name,
        description: description.map(|text| text.map(Prose::into_string)),
        team: team.map(|code| code.map(Text::into_string)),
    };
    let edited = api.engine.manage(&caller, Command::EditProject(id, edit)).await?;
    Ok(Json(show(&project(edited), &catalog)))
}

/// Delete a project that has no applications.
#[utoipa::path(delete, path = "/api/v1/projects/{project}", tag = "projects",
    params(("project" = String, Path, description = "Its id, name or former name")),
    responses((status = 204, description = "It is deleted")))]
async fn delete_project(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<StatusCode, Problem> {
    caller.require(Scope::Manage)?;
    let id = require_project(&*api.engine.catalog(&caller).await?, &word)?.id;
    api.engine.delete_project(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn project(outcome: Outcome) -> Project {
    match outcome {
        Outcome::Project(project) => project,
        other => unreachable!("a project's command was answered with {other:?}"),
    }
}
