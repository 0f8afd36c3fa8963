//! `/keys`: API keys. The key itself is shown once, when it is made.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::{ApiKey, Scope};
use landfall_domain::catalog::Catalog;
use landfall_domain::id::ProjectId;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_engine::catalog::require_project;
use landfall_engine::keys::{MadeKey, NewKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::request::{Asked, By, Sent, Word};
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of API keys.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_keys, create_key)).routes(routes!(revoke_key))
}

/// An API key, without its secret.
#[derive(Serialize, ToSchema)]
struct KeyView {
    /// Its id within the organization.
    #[schema(example = "k1")]
    key_id: String,
    /// What people call it.
    name: String,
    /// What it may do: `report`, `read`, `manage` or `admin`.
    #[schema(value_type = Vec<String>, example = json!(["report"]))]
    scopes: Vec<Scope>,
    /// Where reports go that name no project.
    default_project: Option<Named>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// After this it opens nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Since then it opens nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

fn show(key: ApiKey, catalog: &Catalog) -> KeyView {
    let ApiKey {
        organization: _,
        key_id,
        name,
        scopes,
        default_project,
        secret_hash: _,
        created_at,
        expires_at,
        revoked_at,
        last_used_at,
    } = key;
    KeyView {
        key_id,
        name,
        scopes,
        default_project: named(default_project, catalog),
        created_at,
        expires_at,
        revoked_at,
        last_used_at,
    }
}

fn named(project: Option<ProjectId>, catalog: &Catalog) -> Option<Named> {
    catalog.projects.get(project?).map(Into::into)
}

/// List API keys, oldest first.
///
/// Revoked ones too.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", params(PageQuery),
    responses((status = 200, description = "A page of keys", body = Page<KeyView>)))]
async fn list_keys(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<KeyView>>, Problem> {
    caller.require(Scope::Admin)?;
    let paging = query.paging()?;
    let all = api.engine.list_keys(&caller).await?;
    let catalog = api.engine.catalog(&caller).await?;
    let id = |key: &ApiKey| key.key_id.clone();
    let found = paging.rest(all, id)?;
    Ok(Json(paging.page(found, id).map(|key| show(key, &catalog))))
}

/// An API key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    /// What people call it.
    #[schema(value_type = String, max_length = 255)]
    name: Text<255>,
    /// What it may do: `report`, `read`, `manage` or `admin`.
    #[schema(value_type = Vec<String>, min_items = 1, example = json!(["report"]))]
    scopes: Vec<Scope>,
    /// Where reports go that name no project: its id, name or former name.
    #[serde(default)]
    default_project: Option<String>,
    /// After this it opens nothing.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// An API key that was just made.
#[derive(Serialize, ToSchema)]
struct MadeKeyView {
    /// Its id within the organization.
    key_id: String,
    /// What people call it.
    name: String,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// Where reports go that name no project.
    default_project: Option<Named>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// After this it opens nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// The key itself. It is shown now and never again.
    #[schema(example = "sk_default_k2_…")]
    key: String,
}

/// Make an API key.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = KeyBody,
    responses((status = 201, description = "The key, shown once", body = MadeKeyView)))]
async fn create_key(
    State(api): State<Api>,
    Sent { caller, body }: Sent<KeyBody>,
) -> Result<(StatusCode, Json<MadeKeyView>), Problem> {
    caller.require(Scope::Admin)?;
    let KeyBody { name, mut scopes, default_project, expires_at } = body;
    scopes.sort_unstable();
    scopes.dedup();
    let catalog = api.engine.catalog(&caller).await?;
    let project = default_project.map(|word| require_project(&catalog, &word)).transpose()?;
    let new = NewKey {
        name: name.into_string(),
        scopes,
        default_project: project.map(|project| project.id),
        expires_at,
    };
    let MadeKey { key, text } = api.engine.create_key(&caller, new).await?;
    let made = MadeKeyView {
        key_id: key.key_id,
        name: key.name,
        scopes: key.scopes,
        default_project: named(key.default_project, &catalog),
        created_at: key.created_at,
        expires_at: key.expires_at,
        key: text,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revoke an API key.
///
/// It opens nothing from now on.
#[utoipa::path(delete, path = "/api/v1/keys/{key_id}", tag = "keys",
    params(("key_id" = String, Path, description = "Its id, such as `k2`")),
    responses((status = 204, description = "It is revoked")))]
async fn revoke_key(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<StatusCode, Problem> {
    api.engine.revoke_key(&caller, &word).await?;
    Ok(StatusCode::NO_CONTENT)
}
