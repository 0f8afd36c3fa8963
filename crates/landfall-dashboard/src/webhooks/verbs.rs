//! What the buttons of a webhook do.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use landfall_domain::access::Scope;
use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::{State as WebhookState, Webhook};
use landfall_engine::EngineError;
use landfall_engine::webhooks::{Rotated, WebhookEdit};
use serde::Deserialize;

use super::{back, secret, sequence_of, webhook_id};
use crate::Dashboard;
use crate::answer::Trouble;
use crate::form::{Empty, Sent};

#[derive(Deserialize)]
pub(super) struct Wanted {
    state: String,
}

/// Pauses or resumes.
pub(super) async fn set_state(
    State(dashboard): State<Dashboard>,
    Path(word): Path<String>,
    Sent { viewer, form: Wanted { state } }: Sent<Wanted>,
) -> Result<Response, Trouble> {
    let id = webhook_id(&word)?;
    let wanted = match state.as_str() {
        "paused" => WebhookState::Paused,
        "enabled" => WebhookState::Enabled,
        _ => return Err(invalid("state", "must be paused or enabled")),
    };
    let told = wanted.as_str();
    let edit = WebhookEdit { state: Some(wanted), ..WebhookEdit::default() };
    let edit = move |_: &Webhook| Ok::<_, EngineError>(edit);
    dashboard.engine.edit_webhook(&viewer.caller, id, edit).await?;
    Ok(back(id, "", told))
}

/// Gives it another secret, which the next page shows once.
pub(super) async fn rotate(
    State(dashboard): State<Dashboard>,
    Path(word): Path<String>,
    headers: HeaderMap,
    Sent { viewer, .. }: Sent<Empty>,
) -> Result<Response, Trouble> {
    let id = webhook_id(&word)?;
    let Rotated { secret, .. } = dashboard.engine.rotate_secret(&viewer.caller, id, None).await?;
    Ok(secret::send(back(id, "/settings", "rotated"), id, &secret, &headers))
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    name: String,
}

/// Deletes it, if its name was typed.
pub(super) async fn delete(
    State(dashboard): State<Dashboard>,
    Path(word): Path<String>,
    Sent { viewer, form: Typed { name } }: Sent<Typed>,
) -> Result<Response, Trouble> {
    viewer.caller.require(Scope::Manage)?;
    let id = webhook_id(&word)?;
    let found = dashboard.engine.find_webhook(&viewer.caller, id)?;
    if found.webhook.config.name.trim() != name.trim() {
        return Err(invalid("name", "is not the name of the webhook, so nothing was deleted"));
    }
    dashboard.engine.delete_webhook(&viewer.caller, id).await?;
    Ok(Redirect::to("/webhooks?told=deleted").into_response())
}

/// Sends one event once more.
pub(super) async fn resend(
    State(dashboard): State<Dashboard>,
    Path((word, sequence)): Path<(String, String)>,
    Sent { viewer, .. }: Sent<Empty>,
) -> Result<Response, Trouble> {
    let (id, sequence) = (webhook_id(&word)?, sequence_of(&sequence)?);
    let resent = dashboard.engine.resend(&viewer.caller, id, sequence).await?;
    let told = if resent.is_delivered { "delivered" } else { "failed" };
    Ok(back(id, &format!("/deliveries/{sequence}"), told))
}

/// Says that an event is not to be sent.
pub(super) async fn skip(
    State(dashboard): State<Dashboard>,
    Path((word, sequence)): Path<(String, String)>,
    Sent { viewer, .. }: Sent<Empty>,
) -> Result<Response, Trouble> {
    let (id, sequence) = (webhook_id(&word)?, sequence_of(&sequence)?);
    dashboard.engine.skip_delivery(&viewer.caller, id, sequence).await?;
    Ok(back(id, &format!("/deliveries/{sequence}"), "skipped"))
}

/// A refusal that names the field.
pub(super) fn invalid(field: &str, reason: &str) -> Trouble {
    Refusal::Invalid { field: field.to_owned(), reason: reason.to_owned() }.into()
}
