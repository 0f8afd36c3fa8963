//! What is sent, shown without sending it.

use std::collections::BTreeMap;

use axum::extract::State;
use landfall_engine::webhooks::{PreviewOf, Request};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::super::problem::Problem;
use super::super::request::{MaybeSent, Word};
use super::format::{FormatName, format_of};
use super::path::webhook_id;
use super::verbs::KIND_DEFAULT;
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;
use crate::shared::seen::{HIDDEN, is_signature, may_see_all};

/// What is sent, without the headers that the webhook adds of its own.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookRequestView {
    /// Its headers; below `manage` without the signatures.
    headers: BTreeMap<String, String>,
    /// Its body, byte for byte if it is JSON, else as a string.
    #[schema(value_type = Value)]
    body: Box<RawValue>,
}

impl WebhookRequestView {
    /// A request as it may be shown to a caller.
    pub(super) fn of(request: Request, sees_all: bool) -> Result<Self, Rejection> {
        let Request { headers, body } = request;
        let mut headers: BTreeMap<String, String> = headers.into_iter().collect();
        for (name, value) in &mut headers {
            if is_signature(name) && !sees_all {
                HIDDEN.clone_into(value);
            }
        }
        Ok(Self { headers, body: as_json(&body)? })
    }
}

fn as_json(body: &str) -> Result<Box<RawValue>, Rejection> {
    let raw = serde_json::from_str(body).or_else(|_| serde_json::value::to_raw_value(body));
    raw.map_err(|why| Rejection::Json(why.to_string()))
}

/// Which event to show, and in which format.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewBody {
    /// The number of an event.
    #[serde(default)]
    event: Option<u64>,
    /// A type of event, of which a sample is shown; `deployment.completed` if `event` is absent.
    #[serde(default)]
    #[schema(example = "deployment.completed")]
    event_type: Option<String>,
    /// Another format than the webhook's own.
    #[serde(default)]
    format: Option<FormatName>,
    /// Another template than the webhook's own.
    #[serde(default)]
    template: Option<Value>,
}

/// Show what a webhook would send, without sending it.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/preview", tag = "webhooks",
    request_body = PreviewBody,
    params(("webhook" = String, Path, description = "Its id")),
    responses((status = 200, description = "What would be sent", body = WebhookRequestView)))]
pub(super) async fn preview_webhook(
    State(api): State<Api>,
    word: Word,
    MaybeSent { caller, body }: MaybeSent<PreviewBody>,
) -> Result<Json<WebhookRequestView>, Problem> {
    let PreviewBody { event, event_type, format, template } = body;
    let event = match (event, event_type) {
        (Some(_), Some(_)) => {
            return Err(Rejection::field("event_type", "can't be given beside `event`").into());
        }
        (Some(sequence), None) => PreviewOf::Event(sequence),
        (None, kind) => PreviewOf::Sample(kind.unwrap_or_else(|| KIND_DEFAULT.to_owned())),
    };
    let id = webhook_id(&word)?;
    let webhook = api.engine.find_webhook(&caller, id)?;
    let format = format_of(format, template, &webhook.webhook.config.format)?;
    let request = api.engine.preview_webhook(&caller, id, format, event).await?;
    Ok(Json(WebhookRequestView::of(request, may_see_all(&caller))?))
}
