//! What was sent lately, attempt by attempt: Qovery's "List events of a webhook".
//!
//! Requests are not kept, so `request` and `target_url_used` are what the present settings give.
//! They equal what was sent unless the webhook was edited since.

use std::cmp::Reverse;

use axum::extract::State;
use axum::http::request::Parts;
use landfall_domain::access::Scope;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::Webhook;
use landfall_domain::webhook::delivery::{Attempt, Exchange};
use landfall_domain::webhook::vocabulary::Vocabulary;
use landfall_engine::webhooks::{DeliveryDetail, DeliveryPage, Request};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::error::Failure;
use super::request::enter_webhook;
use super::view::Results;
use super::words::Kind;
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::seen;

/// Deliveries that are shown: Qovery's list has no pages, so it has to end somewhere.
const DELIVERIES_MAX: usize = 100;

/// One request that was made.
#[derive(Serialize)]
pub(super) struct EventView {
    id: Uuid,
    created_at: Timestamp,
    kind: Kind,
    matched_event: &'static str,
    target_url_used: String,
    request: Box<RawValue>,
    /// 0 if there was no answer, since it must be a number.
    target_response_status_code: u16,
    /// Never null, which the command line does not survive; without an answer, why there is none.
    target_response_body: String,
}

/// Qovery, "List events of a webhook", newest first.
pub(super) async fn list_events(
    State(api): State<Api>,
    mut parts: Parts,
) -> Result<Json<Results<EventView>>, Failure> {
    let (caller, found) = enter_webhook(&api, &mut parts, Scope::Read).await?;
    let wanted = DeliveryPage { state: None, before: u64::MAX, limit: DELIVERIES_MAX };
    let details = api.engine.delivery_details(&caller, found.webhook.id, wanted).await?;
    let url = seen::url(&found.webhook.private, seen::may_see_all(&caller));
    let shown = details.into_iter().flat_map(|detail| events_of(detail, &found.webhook, &url));
    let mut results: Vec<EventView> = shown.collect();
    results.sort_by_key(|event| Reverse((event.created_at, event.id)));
    Ok(Json(Results { results }))
}

/// The attempts of a delivery; none if its event was forgotten or has no name here.
fn events_of(detail: DeliveryDetail, webhook: &Webhook, url: &str) -> Vec<EventView> {
    let DeliveryDetail { item, attempts, request } = detail;
    let name = item.event.and_then(|event| Vocabulary::Qovery.name_of(&event.kind));
    let Some(matched_event) = name else { return Vec::new() };
    let request = as_object(request);
    let shown = attempts.into_iter().map(|attempt| {
        let Attempt { id, at, exchange, .. } = attempt;
        EventView {
            id: id.uuid(),
            created_at: at,
            kind: Kind::of(&webhook.config.format),
            matched_event,
            target_url_used: url.to_owned(),
            request: request.clone(),
            target_response_status_code: exchange.status.unwrap_or(0),
            target_response_body: answer_of(exchange),
        }
    });
    shown.collect()
}

fn answer_of(exchange: Exchange) -> String {
    let Exchange { error, body, .. } = exchange;
    error.map_or(body, |(_, why)| why)
}

/// A body as an object, which it must be; a template may make anything else of it.
fn as_object(request: Option<Request>) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Wrapped {
        body: Box<RawValue>,
    }
    let body = request.and_then(|request| RawValue::from_string(request.body).ok());
    let shown = match body {
        Some(body) if body.get().starts_with('{') => Ok(body),
        Some(body) => to_raw_value(&Wrapped { body }),
        None => to_raw_value(&serde_json::Map::new()),
    };
    shown.expect("what was read as JSON can be written")
}
