//! `/teams`: groups of people who own things.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::catalog::{Catalog, Team};
use landfall_domain::command::{Command, NewTeam, TeamEdit};
use landfall_domain::id::TeamId;
use landfall_domain::outcome::Outcome;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_engine::catalog::require_team;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields::present;
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::request::{Asked, By, Sent, Word};
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of teams.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_teams, create_team)).routes(routes!(
        get_team,
        edit_team,
        delete_team
    ))
}

/// A team.
#[derive(Serialize, ToSchema)]
struct TeamView {
    /// Its id.
    id: Uuid,
    /// Its code, unique in the organization.
    code: String,
    /// Its name for people.
    name: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        let Team { id, code, name, created_at, deleted_at: _ } = team;
        Self { id: id.uuid(), code, name, created_at }
    }
}

/// The code of a team that something belongs to.
pub(super) fn code_of(catalog: &Catalog, team: Option<TeamId>) -> Option<String> {
    let team = catalog.teams.get(team?).filter(|team| team.deleted_at.is_none())?;
    Some(team.code.clone())
}

/// List teams, by code.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams", params(PageQuery),
    responses((status = 200, description = "A page of teams", body = Page<TeamView>)))]
async fn list_teams(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<TeamView>>, Problem> {
    let paging = query.paging()?;
    let catalog = api.engine.catalog(&caller).await?;
    let mut all: Vec<&Team> = catalog.teams.values().collect();
    all.sort_by_key(|team| (&team.code, team.id));
    let id = |team: &&Team| team.id.to_string();
    let mut found = paging.rest(all, id)?;
    found.retain(|team| team.deleted_at.is_none());
    Ok(Json(paging.page(found, id).map(|team| team.clone().into())))
}

/// A team to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamBody {
    /// Its code, unique in the organization.
    #[schema(value_type = String, max_length = 100)]
    code: Text<100>,
    /// Its name for people; the code if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255)]
    name: Option<Text<255>>,
}

/// Make a team.
#[utoipa::path(post, path = "/api/v1/teams", tag = "teams", request_body = TeamBody,
    responses((status = 201, description = "The team", body = TeamView)))]
async fn create_team(
    State(api): State<Api>,
    Sent { caller, body }: Sent<TeamBody>,
) -> Result<(StatusCode, Json<TeamView>), Problem> {
    let TeamBody { code, name } = body;
    let new = NewTeam { code: code.into_string(), name: name.map(Text::into_string) };
    let made = api.engine.manage(&caller, Command::CreateTeam(new)).await?;
    Ok((StatusCode::CREATED, Json(team(made))))
}

/// Show a team.
#[utoipa::path(get, path = "/api/v1/teams/{team}", tag = "teams",
    params(("team" = String, Path, description = "Its id or code")),
    responses((status = 200, description = "The team", body = TeamView)))]
async fn get_team(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<Json<TeamView>, Problem> {
    let catalog = api.engine.catalog(&caller).await?;
    Ok(Json(require_team(&catalog, &word)?.clone().into()))
}

/// What a team becomes; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamEditBody {
    /// Its new code.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, nullable = false)]
    code: Option<Text<100>>,
    /// Its new name for people.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255, nullable = false)]
    name: Option<Text<255>>,
}

/// Change a team.
#[utoipa::path(patch, path = "/api/v1/teams/{team}", tag = "teams", request_body = TeamEditBody,
    params(("team" = String, Path, description = "Its id or code")),
    responses((status = 200, description = "The team as it is now", body = TeamView)))]
async fn edit_team(
    State(api): State<Api>,
    Word(word): Word,
    Sent { caller, body }: Sent<TeamEditBody>,
) -> Result<Json<TeamView>, Problem> {
    caller.require(Scope::Manage)?;
    let TeamEditBody { code, name } = body;
    let id = require_team(&*api.engine.catalog(&caller).await?, &word)?.id;
    let edit = TeamEdit { code: code.map(Text::into_string), name: name.map(Text::into_string) };
    let edited = api.engine.manage(&caller, Command::EditTeam(id, edit)).await?;
    Ok(Json(team(edited)))
}

/// Delete a team.
///
/// What it owned has no owner then.
#[utoipa::path(delete, path = "/api/v1/teams/{team}", tag = "teams",
    params(("team" = String, Path, description = "Its id or code")),
    responses((status = 204, description = "It is deleted")))]
async fn delete_team(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<StatusCode, Problem> {
    caller.require(Scope::Manage)?;
    let id = require_team(&*api.engine.catalog(&caller).await?, &word)?.id;
    api.engine.manage(&caller, Command::DeleteTeam(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn team(outcome: Outcome) -> TeamView {
    match outcome {
        Outcome::Team(team) => team.into(),
        other => unreachable!("a team's command was answered with {other:?}"),
    }
}
