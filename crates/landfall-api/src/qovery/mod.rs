//! Qovery's API of organization webhooks, under `/organization`.
//!
//! Source: Qovery, "Create an organization webhook", its OpenAPI document, and what its published
//! clients and its console send and read.
//!
//! An edit is a PUT of the whole, yet its optional fields stay as they are when they are left out or
//! null: the console sends all of them, and a client that knows fewer must not widen a filter, turn
//! a webhook on or take its secret away. An empty text or list clears. What is sent back as it was
//! shown changes nothing, also where it was set through another API in a way that Qovery has no
//! words for.

mod body;
mod error;
mod filters;
mod history;
mod make;
mod organization;
mod request;
mod view;
mod words;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{any, get};
use landfall_domain::access::Scope;
use landfall_domain::webhook::Webhook;
use landfall_domain::webhook::vendor::Vendor;
use landfall_engine::EngineError;

use self::error::Failure;
use self::request::{enter, enter_webhook};
use self::view::{Results, WebhookView};
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::body::take_in_of;
use crate::shared::seen;
use crate::shared::vendor::webhooks_of;

/// What reads the body of a webhook to be made, for fuzzing.
#[cfg(fuzzing)]
pub fn read(
    body: &[u8],
) -> Result<landfall_engine::webhooks::NewWebhook, crate::shared::rejection::Rejection> {
    body::parse(body).map(make::new_webhook)
}

/// The routes of this dialect.
pub fn routes() -> Router<Api> {
    let many = get(list_webhooks).post(create_webhook);
    let one = get(get_webhook).put(edit_webhook).delete(delete_webhook);
    let within = Router::new()
        .route("/", get(organization::list_organizations))
        .route("/{organization}/webhook", many)
        .route("/{organization}/webhook/{webhook}", one)
        .route("/{organization}/webhook/{webhook}/event", get(history::list_events))
        .method_not_allowed_fallback(error::method_not_allowed)
        .fallback(error::unknown_route);
    // What is nested does not reach so far.
    let bare = Router::new().route("/organization/", any(error::unknown_route));
    bare.nest("/organization", within)
}

/// Whether this API shows a webhook.
const fn is_shown(vendor: &Vendor) -> bool {
    matches!(vendor, Vendor::Qovery)
}

/// Qovery, "List organization webhooks".
async fn list_webhooks(
    State(api): State<Api>,
    mut parts: Parts,
) -> Result<Json<Results<WebhookView>>, Failure> {
    let caller = enter(&api, &mut parts, Scope::Read).await?;
    let found = webhooks_of(&api, &caller, |_, vendor| is_shown(vendor))?;
    let sees_all = seen::may_see_all(&caller);
    let results = found.iter().map(|armed| WebhookView::of(&armed.webhook, sees_all)).collect();
    Ok(Json(Results { results }))
}

/// Qovery, "Create an organization webhook".
async fn create_webhook(
    State(api): State<Api>,
    request: Request,
) -> Result<(StatusCode, Json<WebhookView>), Failure> {
    let (mut parts, body) = request.into_parts();
    let caller = enter(&api, &mut parts, Scope::Manage).await?;
    let incoming = take_in_of(&api, caller, &parts, body).await?;
    let new = make::new_webhook(body::parse(&incoming.body)?);
    let made = api.engine.create_webhook(&incoming.caller, new).await?;
    Ok((StatusCode::CREATED, Json(WebhookView::of(&made.webhook, true))))
}

/// Qovery, "Get an Organization webhook".
async fn get_webhook(
    State(api): State<Api>,
    mut parts: Parts,
) -> Result<Json<WebhookView>, Failure> {
    let (caller, found) = enter_webhook(&api, &mut parts, Scope::Read).await?;
    Ok(Json(WebhookView::of(&found.webhook, seen::may_see_all(&caller))))
}

/// Qovery, "Edit an organization webhook".
async fn edit_webhook(
    State(api): State<Api>,
    request: Request,
) -> Result<Json<WebhookView>, Failure> {
    let (mut parts, body) = request.into_parts();
    let (caller, found) = enter_webhook(&api, &mut parts, Scope::Manage).await?;
    let incoming = take_in_of(&api, caller, &parts, body).await?;
    let asked = body::parse(&incoming.body)?;
    let edit = move |present: &Webhook| Ok::<_, EngineError>(make::edit_of(asked, present));
    let edited = api.engine.edit_webhook(&incoming.caller, found.webhook.id, edit).await?;
    Ok(Json(WebhookView::of(&edited.webhook, true)))
}

/// Qovery, "Delete organization webhook".
async fn delete_webhook(State(api): State<Api>, mut parts: Parts) -> Result<StatusCode, Failure> {
    let (caller, found) = enter_webhook(&api, &mut parts, Scope::Manage).await?;
    api.engine.delete_webhook(&caller, found.webhook.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
