//! `/webhooks/{webhook}/deliveries`: what became of each event that was owed, attempt by attempt.

use axum::extract::State;
use axum::http::StatusCode;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::delivery::{Delivery, DeliveryState};
use landfall_domain::webhook::filter::Check;
use landfall_engine::webhooks::{DeliveryDetail, DeliveryItem, DeliveryPage, Explanation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::events::read_sequence;
use super::super::page::{Page, Paging};
use super::super::problem::Problem;
use super::super::request::{Asked, By, Word};
use super::attempt::{AttemptView, TriedView};
use super::path::{Within, webhook_id};
use super::preview::WebhookRequestView;
use crate::shared::answer::Json;
use crate::shared::api::Api;
use crate::shared::rejection::Rejection;
use crate::shared::seen::may_see_all;

/// An event that was owed to a webhook.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryView {
    /// The event's number.
    sequence: u64,
    /// What happened; null if the event was forgotten.
    #[schema(example = "deployment.completed")]
    event_type: Option<String>,
    /// When it happened; null if the event was forgotten.
    #[schema(value_type = Option<String>, format = DateTime)]
    event_at: Option<Timestamp>,
    /// Where it stands.
    state: DeliveryState,
    /// Attempts made so far, those by hand left out.
    attempts: u32,
    /// When the next attempt is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// When the last attempt ended.
    #[schema(value_type = String, format = DateTime)]
    last_attempt_at: Timestamp,
}

impl From<DeliveryItem> for DeliveryView {
    fn from(item: DeliveryItem) -> Self {
        let DeliveryItem { delivery, event } = item;
        let Delivery { sequence, state, attempts, next_at, last_at } = delivery;
        Self {
            sequence,
            event_type: event.as_ref().map(|event| event.kind.to_string()),
            event_at: event.map(|event| event.at),
            state,
            attempts,
            next_attempt_at: next_at,
            last_attempt_at: last_at,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveriesQuery {
    /// Only those that are `delivered`, `retrying`, `dead` or `skipped`.
    #[param(value_type = Option<DeliveryState>)]
    state: Option<String>,
    /// At most so many items, 1 to 500; 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// The `next` of the page before: only events before this number.
    #[param(value_type = Option<u64>)]
    cursor: Option<String>,
}

fn read_state(word: &str) -> Result<DeliveryState, Rejection> {
    let reason = "must be delivered, retrying, dead or skipped";
    DeliveryState::parse(word).ok_or_else(|| Rejection::field("state", reason))
}

/// List the deliveries of a webhook, newest event first.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/deliveries", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"), DeliveriesQuery),
    responses((status = 200, description = "A page of deliveries", body = Page<DeliveryView>)))]
pub(super) async fn list_deliveries(
    State(api): State<Api>,
    By(caller): By,
    word: Word,
    Asked(query): Asked<DeliveriesQuery>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    let DeliveriesQuery { state, limit, cursor } = query;
    let state = state.as_deref().map(read_state).transpose()?;
    let before = cursor.map_or(Ok(u64::MAX), |text| read_sequence("cursor", &text))?;
    let paging = Paging::read(limit.as_deref(), None)?;
    let id = webhook_id(&word)?;
    let wanted = DeliveryPage { state, before, limit: paging.limit + 1 };
    let found = api.engine.deliveries(&caller, id, wanted).await?;
    let page = paging.page(found, |item| item.delivery.sequence.to_string());
    Ok(Json(page.map(Into::into)))
}

/// What is sent for an event now.
#[derive(Serialize, ToSchema)]
struct CurrentRequestView {
    #[serde(flatten)]
    request: WebhookRequestView,
    /// Always true: requests are not kept, so this is what the present settings send. It equals what
    /// was sent unless the webhook was edited since.
    is_current_settings: bool,
}

/// A delivery with its attempts.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryDetailView {
    /// The event's number.
    sequence: u64,
    /// What happened; null if the event was forgotten.
    event_type: Option<String>,
    /// When it happened; null if the event was forgotten.
    #[schema(value_type = Option<String>, format = DateTime)]
    event_at: Option<Timestamp>,
    /// Where it stands.
    state: DeliveryState,
    /// When the next attempt is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// When the last attempt ended.
    #[schema(value_type = String, format = DateTime)]
    last_attempt_at: Timestamp,
    /// The attempts that are kept, oldest first.
    attempts: Vec<AttemptView>,
    /// What is sent with the present settings; null if the event was forgotten.
    request: Option<CurrentRequestView>,
}

/// Show a delivery with its attempts.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/deliveries/{sequence}", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"),
        ("sequence" = u64, Path, description = "The event's number")),
    responses((status = 200, description = "The delivery", body = DeliveryDetailView)))]
pub(super) async fn get_delivery(
    State(api): State<Api>,
    By(caller): By,
    within: Within,
) -> Result<Json<DeliveryDetailView>, Problem> {
    let sequence = within.sequence("delivery")?;
    let found = api.engine.delivery(&caller, within.webhook, sequence).await?;
    let DeliveryDetail { item, attempts, request } = found;
    let request = request.map(|request| WebhookRequestView::of(request, may_see_all(&caller)));
    let request = request.transpose()?;
    let DeliveryView {
        sequence,
        event_type,
        event_at,
        state,
        attempts: _,
        next_attempt_at,
        last_attempt_at,
    } = item.into();
    Ok(Json(DeliveryDetailView {
        sequence,
        event_type,
        event_at,
        state,
        next_attempt_at,
        last_attempt_at,
        attempts: attempts.into_iter().map(Into::into).collect(),
        request: request.map(|request| CurrentRequestView { request, is_current_settings: true }),
    }))
}

/// Send an event once more, and show what came of it.
///
/// It is sent with the present settings, works in every state, and counts towards nothing. If it
/// is delivered, the delivery is settled.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/deliveries/{sequence}/resend",
    tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"),
        ("sequence" = u64, Path, description = "The event's number")),
    responses((status = 200, description = "What came of it", body = TriedView)))]
pub(super) async fn resend_delivery(
    State(api): State<Api>,
    By(caller): By,
    within: Within,
) -> Result<Json<TriedView>, Problem> {
    let sequence = within.sequence("event")?;
    Ok(Json(api.engine.resend(&caller, within.webhook, sequence).await?.into()))
}

/// Say that a delivery is not to be tried again.
///
/// An ordered webhook goes on with the next event then.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/deliveries/{sequence}/skip",
    tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"),
        ("sequence" = u64, Path, description = "The event's number")),
    responses((status = 204, description = "It is skipped")))]
pub(super) async fn skip_delivery(
    State(api): State<Api>,
    By(caller): By,
    within: Within,
) -> Result<StatusCode, Problem> {
    let sequence = within.sequence("delivery")?;
    api.engine.skip_delivery(&caller, within.webhook, sequence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why an event was sent to a webhook or not.
#[derive(Serialize, ToSchema)]
pub(super) struct MatchesView {
    /// Whether all filters hold, as they are now.
    matches: bool,
    /// In a sentence.
    verdict: String,
    /// The filters, one by one.
    checks: Vec<Check>,
    /// Where its delivery stands; null if there is none.
    delivery: Option<DeliveryState>,
}

/// Explain why an event was sent to a webhook or not.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/matches/{sequence}", tag = "webhooks",
    params(("webhook" = String, Path, description = "Its id"),
        ("sequence" = u64, Path, description = "The event's number")),
    responses((status = 200, description = "Why", body = MatchesView)))]
pub(super) async fn explain_match(
    State(api): State<Api>,
    By(caller): By,
    within: Within,
) -> Result<Json<MatchesView>, Problem> {
    let sequence = within.sequence("event")?;
    let why = api.engine.explain(&caller, within.webhook, sequence).await?;
    let Explanation { checks, matches, delivery, verdict } = why;
    let delivery = delivery.map(|delivery| delivery.state);
    Ok(Json(MatchesView { matches, verdict, checks, delivery }))
}
