//! `/webhooks`: who is told of what. Secrets are shown once, when they are made.

mod attempt;
mod body;
mod deliveries;
mod edit;
mod filters;
mod format;
mod health;
mod jobs;
mod path;
mod preview;
mod signature;
mod verbs;
mod view;

use std::slice;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::access::Scope;
use landfall_domain::id::ProjectId;
use landfall_domain::webhook::{State as WebhookState, Webhook};
use landfall_engine::catalog::require_project;
use landfall_engine::webhooks::WebhookEdit;
use landfall_engine::{Armed, Caller};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::body::WebhookBody;
use self::edit::WebhookEditBody;
use self::health::WebhookNowView;
use self::path::webhook_id;
use self::view::{Viewer, WebhookSecretView, WebhookView};
use super::page::{Page, PageQuery};
use super::problem::Problem;
use super::request::{Asked, By, Sent, Word};
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The routes of webhooks.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks, create_webhook))
        .routes(routes!(get_webhook, edit_webhook, delete_webhook))
        .routes(routes!(pause_webhook))
        .routes(routes!(resume_webhook))
        .routes(routes!(verbs::rotate_secret))
        .routes(routes!(verbs::test_webhook))
        .routes(routes!(preview::preview_webhook))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(deliveries::get_delivery))
        .routes(routes!(deliveries::resend_delivery))
        .routes(routes!(deliveries::skip_delivery))
        .routes(routes!(deliveries::explain_match))
        .routes(routes!(jobs::replay))
        .routes(routes!(jobs::resend_failed))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::get_job))
        .routes(routes!(jobs::stop_job))
}

/// What reads the body of a webhook to be made, for fuzzing.
#[cfg(fuzzing)]
pub(super) fn parse(
    body: &[u8],
) -> Result<landfall_engine::webhooks::NewWebhook, crate::shared::rejection::Rejection> {
    crate::shared::json::parse::<WebhookBody>(body)?.into_new(None)
}

/// A webhook as the caller may see it.
async fn show(api: &Api, caller: &Caller, armed: &Arc<Armed>) -> Result<WebhookView, Problem> {
    let viewer = Viewer::of(api, caller, slice::from_ref(armed)).await?;
    Ok(viewer.show(&armed.webhook))
}

async fn find_project(
    api: &Api,
    caller: &Caller,
    word: Option<&str>,
) -> Result<Option<ProjectId>, Problem> {
    let Some(word) = word else { return Ok(None) };
    let catalog = api.engine.catalog(caller).await?;
    Ok(Some(require_project(&catalog, word)?.id))
}

/// List webhooks, oldest first.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "webhooks", params(PageQuery),
    responses((status = 200, description = "A page of webhooks", body = Page<WebhookView>)))]
async fn list_webhooks(
    State(api): State<Api>,
    By(caller): By,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<WebhookView>>, Problem> {
    let paging = query.paging()?;
    let id = |armed: &Arc<Armed>| armed.webhook.id.to_string();
    let found = paging.rest(api.engine.list_webhooks(&caller)?, id)?;
    let viewer = Viewer::of(&api, &caller, &found).await?;
    Ok(Json(paging.page(found, id).map(|armed| viewer.show(&armed.webhook))))
}

/// Make a webhook.
///
/// It starts at the head of the log: it is sent what happens from now on.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "webhooks", request_body = WebhookBody,
    responses((status = 201, description = "The webhook, its secret shown once",
        body = WebhookSecretView)))]
async fn create_webhook(
    State(api): State<Api>,
    Sent { caller, body }: Sent<WebhookBody>,
) -> Result<(StatusCode, Json<WebhookSecretView>), Problem> {
    caller.require(Scope::Manage)?;
    let project = find_project(&api, &caller, body.project.as_deref()).await?;
    let armed = api.engine.create_webhook(&caller, body.into_new(project)?).await?;
    let secret = armed.webhook.private.secret.clone();
    let made = WebhookSecretView::new(show(&api, &caller, &armed).await?, secret);
    Ok((StatusCode::CREATED, Json(made)))
}

/// Show a webhook and how it is doing.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "The webhook", body = WebhookNowView)))]
async fn get_webhook(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<Json<WebhookNowView>, Problem> {
    let now = api.engine.webhook_now(&caller, webhook_id(&word)?).await?;
    let view = show(&api, &caller, &now.armed).await?;
    Ok(Json(WebhookNowView::new(view, now)))
}

/// Change a webhook.
///
/// When this is answered, no attempt starts with what it was before.
#[utoipa::path(patch, path = "/api/v1/webhooks/{webhook}", tag = "webhooks",
    request_body = WebhookEditBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "The webhook as it is now", body = WebhookView)))]
async fn edit_webhook(
    State(api): State<Api>,
    word: Word,
    Sent { caller, body }: Sent<WebhookEditBody>,
) -> Result<Json<WebhookView>, Problem> {
    caller.require(Scope::Manage)?;
    let id = webhook_id(&word)?;
    let named = body.project.as_ref().and_then(Option::as_deref);
    let project = find_project(&api, &caller, named).await?;
    let edit = move |webhook: &Webhook| Ok::<_, Problem>(body.into_edit(webhook, project)?);
    let edited = api.engine.edit_webhook(&caller, id, edit).await?;
    Ok(Json(show(&api, &caller, &edited).await?))
}

/// Delete a webhook.
///
/// When this is answered, no attempt of it starts any more. Its deliveries are forgotten.
#[utoipa::path(delete, path = "/api/v1/webhooks/{webhook}", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is deleted")))]
async fn delete_webhook(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<StatusCode, Problem> {
    api.engine.delete_webhook(&caller, webhook_id(&word)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pause a webhook.
///
/// What happens meanwhile waits, and is sent when it is resumed.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/pause", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "The webhook as it is now", body = WebhookView)))]
async fn pause_webhook(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<Json<WebhookView>, Problem> {
    set_state(&api, &caller, &word, WebhookState::Paused).await
}

/// Resume a webhook that is paused or disabled.
///
/// A paused one is sent what waited; a disabled one starts at the head of the log, and what it
/// missed can be replayed.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/resume", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "The webhook as it is now", body = WebhookView)))]
async fn resume_webhook(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
) -> Result<Json<WebhookView>, Problem> {
    set_state(&api, &caller, &word, WebhookState::Enabled).await
}

async fn set_state(
    api: &Api,
    caller: &Caller,
    word: &Word,
    state: WebhookState,
) -> Result<Json<WebhookView>, Problem> {
    let edit = WebhookEdit { state: Some(state), ..WebhookEdit::default() };
    let edit = move |_: &Webhook| Ok::<_, Problem>(edit);
    let edited = api.engine.edit_webhook(caller, webhook_id(word)?, edit).await?;
    Ok(Json(show(api, caller, &edited).await?))
}
