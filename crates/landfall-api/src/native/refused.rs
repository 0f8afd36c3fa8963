//! `/refused`: reports that were refused, so that "I posted it and it does not show" has an answer.

use axum::extract::State;
use landfall_domain::time::Timestamp;
use landfall_engine::refused::StoredRefused;
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

/// The route of refused reports.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_refused))
}

/// A report that was refused.
#[derive(Serialize, ToSchema)]
struct RefusedView {
    /// Its id.
    id: Uuid,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Why, as a word that does not change.
    code: String,
    /// Why, and what to do about it.
    detail: String,
    /// Which interface it came through, such as `native` or `versioner`.
    dialect: String,
    /// The method and path of the request.
    request: String,
    /// The key it came with.
    key_id: String,
    /// The beginning of its body.
    body: String,
}

impl From<StoredRefused> for RefusedView {
    fn from(refused: StoredRefused) -> Self {
        let StoredRefused { id, at, code, detail, dialect, request, key_id, body } = refused;
        Self { id: id.uuid(), at, code, detail, dialect, request, key_id, body }
    }
}

/// List refused reports, newest first.
#[utoipa::path(get, path = "/api/v1/refused", tag = "refused", params(PageQuery),
    responses((status = 200, description = "A page of refused reports",
        body = Page<RefusedView>)))]
async fn list_refused(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<RefusedView>>, Problem> {
    let paging = query.paging()?;
    let found = api.engine.list_refused(&caller, paging.of_history()?).await?;
    Ok(Json(paging.page(found, |refused| refused.id.to_string()).map(Into::into)))
}
