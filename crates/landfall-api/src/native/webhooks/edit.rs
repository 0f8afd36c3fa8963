//! What a webhook becomes; what is left out stays.

use std::collections::BTreeMap;

use landfall_domain::id::ProjectId;
use landfall_domain::text::Text;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::retry::Schedule;
use landfall_domain::webhook::{Disabled, State, Webhook};
use landfall_engine::webhooks::WebhookEdit;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::fields::{HttpUrl, Prose, nullable, present};
use super::filters::{FiltersBody, bounded};
use super::format::{FormatName, format_of};
use crate::shared::rejection::Rejection;
use crate::shared::seen;

/// What a webhook becomes; what is left out stays, null empties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
pub(super) struct WebhookEditBody {
    /// What people call it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, nullable = false)]
    name: Option<Text<100>>,
    /// Where to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2000, nullable = false)]
    url: Option<HttpUrl>,
    /// Patterns of event types; null asks for every event.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50)]
    events: Option<Option<Vec<Glob>>>,
    /// What it sends.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    format: Option<FormatName>,
    /// The JSON that the formats `template` and `humanitec` fill; required when the format becomes
    /// `template`.
    #[serde(default)]
    template: Option<Value>,
    /// Which of those events; a filter that is left out stays, null removes all of them.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<FiltersBody>)]
    filters: Option<Option<FiltersBody>>,
    /// The secret that the formats `qovery` and `versioner` send or sign with; null removes it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 500)]
    vendor_secret: Option<Option<Text<500>>>,
    /// Headers that every delivery carries, all of them.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    headers: Option<Option<BTreeMap<String, String>>>,
    /// One by one in the log's order, each waiting for the one before.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    ordered: Option<bool>,
    /// Attempts at one time.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 1, maximum = 64, nullable = false)]
    concurrency: Option<u32>,
    /// Attempts per second; null is without limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    rate_per_second: Option<Option<u32>>,
    /// Bound of one attempt in milliseconds.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 100, maximum = 30_000, nullable = false)]
    timeout_ms: Option<u32>,
    /// Seconds from each failed attempt to the next; null returns to twelve over three days.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Vec<u32>>, max_items = 50)]
    retry_schedule: Option<Option<Schedule>>,
    /// The project that it belongs to: its id, name or former name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub project: Option<Option<String>>,
    /// What it is for.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<Option<Prose<2_000>>>,
    /// True enables it at the head of the log; false disables it, so that it skips what happens.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

impl WebhookEditBody {
    /// The edit of a webhook, with the project that was found if one was named.
    pub(super) fn into_edit(
        self,
        webhook: &Webhook,
        found: Option<ProjectId>,
    ) -> Result<WebhookEdit, Rejection> {
        let Self {
            name,
            url,
            events,
            format,
            template,
            filters,
            vendor_secret,
            headers,
            ordered,
            concurrency,
            rate_per_second,
            timeout_ms,
            retry_schedule,
            project,
            description,
            enabled,
        } = self;
        let config = &webhook.config;
        Ok(WebhookEdit {
            name: name.map(Text::into_string),
            description: description.map(|text| text.map(Prose::into_string)),
            url: url.and_then(|url| seen::sent_url(&webhook.private, url.into_string())),
            filters: filters_of(&config.filters, events, filters)?,
            format: format_of(format, template, &config.format)?,
            headers: headers.map(Option::unwrap_or_default),
            project: project.map(|_| found),
            ordered,
            concurrency,
            rate_per_second,
            timeout_ms,
            vendor_secret: vendor_secret.map(|secret| secret.map(Text::into_string)),
            vendor: None,
            retries: retry_schedule.map(Option::unwrap_or_default),
            state: enabled.and_then(|is_enabled| state_of(&webhook.state, is_enabled)),
        })
    }
}

#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
fn filters_of(
    before: &Filters,
    events: Option<Option<Vec<Glob>>>,
    filters: Option<Option<FiltersBody>>,
) -> Result<Option<Filters>, Rejection> {
    if events.is_none() && filters.is_none() {
        return Ok(None);
    }
    let mut after = before.clone();
    match filters {
        None => {}
        Some(None) => after = Filters { events: after.events, ..Filters::default() },
        Some(Some(filters)) => filters.apply(&mut after),
    }
    if let Some(events) = events {
        after.events = events.unwrap_or_default();
    }
    bounded(after).map(Some)
}

/// The state to go to; `None` if the webhook is as it is wanted, so that its reason stays.
fn state_of(state: &State, is_enabled: bool) -> Option<State> {
    match (state, is_enabled) {
        (State::Enabled, true) | (State::Disabled { .. }, false) => None,
        (_, true) => Some(State::Enabled),
        (_, false) => Some(State::Disabled { reason: Disabled::ByHand }),
    }
}
