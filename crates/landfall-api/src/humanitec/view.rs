//! Webhooks as Humanitec's clients know them (`WebhookResponse`, `WebhookUpdateResponse`).

use std::collections::BTreeMap;

use landfall_domain::refusal::Refusal;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::humanitec::Payload;
use landfall_domain::webhook::vendor::{Job, Vendor};
use landfall_domain::webhook::{Private, Webhook};
use landfall_engine::Caller;
use serde::Serialize;
use serde_json::{Map, Value};

use super::triggers::{TriggerView, shown_triggers};
use super::url;
use crate::shared::seen;

/// A webhook.
#[derive(Serialize)]
pub(super) struct WebhookView {
    id: String,
    #[serde(flatten)]
    settings: SettingsView,
    created_at: String,
    created_by: String,
}

/// What of a webhook can be changed.
#[derive(Serialize)]
struct SettingsView {
    disabled: bool,
    headers: Option<BTreeMap<String, String>>,
    payload: Option<Map<String, Value>>,
    triggers: Vec<TriggerView>,
    url: String,
}

impl WebhookView {
    /// A webhook as the caller may see it.
    pub(super) fn of(webhook: &Webhook, caller: &Caller) -> Result<Self, Refusal> {
        let job = job_of(webhook)?;
        Ok(Self {
            id: job.id.clone(),
            settings: SettingsView::of(webhook, caller)?,
            // Clients take milliseconds at most.
            created_at: format!("{:.3}", webhook.created_at),
            created_by: job.created_by.clone(),
        })
    }
}

impl SettingsView {
    /// What the caller may see of it.
    fn of(webhook: &Webhook, caller: &Caller) -> Result<Self, Refusal> {
        let job = job_of(webhook)?;
        let Webhook { config, private, state, .. } = webhook;
        let sees_all = seen::may_see_all(caller);
        let url = seen::url(private, sees_all);
        let triggers = shown_triggers(&config.filters).into_iter().map(TriggerView::of);
        Ok(Self {
            disabled: !state.is_enabled(),
            headers: headers(private, job, sees_all),
            payload: shown_payload(&config.format).cloned(),
            triggers: triggers.collect(),
            url: url::shown(&url, job.is_url_bare).to_owned(),
        })
    }
}

/// What Humanitec knows about a webhook; a webhook of another API is none to it.
pub(super) fn job_of(webhook: &Webhook) -> Result<&Job, Refusal> {
    match &webhook.config.vendor {
        Some(Vendor::Humanitec(job)) => Ok(job),
        _ => Err(Refusal::not_found("webhook", &webhook.id)),
    }
}

/// The payload that a format fills; another format than Humanitec's has none.
pub(super) fn shown_payload(format: &Format) -> Option<&Map<String, Value>> {
    match format {
        Format::Humanitec { payload } => payload.as_ref().map(Payload::as_object),
        _ => None,
    }
}

/// Headers without their values for those who may not change them; null if they were sent so.
fn headers(private: &Private, job: &Job, sees_all: bool) -> Option<BTreeMap<String, String>> {
    if private.headers.is_empty() && job.are_headers_null {
        return None;
    }
    Some(seen::headers(private, sees_all))
}
