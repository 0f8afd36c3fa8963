//! What is asked, made into a new webhook or into an edit of one.

use std::collections::BTreeMap;

use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::vendor::Vendor;
use landfall_domain::webhook::{Config, Webhook};
use landfall_engine::webhooks::{NewWebhook, WebhookEdit};

use super::body::{Asked, SecretAsked};
use super::filters::{edited_events, edited_types, new_events};
use super::words::Kind;
use crate::shared::seen;
use crate::shared::vendor::state_for;

/// A longer name is cut off.
const NAME_CHARS_MAX: usize = 100;

/// The webhook to be made.
pub(super) fn new_webhook(asked: Asked) -> NewWebhook {
    let Asked { kind, target_url, events, secret, description, is_enabled, projects, modes } =
        asked;
    let filters = Filters {
        events: new_events(&events),
        projects: projects.unwrap_or_default(),
        environment_types: edited_types(&[], &modes.unwrap_or_default()),
        ..Filters::default()
    };
    let format = kind.format();
    let description = description.filter(|text| !text.is_empty());
    let config = Config {
        filters,
        rate_per_second: format.rate_per_second(),
        format,
        vendor: Some(Vendor::Qovery),
        ..Config::named(name_for(description.as_deref(), &target_url))
    };
    NewWebhook {
        config: Config { description, ..config },
        url: target_url,
        headers: BTreeMap::new(),
        secret: None,
        vendor_secret: match secret {
            SecretAsked::Set(secret) => Some(secret),
            SecretAsked::Keep | SecretAsked::Clear => None,
        },
        is_enabled: is_enabled.unwrap_or(true),
    }
}

/// What becomes of a webhook.
pub(super) fn edit_of(asked: Asked, present: &Webhook) -> WebhookEdit {
    let Webhook { config, private, state, .. } = present;
    let name = renamed(&asked, present);
    let Asked { kind, target_url, events, secret, description, is_enabled, projects, modes } =
        asked;
    let before = &config.filters;
    let filters = Filters {
        events: edited_events(&before.events, &events),
        projects: projects.unwrap_or_else(|| before.projects.clone()),
        environment_types: modes.map_or_else(
            || before.environment_types.clone(),
            |modes| edited_types(&before.environment_types, &modes),
        ),
        ..before.clone()
    };
    let format = (kind != Kind::of(&config.format)).then(|| kind.format());
    WebhookEdit {
        name,
        description: description.map(|text| Some(text).filter(|text| !text.is_empty())),
        url: seen::sent_url(private, target_url),
        filters: Some(filters),
        rate_per_second: format.as_ref().and_then(|format| rate_for(format, config)),
        format,
        vendor_secret: match secret {
            SecretAsked::Keep => None,
            SecretAsked::Clear => Some(None),
            SecretAsked::Set(secret) => Some(Some(secret)),
        },
        state: is_enabled.and_then(|is_on| state_for(state, is_on)),
        ..WebhookEdit::default()
    }
}

/// A rate that nobody chose follows the format.
#[expect(clippy::option_option, reason = "no change and no limit are two things here")]
fn rate_for(format: &Format, config: &Config) -> Option<Option<u32>> {
    let is_default = config.rate_per_second == config.format.rate_per_second();
    is_default.then(|| format.rate_per_second())
}

/// A name that nobody chose follows the description.
fn renamed(asked: &Asked, present: &Webhook) -> Option<String> {
    let Webhook { config, private, .. } = present;
    let is_given = config.name == name_for(config.description.as_deref(), &private.url);
    let description = asked.description.as_deref().or(config.description.as_deref());
    is_given.then(|| name_for(description, &asked.target_url))
}

/// What people call a webhook that its maker gave no name: Qovery has none.
fn name_for(description: Option<&str>, url: &str) -> String {
    let first_line = description.and_then(|text| text.lines().next()).unwrap_or_default();
    let name = match first_line.trim() {
        "" => format!("Qovery webhook {}", host_of(url)),
        text => text.replace('\t', " "),
    };
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    name.trim_end().to_owned()
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}
