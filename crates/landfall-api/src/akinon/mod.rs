//! Akinon's API of project webhooks, under `/organizations` and `/api/v1/organizations`.
//!
//! Source: Akinon, App Maker Open APIs, "Webhook" under the settings of a project. The vendor's
//! servers put `/api/v1` before the documented paths, so both forms are served.

mod body;
mod caller;
mod error;
mod events;
mod place;
mod view;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{any, get};
use landfall_domain::webhook::Webhook;

use self::body::{CreateBody, EditBody, Sent};
use self::error::{Failure, method_not_allowed, unknown_route};
use self::place::{AtWebhook, InProject};
use self::view::{MadeView, WebhookView};
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::seen::may_see_all;

/// What reads the body of a webhook to be made, for fuzzing.
#[cfg(fuzzing)]
pub fn read(
    body: &[u8],
) -> Result<landfall_engine::webhooks::NewWebhook, crate::shared::rejection::Rejection> {
    let project = landfall_domain::id::ProjectId::from_uuid(uuid::Uuid::nil());
    crate::shared::json::parse::<CreateBody>(body)?.into_new(project)
}

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    routes_under("").merge(routes_under("/api/v1"))
}

fn routes_under(root: &str) -> Router<Api> {
    let project = format!("{root}/organizations/{{organizationId}}/projects/{{projectId}}");
    let all = get(list).post(create).fallback(method_not_allowed);
    let one = get(show).patch(edit).delete(delete).fallback(method_not_allowed);
    Router::new()
        .route(&format!("{project}/settings/webhooks"), all)
        .route(&format!("{project}/settings/webhooks/{{webhookId}}"), one)
        .route(&format!("{project}/{{*rest}}"), any(unknown_route))
}

/// Akinon, "Get organizations project webhooks": all of them, oldest first.
async fn list(State(api): State<Api>, place: InProject) -> Result<Json<Vec<WebhookView>>, Failure> {
    let found = place.webhooks(&api)?;
    let sees_all = may_see_all(&place.caller);
    Ok(Json(found.iter().map(|armed| WebhookView::of(&armed.webhook, sees_all)).collect()))
}

/// Akinon, "Create a organization project webhook".
async fn create(
    State(api): State<Api>,
    place: InProject,
    Sent(body): Sent<CreateBody>,
) -> Result<(StatusCode, Json<MadeView>), Failure> {
    let new = body.into_new(place.project.id)?;
    let made = api.engine.create_webhook(&place.caller, new).await?;
    Ok((StatusCode::CREATED, Json(MadeView::of(&made.webhook, &place.project))))
}

/// Akinon, "Get organizations a project webhook".
async fn show(State(api): State<Api>, at: AtWebhook) -> Result<Json<WebhookView>, Failure> {
    let found = api.engine.find_webhook(&at.caller, at.webhook)?;
    Ok(Json(WebhookView::of(&found.webhook, may_see_all(&at.caller))))
}

/// Akinon, "Update a project webhook": what is left out stays.
async fn edit(
    State(api): State<Api>,
    at: AtWebhook,
    Sent(body): Sent<EditBody>,
) -> Result<Json<WebhookView>, Failure> {
    let edit = move |webhook: &Webhook| Ok::<_, Failure>(body.into_edit(webhook));
    let edited = api.engine.edit_webhook(&at.caller, at.webhook, edit).await?;
    Ok(Json(WebhookView::of(&edited.webhook, may_see_all(&at.caller))))
}

/// Akinon, "Delete a project webhook".
async fn delete(State(api): State<Api>, at: AtWebhook) -> Result<StatusCode, Failure> {
    api.engine.delete_webhook(&at.caller, at.webhook).await?;
    Ok(StatusCode::NO_CONTENT)
}
