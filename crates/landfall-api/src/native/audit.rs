//! `/audit`: administrative changes, who made them and when.

use axum::extract::State;
use landfall_domain::time::Timestamp;
use landfall_engine::audit::StoredAudit;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::request::{Asked, By};
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The route of the audit log.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// An administrative change.
#[derive(Serialize, ToSchema)]
struct AuditView {
    /// Its id.
    id: Uuid,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// With which key or, of a person who is signed in, their e-mail address.
    key_id: String,
    /// What was done.
    #[schema(example = "key.created")]
    action: String,
    /// To what.
    subject: String,
}

impl From<StoredAudit> for AuditView {
    fn from(entry: StoredAudit) -> Self {
        let StoredAudit { id, at, key_id, action, subject } = entry;
        Self { id: id.uuid(), at, key_id, action, subject }
    }
}

/// List administrative changes, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(PageQuery),
    responses((status = 200, description = "A page of the audit log", body = Page<AuditView>)))]
async fn list_audit(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<AuditView>>, Problem> {
    let paging = query.paging()?;
    let found = api.engine.list_audit(&caller, paging.of_history()?).await?;
    Ok(Json(paging.page(found, |entry| entry.id.to_string()).map(Into::into)))
}
