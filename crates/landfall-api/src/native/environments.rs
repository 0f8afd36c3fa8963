//! `/environments`: where things run.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::catalog::{Catalog, Environment};
use landfall_domain::command::{Command, EnvironmentEdit, NewEnvironment};
use landfall_domain::environment::EnvironmentType;
use landfall_domain::outcome::Outcome;
use landfall_domain::text::{EnvironmentCode, Text};
use landfall_domain::time::Timestamp;
use landfall_engine::catalog::require_environment;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields::{HttpUrl, nullable, present};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::request::{Asked, By, Sent, Word};
use super::teams::code_of;
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;

/// The routes of environments.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_environments, create_environment)).routes(routes!(
        get_environment,
        edit_environment,
        delete_environment
    ))
}

/// An environment.
#[derive(Serialize, ToSchema)]
struct EnvironmentView {
    /// Its id.
    id: Uuid,
    /// Its code, unique in the organization.
    code: String,
    /// Its name for people.
    name: String,
    /// `development`, `testing`, `staging`, `preview` or `production`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "production")]
    kind: EnvironmentType,
    /// Codes it had before; reports and paths may go on using them.
    aliases: Vec<String>,
    /// The code of the team that owns it.
    team: Option<String>,
    /// Where it is found.
    url: Option<String>,
    /// Its place among those of its type.
    position: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Since when it is out of sight; a report brings it back.
    #[schema(value_type = Option<String>, format = DateTime)]
    archived_at: Option<Timestamp>,
}

fn show(environment: &Environment, catalog: &Catalog) -> EnvironmentView {
    let Environment {
        id,
        code,
        name,
        aliases,
        kind,
        team,
        url,
        position,
        created_at,
        archived_at,
        deleted_at: _,
    } = environment;
    EnvironmentView {
        id: id.uuid(),
        code: code.to_string(),
        name: name.clone(),
        kind: *kind,
        aliases: aliases.clone(),
        team: code_of(catalog, *team),
        url: url.clone(),
        position: *position,
        created_at: *created_at,
        archived_at: *archived_at,
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EnvironmentsQuery {
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Only those of this type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Archived ones too.
    archived: Option<bool>,
}

/// Reads an environment's type from a query.
pub(super) fn read_type(word: &str) -> Result<EnvironmentType, Rejection> {
    EnvironmentType::parse(word).ok_or_else(|| {
        let reason = "must be one of development, testing, staging, preview, production";
        Rejection::field("type", reason)
    })
}

/// List environments, in the order of promotion.
#[utoipa::path(get, path = "/api/v1/environments", tag = "environments", params(EnvironmentsQuery),
    responses((status = 200, description = "A page of environments",
        body = Page<EnvironmentView>)))]
async fn list_environments(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<EnvironmentsQuery>,
) -> Result<Json<Page<EnvironmentView>>, Problem> {
    let EnvironmentsQuery { limit, cursor, kind, archived } = query;
    let paging = Paging::read(limit.as_deref(), cursor)?;
    let kind = kind.as_deref().map(read_type).transpose()?;
    let with_archived = archived.unwrap_or(false);
    let catalog = api.engine.catalog(&caller).await?;
    let mut all: Vec<&Environment> = catalog.environments.values().collect();
    all.sort_by_key(|found| (found.kind, found.position, &found.code, found.id));
    let id = |environment: &&Environment| environment.id.to_string();
    let mut found = paging.rest(all, id)?;
    found.retain(|environment| {
        environment.deleted_at.is_none()
            && (with_archived || environment.archived_at.is_none())
            && kind.is_none_or(|kind| environment.kind == kind)
    });
    Ok(Json(paging.page(found, id).map(|environment| show(environment, &catalog))))
}

/// An environment to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnvironmentBody {
    /// Its code, unique in the organization.
    #[schema(value_type = String, max_length = 100)]
    code: EnvironmentCode,
    /// Its name for people; the code if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255)]
    name: Option<Text<255>>,
    /// What it is for; inferred from the code if absent.
    #[serde(default, rename = "type")]
    #[schema(value_type = Option<String>, example = "production")]
    kind: Option<EnvironmentType>,
    /// The code of the team that owns it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    team: Option<Text<100>>,
    /// Where it is found.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    url: Option<HttpUrl>,
    /// Its place among those of its type; 0 if absent.
    #[serde(default)]
    position: Option<i64>,
}

/// Make an environment.
#[utoipa::path(post, path = "/api/v1/environments", tag = "environments", request_body = EnvironmentBody,
    responses((status = 201, description = "The environment", body = EnvironmentView)))]
async fn create_environment(
    State(api): State<Api>,
    Sent { caller, body }: Sent<EnvironmentBody>,
) -> Result<(StatusCode, Json<EnvironmentView>), Problem> {
    let EnvironmentBody { code, name, kind, team, url, position } = body;
    let new = NewEnvironment {
        code,
        name: name.map(Text::into_string),
        kind,
        team: team.map(Text::into_string),
        url: url.map(HttpUrl::into_string),
        position,
    };
    let made = api.engine.manage(&caller, Command::CreateEnvironment(new)).await?;
    let catalog = api.engine.catalog(&caller).await?;
    Ok((StatusCode::CREATED, Json(show(&environment(made), &catalog))))
}

/// Show an environment.
#[utoipa::path(get, path = "/api/v1/environments/{environment}", tag = "environments",
    params(("environment" = String, Path, description = "Its id, code or former code")),
    responses((status = 200, description = "The environment", body = EnvironmentView)))]
async fn get_environment(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<Json<EnvironmentView>, Problem> {
    let catalog = api.engine.catalog(&caller).await?;
    Ok(Json(show(require_environment(&catalog, &word)?, &catalog)))
}

/// What an environment becomes; what is left out stays, null empties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
struct EnvironmentEditBody {
    /// Its new code; the old one stays as an alias.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, nullable = false)]
    code: Option<EnvironmentCode>,
    /// Its name for people.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255, nullable = false)]
    name: Option<Text<255>>,
    /// What it is for.
    #[serde(default, rename = "type", deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "production", nullable = false)]
    kind: Option<EnvironmentType>,
    /// The code of the team that owns it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    team: Option<Option<Text<100>>>,
    /// Where it is found.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    url: Option<Option<HttpUrl>>,
    /// Its place among those of its type.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    position: Option<i64>,
    /// Out of sight, or back.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

/// Change, rename, archive or bring back an environment.
#[utoipa::path(patch, path = "/api/v1/environments/{environment}", tag = "environments",
    request_body = EnvironmentEditBody,
    params(("environment" = String, Path, description = "Its id, code or former code")),
    responses((status = 200, description = "The environment as it is now",
        body = EnvironmentView)))]
async fn edit_environment(
    State(api): State<Api>,
    Word(word): Word,
    Sent { caller, body }: Sent<EnvironmentEditBody>,
) -> Result<Json<EnvironmentView>, Problem> {
    caller.require(Scope::Manage)?;
    let EnvironmentEditBody { code, name, kind, team, url, position, archived } = body;
    let catalog = api.engine.catalog(&caller).await?;
    let id = require_environment(&catalog, &word)?.id;
    let edit = EnvironmentEdit {
        code,
        name: name.map(Text::into_string),
        kind,
        team: team.map(|code| code.map(Text::into_string)),
        url: url.map(|url| url.map(HttpUrl::into_string)),
        position,
        archived,
    };
    let edited = api.engine.manage(&caller, Command::EditEnvironment(id, edit)).await?;
    Ok(Json(show(&environment(edited), &catalog)))
}

/// Delete an environment.
///
/// Its history stays.
#[utoipa::path(delete, path = "/api/v1/environments/{environment}", tag = "environments",
    params(("environment" = String, Path, description = "Its id, code or former code")),
    responses((status = 204, description = "It is deleted")))]
async fn delete_environment(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<StatusCode, Problem> {
    caller.require(Scope::Manage)?;
    let id = require_environment(&*api.engine.catalog(&caller).await?, &word)?.id;
    api.engine.manage(&caller, Command::DeleteEnvironment(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn environment(outcome: Outcome) -> Environment {
    match outcome {
        Outcome::Environment(environment) => environment,
        other => unreachable!("an environment's command was answered with {other:?}"),
    }
}
