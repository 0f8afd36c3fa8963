//! What an operator does with a webhook: test it, rotate its secret.

use axum::extract::State;
use landfall_domain::access::Scope;
use landfall_engine::webhooks::Rotated;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::problem::Problem;
use super::super::request::{MaybeSent, Word};
use super::attempt::TriedView;
use super::path::webhook_id;
use super::show;
use super::signature::Signature;
use super::view::WebhookSecretView;
use crate::shared::answer::Json;
use crate::shared::api::Api;

/// The type of event that a sample is of if nobody says another.
pub(super) const KIND_DEFAULT: &str = "deployment.completed";

/// The secret that a webhook gets.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateBody {
    /// The secret, of the same kind as the present one; one is made if absent.
    #[serde(default)]
    secret: Option<String>,
}

/// Give a webhook another secret.
///
/// For 24 hours deliveries are signed with the one before as well.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/rotate-secret", tag = "webhooks",
    request_body = RotateBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "The webhook, its new secret shown once",
        body = WebhookSecretView)))]
pub(super) async fn rotate_secret(
    State(api): State<Api>,
    word: Word,
    MaybeSent { caller, body }: MaybeSent<RotateBody>,
) -> Result<Json<WebhookSecretView>, Problem> {
    caller.require(Scope::Manage)?;
    let RotateBody { secret } = body;
    let id = webhook_id(&word)?;
    let before = api.engine.find_webhook(&caller, id)?;
    if let Some(secret) = &secret {
        Signature::of(&before.webhook.config).require_fit(secret)?;
    }
    let Rotated { armed, secret } = api.engine.rotate_secret(&caller, id, secret).await?;
    Ok(Json(WebhookSecretView::new(show(&api, &caller, &armed).await?, secret)))
}

/// Which sample to send.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestBody {
    /// The type of event; `deployment.completed` if absent.
    #[serde(default)]
    #[schema(example = "deployment.completed")]
    event_type: Option<String>,
}

/// Send a sample event and show what came of it.
///
/// It works in every state and counts towards nothing.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/test", tag = "webhooks",
    request_body = TestBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "What came of it", body = TriedView)))]
pub(super) async fn test_webhook(
    State(api): State<Api>,
    word: Word,
    MaybeSent { caller, body }: MaybeSent<TestBody>,
) -> Result<Json<TriedView>, Problem> {
    let TestBody { event_type } = body;
    let kind = event_type.as_deref().unwrap_or(KIND_DEFAULT);
    let tried = api.engine.test_webhook(&caller, webhook_id(&word)?, kind).await?;
    Ok(Json(tried.into()))
}
