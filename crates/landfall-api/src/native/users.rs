//! `/users`: the people of the organization. A password that was made is shown once.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::role::Role;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use landfall_domain::user::{Email, Member, User};
use landfall_engine::users::{ChangedMember, MemberEdit, NewUser};
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

/// The routes of people.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_users, create_user)).routes(routes!(
        get_user,
        edit_user,
        delete_user
    ))
}

/// A person, as a member of the organization.
#[derive(Serialize, ToSchema)]
struct UserView {
    /// Their id.
    id: Uuid,
    /// What they sign in with; in lower case.
    #[schema(value_type = String, example = "ada@acme.example")]
    email: Email,
    /// What people call them.
    name: String,
    /// What they may do: `viewer`, `reporter`, `manager` or `admin`.
    #[schema(value_type = String, example = "viewer")]
    role: Role,
    /// When they were added to this organization.
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
    /// When they last signed in to this organization, or came to it from another one.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_signed_in_at: Option<Timestamp>,
    /// When they were first added to any.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When their password last became another one.
    #[schema(value_type = String, format = DateTime)]
    password_changed_at: Timestamp,
    /// Whether the password was made for them and not changed since.
    has_initial_password: bool,
    /// Since then they can't sign in.
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Timestamp>,
}

impl From<Member> for UserView {
    fn from(member: Member) -> Self {
        let Member { organization: _, user, role, added_at, last_signed_in_at } = member;
        let User {
            id,
            email,
            name,
            created_at,
            password_changed_at,
            has_initial_password,
            disabled_at,
        } = user;
        Self {
            id: id.uuid(),
            email,
            name,
            role,
            added_at,
            last_signed_in_at,
            created_at,
            password_changed_at,
            has_initial_password,
            disabled_at,
        }
    }
}

/// A person who was just added or changed.
#[derive(Serialize, ToSchema)]
struct ChangedUserView {
    /// The person as they are now.
    user: UserView,
    /// The password that was made for them, if one was. It is shown now and never again.
    password: Option<String>,
}

impl From<ChangedMember> for ChangedUserView {
    fn from(changed: ChangedMember) -> Self {
        let ChangedMember { member, password } = changed;
        Self { user: member.into(), password }
    }
}

/// List the people of the organization, by e-mail address.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(PageQuery),
    responses((status = 200, description = "A page of people", body = Page<UserView>)))]
async fn list_users(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<UserView>>, Problem> {
    caller.require(Scope::Admin)?;
    let paging = query.paging()?;
    let all = api.engine.list_users(&caller).await?;
    let id = |member: &Member| member.user.id.to_string();
    let found = paging.rest(all, id)?;
    Ok(Json(paging.page(found, id).map(Into::into)))
}

/// A person to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserBody {
    /// What they sign in with.
    #[schema(value_type = String, max_length = 254, example = "ada@acme.example")]
    email: Email,
    /// What people call them; the e-mail address if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255)]
    name: Option<Text<255>>,
    /// What they may do: `viewer`, `reporter`, `manager` or `admin`.
    #[schema(value_type = String, example = "viewer")]
    role: Role,
    /// Their password; one is made and shown if absent.
    #[serde(default)]
    #[schema(min_length = 12, max_length = 200)]
    password: Option<String>,
}

/// Add a person to the organization.
///
/// Somebody who is in another organization of this server already keeps the name and the password
/// that they have.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = UserBody,
    responses((status = 201, description = "The person, and their password if one was made",
        body = ChangedUserView)))]
async fn create_user(
    State(api): State<Api>,
    Sent { caller, body }: Sent<UserBody>,
) -> Result<(StatusCode, Json<ChangedUserView>), Problem> {
    let UserBody { email, name, role, password } = body;
    let new = NewUser { email, name: name.map(Text::into_string), role, password };
    let made = api.engine.create_user(&caller, new).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Show a person.
#[utoipa::path(get, path = "/api/v1/users/{user}", tag = "users",
    params(("user" = String, Path, description = "Their id or e-mail address")),
    responses((status = 200, description = "The person", body = UserView)))]
async fn get_user(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(api.engine.find_user(&caller, &word).await?.into()))
}

/// What a person becomes; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserEditBody {
    /// What they may do: `viewer`, `reporter`, `manager` or `admin`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, nullable = false)]
    role: Option<Role>,
    /// What people call them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255, nullable = false)]
    name: Option<Text<255>>,
    /// Whether they are kept from signing in.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<bool>, nullable = false)]
    disabled: Option<bool>,
    /// Whether they get another password, which is made and shown.
    #[serde(default)]
    reset_password: bool,
}

/// Change a person.
///
/// Another password ends their sessions. The last admin stays one. Of somebody who is in other
/// organizations too, only the role can be changed.
#[utoipa::path(patch, path = "/api/v1/users/{user}", tag = "users", request_body = UserEditBody,
    params(("user" = String, Path, description = "Their id or e-mail address")),
    responses((status = 200, description = "The person, and their password if one was made",
        body = ChangedUserView)))]
async fn edit_user(
    State(api): State<Api>,
    Word(word): Word,
    Sent { caller, body }: Sent<UserEditBody>,
) -> Result<Json<ChangedUserView>, Problem> {
    let UserEditBody { role, name, disabled, reset_password } = body;
    let name = name.map(Text::into_string);
    let edit = MemberEdit { role, name, disabled, resets_password: reset_password };
    Ok(Json(api.engine.edit_user(&caller, &word, edit).await?.into()))
}

/// Remove a person from the organization.
///
/// Their sessions here end. The last admin can't be removed.
#[utoipa::path(delete, path = "/api/v1/users/{user}", tag = "users",
    params(("user" = String, Path, description = "Their id or e-mail address")),
    responses((status = 204, description = "They are removed")))]
async fn delete_user(
    State(api): State<Api>,
    By(caller): By,
    Word(word): Word,
) -> Result<StatusCode, Problem> {
    api.engine.remove_user(&caller, &word).await?;
    Ok(StatusCode::NO_CONTENT)
}
