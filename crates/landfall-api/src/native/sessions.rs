//! `/sessions`: who is signed in to the dashboard.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::id::SessionId;
use landfall_domain::session::{Holder, SessionRecord};
use landfall_domain::time::Timestamp;
use landfall_domain::user::Email;
use landfall_engine::sessions::StoredSession;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::request::{Asked, By, Word};
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of sessions.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_sessions)).routes(routes!(revoke_session))
}

/// A session of the dashboard.
#[derive(Serialize, ToSchema)]
struct SessionView {
    /// Its id.
    id: Uuid,
    /// The e-mail address of the person who is signed in; null if it was opened with an API key.
    #[schema(value_type = Option<String>)]
    email: Option<Email>,
    /// The id of the API key that it was opened with; null if a person is signed in.
    key_id: Option<String>,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends unless it is used again.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// What the browser that opened it says of itself.
    user_agent: String,
    /// The network address that it was opened from; empty if that is not known.
    address: String,
}

impl From<StoredSession> for SessionView {
    fn from(found: StoredSession) -> Self {
        let StoredSession { record, email } = found;
        let ends_at = record.ends_at();
        let SessionRecord {
            id,
            holder,
            organization: _,
            csrf_secret: _,
            created_at,
            last_seen_at,
            expires_at: _,
            user_agent,
            address,
        } = record;
        let key_id = match holder {
            Holder::User(_) => None,
            Holder::Key(key_id) => Some(key_id),
        };
        let id = id.uuid();
        Self { id, email, key_id, created_at, last_seen_at, ends_at, user_agent, address }
    }
}

/// List the sessions of the organization, newest first.
///
/// A person who is in several organizations is shown in the one that they look at.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", params(PageQuery),
    responses((status = 200, description = "A page of sessions", body = Page<SessionView>)))]
async fn list_sessions(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<SessionView>>, Problem> {
    caller.require(Scope::Admin)?;
    let paging = query.paging()?;
    let all = api.engine.list_sessions(&caller).await?;
    let id = |found: &StoredSession| found.record.id.to_string();
    let found = paging.rest(all, id)?;
    Ok(Json(paging.page(found, id).map(Into::into)))
}

/// End a session.
///
/// Who holds it has to sign in again.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It has ended")))]
async fn revoke_session(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<StatusCode, Problem> {
    caller.require(Scope::Admin)?;
    let id = SessionId::from_uuid(word.id("session")?);
    api.engine.revoke_session(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
