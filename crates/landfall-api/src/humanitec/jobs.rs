//! `/orgs/{org}/apps/{app}/webhooks` and `…/jobs`. To Humanitec a webhook is a job.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use landfall_domain::command::Command;
use landfall_domain::id::ProjectId;
use landfall_domain::outcome::Outcome;
use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::Webhook;
use landfall_engine::EngineError;

use super::body::WebhookBody;
use super::edit::edit_of;
use super::entry::{App, Entry};
use super::error::Error;
use super::new::{new_webhook, place_in};
use super::view::WebhookView;
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// Humanitec, "List Webhooks": a bare array.
pub(super) async fn list(
    State(api): State<Api>,
    entry: Entry,
) -> Result<Json<Vec<WebhookView>>, Error> {
    let found = entry.webhooks(&api).await?;
    let shown = found.iter().map(|armed| WebhookView::of(&armed.webhook, &entry.caller));
    Ok(Json(shown.collect::<Result<_, _>>()?))
}

/// Humanitec, "Create a new Webhook". A project that nobody has reported yet is made, unless the
/// organization is strict.
pub(super) async fn create(
    State(api): State<Api>,
    entry: Entry,
    request: Request,
) -> Result<(StatusCode, Json<WebhookView>), Error> {
    let app = entry.app(&api).await?;
    let body = WebhookBody::read(&api, request).await?;
    let new = new_webhook(body, (&entry.app, &entry.caller.key_id), api.engine.ambient())?;
    // What is refused must not leave a project behind.
    api.engine.check_new_webhook(&entry.caller, &new)?;
    let project = ensure_project(&api, &entry, app).await?;
    let made = api.engine.create_webhook(&entry.caller, place_in(project, new)).await?;
    Ok((StatusCode::CREATED, Json(WebhookView::of(&made.webhook, &entry.caller)?)))
}

async fn ensure_project(api: &Api, entry: &Entry, app: App) -> Result<ProjectId, Error> {
    let name = match app {
        App::Known(project) => return Ok(project),
        App::New(name) => name,
    };
    match api.engine.manage(&entry.caller, Command::EnsureProject(name)).await? {
        Outcome::Project(project) => Ok(project.id),
        _ => Err(Refusal::not_found("app", &entry.app).into()),
    }
}

/// Humanitec, "Get a Webhook".
pub(super) async fn show(State(api): State<Api>, entry: Entry) -> Result<Json<WebhookView>, Error> {
    let found = entry.webhook(&api).await?;
    Ok(Json(WebhookView::of(&found.webhook, &entry.caller)?))
}

/// Humanitec, "Update a Webhook": what is left out stays.
///
/// Its document answers without `id` and `created_*`, which older releases of the Terraform provider
/// read all the same, and newer ones ignore.
pub(super) async fn edit(
    State(api): State<Api>,
    entry: Entry,
    request: Request,
) -> Result<Json<WebhookView>, Error> {
    let id = entry.webhook(&api).await?.webhook.id;
    let body = WebhookBody::read(&api, request).await?;
    let edit = move |webhook: &Webhook| edit_of(webhook, body);
    let edited = api.engine.edit_webhook(&entry.caller, id, edit).await?;
    Ok(Json(WebhookView::of(&edited.webhook, &entry.caller)?))
}

/// Humanitec, "Delete a Webhook".
pub(super) async fn delete(State(api): State<Api>, entry: Entry) -> Result<StatusCode, Error> {
    let found = entry.webhook(&api).await?;
    api.engine.delete_webhook(&entry.caller, found.webhook.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Humanitec, "Deletes all Jobs for the Application".
pub(super) async fn delete_all(State(api): State<Api>, entry: Entry) -> Result<StatusCode, Error> {
    for found in entry.webhooks(&api).await? {
        match api.engine.delete_webhook(&entry.caller, found.webhook.id).await {
            // Somebody else was faster.
            Ok(()) | Err(EngineError::Refused(Refusal::NotFound { .. })) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
