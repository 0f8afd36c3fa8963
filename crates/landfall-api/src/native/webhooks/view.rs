//! Webhooks as they are shown. Their secrets never are; what may hold a credential is shown only to
//! those who may change it.

use std::collections::BTreeMap;
use std::sync::Arc;

use landfall_domain::catalog::Catalog;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::ProjectId;
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::signature::Key;
use landfall_domain::webhook::vendor::Vendor;
use landfall_domain::webhook::{Config, Private, State, Webhook};
use landfall_engine::{Armed, Caller, EngineError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::signature::Signature;
use crate::shared::api::Api;
use crate::shared::seen;

/// Which of its events a webhook wants; all filters that have entries must hold.
#[derive(Serialize, ToSchema)]
struct WebhookFiltersView {
    /// Patterns of project names.
    #[schema(value_type = Vec<String>)]
    projects: Vec<Glob>,
    /// Patterns of application names.
    #[schema(value_type = Vec<String>)]
    applications: Vec<Glob>,
    /// Patterns of environment codes or names.
    #[schema(value_type = Vec<String>)]
    environments: Vec<Glob>,
    /// Types of environments.
    #[schema(value_type = Vec<String>)]
    environment_types: Vec<EnvironmentType>,
    /// Whether it also wants what was reported long after it happened.
    history: bool,
}

/// A webhook.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookView {
    /// Its id.
    id: Uuid,
    /// The same id as Akinon's clients know it.
    #[schema(example = "01935a1b2c3d6c7d8e9fa0b1")]
    object_id: String,
    /// What people call it.
    name: String,
    /// The vendor's API that it was made through: `qovery`, `humanitec` or `akinon`.
    #[serde(skip_serializing_if = "Option::is_none")]
    made_through: Option<&'static str>,
    /// What it is for.
    description: Option<String>,
    /// Where to; below `manage` without what may be a credential.
    url: String,
    /// Patterns of event types; none means every event but those about webhooks.
    #[schema(value_type = Vec<String>)]
    events: Vec<Glob>,
    /// Which of those events.
    filters: WebhookFiltersView,
    /// What it sends: `standard`, `template`, `slack`, `qovery`, `humanitec`, `akinon` or
    /// `versioner`.
    format: &'static str,
    /// The JSON that the formats `template` and `humanitec` fill.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Value>,
    /// Headers that every delivery carries; below `manage` without their values.
    headers: BTreeMap<String, String>,
    /// The project that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<Named>,
    /// One by one in the log's order.
    ordered: bool,
    /// Attempts at one time.
    concurrency: u32,
    /// Attempts per second; null is without limit.
    rate_per_second: Option<u32>,
    /// Bound of one attempt in milliseconds.
    timeout_ms: u32,
    /// Seconds from each failed attempt to the next.
    retry_schedule: Vec<u32>,
    /// Whether it has a secret that its vendor's format sends or signs with.
    vendor_secret_set: bool,
    /// How deliveries are signed.
    signature: Signature,
    /// What receivers verify an ed25519 signature with, `whpk_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// `enabled`, `paused` (what happens waits) or `disabled` (what happens is skipped).
    state: &'static str,
    /// Why it is disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<&'static str>,
    /// Since when it is in that state.
    #[schema(value_type = String, format = DateTime)]
    state_since: Timestamp,
    /// Grows by one with every edit.
    revision: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last edited.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A webhook and its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookSecretView {
    #[serde(flatten)]
    webhook: WebhookView,
    /// The secret that deliveries are signed with. It is shown now and never again.
    #[schema(example = "whsec_…")]
    secret: String,
}

impl WebhookSecretView {
    /// A webhook and its secret.
    pub(super) const fn new(webhook: WebhookView, secret: String) -> Self {
        Self { webhook, secret }
    }
}

/// Somebody who looks at webhooks: what they may see, and what projects are called.
pub(super) struct Viewer {
    sees_all: bool,
    catalog: Option<Arc<Catalog>>,
}

impl Viewer {
    /// The caller, about to look at `webhooks`.
    pub(super) async fn of(
        api: &Api,
        caller: &Caller,
        webhooks: &[Arc<Armed>],
    ) -> Result<Self, EngineError> {
        let has_project = |armed: &Arc<Armed>| armed.webhook.config.project.is_some();
        let catalog = if webhooks.iter().any(has_project) {
            Some(api.engine.catalog(caller).await?)
        } else {
            None
        };
        Ok(Self { sees_all: seen::may_see_all(caller), catalog })
    }

    /// A webhook as the viewer may see it.
    pub(super) fn show(&self, webhook: &Webhook) -> WebhookView {
        let Webhook {
            organization: _,
            id,
            revision,
            config,
            private,
            state,
            state_at,
            created_at,
            updated_at,
        } = webhook;
        let config = config.clone();
        WebhookView {
            id: id.uuid(),
            object_id: id.object_id(),
            made_through: config.vendor.as_ref().map(Vendor::as_str),
            vendor_secret_set: private.vendor_secret.is_some(),
            signature: Signature::of(&config),
            public_key: public_key(&config, private),
            url: seen::url(private, self.sees_all),
            headers: seen::headers(private, self.sees_all),
            project: self.project(config.project),
            name: config.name,
            description: config.description,
            events: config.filters.events.clone(),
            filters: show_filters(config.filters),
            format: config.format.as_str(),
            template: template_of(config.format),
            ordered: config.ordered,
            concurrency: config.concurrency,
            rate_per_second: config.rate_per_second,
            timeout_ms: config.timeout_ms,
            retry_schedule: config.retries.into(),
            state: state.as_str(),
            disabled_reason: disabled_reason(state),
            state_since: *state_at,
            revision: *revision,
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }

    fn project(&self, id: Option<ProjectId>) -> Option<Named> {
        self.catalog.as_ref()?.projects.get(id?).map(Into::into)
    }
}

fn show_filters(filters: Filters) -> WebhookFiltersView {
    let Filters { events: _, projects, applications, environments, environment_types, history } =
        filters;
    WebhookFiltersView { projects, applications, environments, environment_types, history }
}

fn template_of(format: Format) -> Option<Value> {
    match format {
        Format::Template { template } => Some(template.into()),
        Format::Humanitec { payload } => payload.map(Value::from),
        _ => None,
    }
}

fn public_key(config: &Config, private: &Private) -> Option<String> {
    let key = config.is_asymmetric.then(|| Key::parse(&private.secret).ok())?;
    key?.public_text()
}

const fn disabled_reason(state: &State) -> Option<&'static str> {
    match state {
        State::Disabled { reason } => Some(reason.in_words()),
        State::Enabled | State::Paused => None,
    }
}
