//! What a webhook is made of.

use std::collections::BTreeMap;

use landfall_domain::id::ProjectId;
use landfall_domain::text::Text;
use landfall_domain::webhook::Config;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::retry::Schedule;
use landfall_engine::webhooks::NewWebhook;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::fields::{HttpUrl, Prose, nullable};
use super::filters::{FiltersBody, bounded};
use super::format::{FormatName, format_of};
use super::signature::Signature;
use crate::shared::rejection::Rejection;

/// A webhook to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
pub(super) struct WebhookBody {
    /// What people call it.
    #[schema(value_type = String, max_length = 100)]
    name: Text<100>,
    /// Where to: http or https, to a public address unless the operator allows it.
    #[schema(value_type = String, max_length = 2000)]
    url: HttpUrl,
    /// Patterns of event types, such as `deployment.*`; every event if absent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 50,
        example = json!(["deployment.completed"]))]
    events: Option<Vec<Glob>>,
    /// What it sends; `standard` if absent.
    #[serde(default)]
    format: Option<FormatName>,
    /// The JSON that the formats `template` and `humanitec` fill, with `${placeholders}` in its
    /// strings.
    #[serde(default)]
    template: Option<Value>,
    /// Which of those events.
    #[serde(default)]
    filters: Option<FiltersBody>,
    /// Headers that every delivery carries.
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    /// The secret to sign with, `whsec_…` or `whsk_…`; one is made if absent.
    #[serde(default)]
    secret: Option<String>,
    /// The secret that the formats `qovery` and `versioner` send or sign with in their own headers.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    vendor_secret: Option<Text<500>>,
    /// How deliveries are signed; as `secret` says, else `hmac`.
    #[serde(default)]
    signature: Option<Signature>,
    /// One by one in the log's order, each waiting for the one before.
    #[serde(default)]
    ordered: Option<bool>,
    /// Attempts at one time; 8 if absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 64)]
    concurrency: Option<u32>,
    /// Attempts per second; null is without limit. If absent, 1 for Slack, else without limit.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    rate_per_second: Option<Option<u32>>,
    /// Bound of one attempt in milliseconds; 15000 if absent.
    #[serde(default)]
    #[schema(minimum = 100, maximum = 30_000)]
    timeout_ms: Option<u32>,
    /// Seconds from each failed attempt to the next; twelve over about three days if absent.
    #[serde(default)]
    #[schema(value_type = Option<Vec<u32>>, max_items = 50, example = json!([5, 30, 120]))]
    retry_schedule: Option<Schedule>,
    /// The project that it belongs to: its id, name or former name. It filters nothing.
    #[serde(default)]
    pub project: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    description: Option<Prose<2_000>>,
    /// Whether it sends from now on; true if absent.
    #[serde(default)]
    enabled: Option<bool>,
}

impl WebhookBody {
    /// The webhook to be made, of a project that was found.
    pub(super) fn into_new(self, found: Option<ProjectId>) -> Result<NewWebhook, Rejection> {
        let Self {
            name,
            url,
            events,
            format,
            template,
            filters,
            headers,
            secret,
            vendor_secret,
            signature,
            ordered,
            concurrency,
            rate_per_second,
            timeout_ms,
            retry_schedule,
            project: _,
            description,
            enabled,
        } = self;
        let format = format_of(format, template, &Format::Standard)?.unwrap_or_default();
        let own_rate = format.rate_per_second();
        let config = Config {
            description: description.map(Prose::into_string),
            filters: filters_of(events, filters)?,
            format,
            project: found,
            ordered: ordered.unwrap_or(false),
            concurrency: concurrency.unwrap_or(Config::CONCURRENCY),
            rate_per_second: rate_per_second.unwrap_or(own_rate),
            timeout_ms: timeout_ms.unwrap_or(Config::TIMEOUT_MS),
            retries: retry_schedule.unwrap_or_default(),
            is_asymmetric: Signature::of_new(secret.as_deref(), signature)? == Signature::Ed25519,
            ..Config::named(name.into_string())
        };
        Ok(NewWebhook {
            config,
            url: url.into_string(),
            headers: headers.unwrap_or_default(),
            secret,
            vendor_secret: vendor_secret.map(Text::into_string),
            is_enabled: enabled.unwrap_or(true),
        })
    }
}

fn filters_of(
    events: Option<Vec<Glob>>,
    filters: Option<FiltersBody>,
) -> Result<Filters, Rejection> {
    let mut all = Filters { events: events.unwrap_or_default(), ..Filters::default() };
    filters.unwrap_or_default().apply(&mut all);
    bounded(all)
}
