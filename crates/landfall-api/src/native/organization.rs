//! `/organization`, the caller's own, and `/organizations`.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::catalog::Organization;
use landfall_domain::command::{Command, OrganizationEdit};
use landfall_domain::outcome::Outcome;
use landfall_domain::settings::Settings;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields::{nullable, present};
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::request::{Asked, By, Sent};
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of organizations.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_organization, edit_organization))
        .routes(routes!(list_organizations, create_organization))
}

/// What an organization may set about its own ledger.
#[derive(Serialize, ToSchema)]
struct SettingsView {
    /// Refuse unknown names instead of creating them.
    strict: bool,
    /// Refuse a deployment that names another commit than its version's build.
    refuse_other_sha: bool,
    /// Hours without news after which an open build or deployment is stale.
    stale_after_hours: u32,
    /// Quiet days after which a preview environment is archived; 0 never archives.
    archive_previews_after_days: u32,
    /// More environments than this can't be made, archived ones not counted; null is without limit.
    environments_max: Option<u32>,
    /// More applications than this can't be made; null is without limit.
    applications_max: Option<u32>,
}

impl From<Settings> for SettingsView {
    fn from(settings: Settings) -> Self {
        let Settings {
            strict,
            refuse_other_sha,
            stale_after_hours,
            archive_previews_after_days,
            environments_max,
            applications_max,
        } = settings;
        Self {
            strict,
            refuse_other_sha,
            stale_after_hours,
            archive_previews_after_days,
            environments_max,
            applications_max,
        }
    }
}

/// An organization: the tenant.
#[derive(Serialize, ToSchema)]
struct OrganizationView {
    /// Its id.
    id: Uuid,
    /// The same id as Akinon's clients know it.
    #[schema(example = "01935a1b2c3d6c7d8e9fa0b1")]
    object_id: String,
    /// Its name in keys and URLs.
    slug: String,
    /// Its name for people.
    name: String,
    /// What it may set.
    settings: SettingsView,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The number of its last event; 0 if there is none yet.
    last_sequence: u64,
}

impl From<Organization> for OrganizationView {
    fn from(organization: Organization) -> Self {
        let Organization { id, slug, name, settings, next_sequence, created_at } = organization;
        Self {
            id: id.uuid(),
            object_id: id.object_id(),
            slug,
            name,
            settings: settings.into(),
            created_at,
            last_sequence: next_sequence - 1,
        }
    }
}

/// Show the organization of the API key.
#[utoipa::path(get, path = "/api/v1/organization", tag = "organizations",
    responses((status = 200, description = "The organization", body = OrganizationView)))]
async fn get_organization(
    State(api): State<Api>,
    By(caller): By,
) -> Result<Json<OrganizationView>, Problem> {
    caller.require(Scope::Read)?;
    Ok(Json(api.engine.own_organization(&caller).await?.into()))
}

/// What an organization becomes; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationEditBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255, nullable = false)]
    name: Option<Text<255>>,
    /// What it may set.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    settings: Option<SettingsBody>,
}

/// Settings to be changed; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
struct SettingsBody {
    /// Refuse unknown names instead of creating them.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    strict: Option<bool>,
    /// Refuse a deployment that names another commit than its version's build.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    refuse_other_sha: Option<bool>,
    /// Hours without news after which an open build or deployment is stale.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 1, maximum = 8760, nullable = false)]
    stale_after_hours: Option<u32>,
    /// Quiet days after which a preview environment is archived; 0 never archives.
    #[serde(default, deserialize_with = "present")]
    #[schema(maximum = 365, nullable = false)]
    archive_previews_after_days: Option<u32>,
    /// More environments than this can't be made, archived ones not counted; null is without limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>)]
    environments_max: Option<Option<u32>>,
    /// More applications than this can't be made; null is without limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>)]
    applications_max: Option<Option<u32>>,
}

impl SettingsBody {
    /// The settings with these changes.
    fn applied_to(self, settings: &Settings) -> Settings {
        let Self {
            strict,
            refuse_other_sha,
            stale_after_hours,
            archive_previews_after_days,
            environments_max,
            applications_max,
        } = self;
        Settings {
            strict: strict.unwrap_or(settings.strict),
            refuse_other_sha: refuse_other_sha.unwrap_or(settings.refuse_other_sha),
            stale_after_hours: stale_after_hours.unwrap_or(settings.stale_after_hours),
            archive_previews_after_days: archive_previews_after_days
                .unwrap_or(settings.archive_previews_after_days),
            environments_max: environments_max.unwrap_or(settings.environments_max),
            applications_max: applications_max.unwrap_or(settings.applications_max),
        }
    }
}

/// Change the organization's name or settings.
#[utoipa::path(patch, path = "/api/v1/organization", tag = "organizations",
    request_body = OrganizationEditBody,
    responses((status = 200, description = "The organization as it is now",
        body = OrganizationView)))]
async fn edit_organization(
    State(api): State<Api>,
    Sent { caller, body }: Sent<OrganizationEditBody>,
) -> Result<Json<OrganizationView>, Problem> {
    caller.require(Scope::Admin)?;
    let OrganizationEditBody { name, settings } = body;
    let settings = match settings {
        Some(changes) => {
            Some(changes.applied_to(&api.engine.own_organization(&caller).await?.settings))
        }
        None => None,
    };
    let edit = OrganizationEdit { name: name.map(Text::into_string), settings };
    match api.engine.administer(&caller, Command::EditOrganization(edit)).await? {
        Outcome::Organization(organization) => Ok(Json(organization.into())),
        other => unreachable!("an organization's command was answered with {other:?}"),
    }
}

/// List organizations, by slug.
///
/// Admin keys of the organization `default` see all of them, other keys their own.
#[utoipa::path(get, path = "/api/v1/organizations", tag = "organizations", params(PageQuery),
    responses((status = 200, description = "A page of organizations",
        body = Page<OrganizationView>)))]
async fn list_organizations(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<OrganizationView>>, Problem> {
    caller.require(Scope::Read)?;
    let paging = query.paging()?;
    let mut all = api.engine.list_organizations(&caller).await?;
    all.sort_by(|a, b| a.slug.cmp(&b.slug));
    let id = |organization: &Organization| organization.id.to_string();
    let found = paging.rest(all, id)?;
    Ok(Json(paging.page(found, id).map(Into::into)))
}

/// An organization to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationBody {
    /// Its name in keys and URLs: 1 to 50 lower-case letters, digits or hyphens.
    #[schema(example = "acme-eu")]
    slug: String,
    /// Its name for people; the slug if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255)]
    name: Option<Text<255>>,
}

/// An API key that was just made.
#[derive(Serialize, ToSchema)]
struct FirstKeyView {
    /// Its id.
    key_id: String,
    /// The key itself. It is shown now and never again.
    key: String,
}

/// An organization that was just made, and its first admin key.
#[derive(Serialize, ToSchema)]
struct MadeOrganizationView {
    /// The organization.
    organization: OrganizationView,
    /// Its first admin key.
    api_key: FirstKeyView,
}

/// Make an organization and its first admin key.
///
/// For admin keys of the organization `default`.
#[utoipa::path(post, path = "/api/v1/organizations", tag = "organizations",
    request_body = OrganizationBody,
    responses((status = 201, description = "The organization and its key, shown once",
        body = MadeOrganizationView)))]
async fn create_organization(
    State(api): State<Api>,
    Sent { caller, body }: Sent<OrganizationBody>,
) -> Result<(StatusCode, Json<MadeOrganizationView>), Problem> {
    let OrganizationBody { slug, name } = body;
    let name = name.map(Text::into_string);
    let (made, key) = api.engine.create_organization(&caller, &slug, name).await?;
    let api_key = FirstKeyView { key_id: key.key.key_id, key: key.text };
    let made = MadeOrganizationView { organization: made.into(), api_key };
    Ok((StatusCode::CREATED, Json(made)))
}
