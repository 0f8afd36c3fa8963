//! Webhooks as Qovery shows them. The secret never is; who may not change a webhook sees its URL
//! without what may be a credential.

use landfall_domain::time::Timestamp;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::{Config, Webhook};
use serde::Serialize;
use uuid::Uuid;

use super::filters::{shown_events, shown_modes};
use super::words::Kind;
use crate::shared::seen;

/// A list.
#[derive(Serialize)]
pub(super) struct Results<T> {
    /// Its items.
    pub results: Vec<T>,
}

/// A webhook. Every field of Qovery's description is there, and none is null.
#[derive(Serialize)]
pub(super) struct WebhookView {
    id: Uuid,
    created_at: Timestamp,
    updated_at: Timestamp,
    kind: Kind,
    target_url: String,
    target_secret_set: bool,
    description: String,
    enabled: bool,
    events: Vec<&'static str>,
    project_names_filter: Vec<Glob>,
    environment_types_filter: Vec<&'static str>,
}

impl WebhookView {
    /// A webhook, for a caller who may see all of it or not.
    pub(super) fn of(webhook: &Webhook, sees_all: bool) -> Self {
        let Webhook { id, config, private, state, created_at, updated_at, .. } = webhook;
        let Config { description, filters, format, .. } = config;
        Self {
            id: id.uuid(),
            created_at: *created_at,
            updated_at: *updated_at,
            kind: Kind::of(format),
            target_url: seen::url(private, sees_all),
            target_secret_set: private.vendor_secret.is_some(),
            description: description.clone().unwrap_or_default(),
            enabled: state.is_enabled(),
            events: shown_events(&filters.events),
            project_names_filter: filters.projects.clone(),
            environment_types_filter: shown_modes(&filters.environment_types),
        }
    }
}
