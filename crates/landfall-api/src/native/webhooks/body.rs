//! What a webhook is made of, and what it becomes.

use std::collections::BTreeMap;

use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::ProjectId;
use landfall_domain::text::Text;
use landfall_domain::webhook::Config;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::template::Template;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::retry::Schedule;
use landfall_domain::webhook::signature::Key;
use landfall_engine::webhooks::NewWebhook;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::fields::{HttpUrl, Prose, nullable, present};
use crate::shared::rejection::Rejection;

/// A Slack webhook takes about one message per second.
const SLACK_RATE_PER_SECOND: u32 = 1;

/// What a webhook sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookFormat)]
pub(super) enum FormatName {
    /// `{"type", "timestamp", "data"}`, as Standard Webhooks recommends.
    Standard,
    /// Your own JSON with placeholders.
    Template,
    /// A message for a Slack incoming webhook.
    Slack,
}

/// How deliveries are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookSignature)]
pub(super) enum Signature {
    /// HMAC-SHA256 (`v1`): both ends know the secret.
    Hmac,
    /// Ed25519 (`v1a`): receivers verify with the public key.
    Ed25519,
}

impl Signature {
    /// The kind that a secret is for.
    pub(super) fn of_secret(secret: &str) -> Result<Self, Rejection> {
        match Key::parse(secret) {
            Ok(Key::Symmetric(_)) => Ok(Self::Hmac),
            Ok(Key::Asymmetric(_)) => Ok(Self::Ed25519),
            Err(why) => Err(Rejection::field("secret", format!("is wrong: {why}"))),
        }
    }

    /// The kind that a webhook signs with.
    pub(super) const fn of(config: &Config) -> Self {
        if config.is_asymmetric { Self::Ed25519 } else { Self::Hmac }
    }

    /// Refuses a secret that is for the other kind.
    pub(super) fn require_fit(self, secret: &str) -> Result<(), Rejection> {
        if Self::of_secret(secret)? == self {
            return Ok(());
        }
        let reason = match self {
            Self::Hmac => "must begin with `whsec_`, since `signature` is hmac",
            Self::Ed25519 => "must begin with `whsk_`, since `signature` is ed25519",
        };
        Err(Rejection::field("secret", reason))
    }
}

/// Which events a webhook wants; all filters that are given must hold. An empty list asks for
/// nothing in particular.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookFiltersBody)]
pub(super) struct FiltersBody {
    /// Patterns of project names; `*` stands for any characters, `?` for one.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, nullable = false)]
    projects: Option<Vec<Glob>>,
    /// Patterns of application names.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, nullable = false)]
    applications: Option<Vec<Glob>>,
    /// Patterns of environment codes or names.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, max_items = 50, nullable = false)]
    environments: Option<Vec<Glob>>,
    /// `development`, `testing`, `staging`, `preview`, `production`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>, nullable = false, example = json!(["production"]))]
    environment_types: Option<Vec<EnvironmentType>>,
    /// Also send what was reported more than 24 hours after it happened.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    history: Option<bool>,
}

impl FiltersBody {
    /// Sets what is given and leaves the rest.
    pub(super) fn apply(self, filters: &mut Filters) {
        let Self { projects, applications, environments, environment_types, history } = self;
        set(&mut filters.projects, projects);
        set(&mut filters.applications, applications);
        set(&mut filters.environments, environments);
        set(&mut filters.environment_types, environment_types);
        set(&mut filters.history, history);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Refuses filters with too many entries.
pub(super) fn bounded(filters: Filters) -> Result<Filters, Rejection> {
    let lengths = [
        ("events", filters.events.len()),
        ("filters.projects", filters.projects.len()),
        ("filters.applications", filters.applications.len()),
        ("filters.environments", filters.environments.len()),
        ("filters.environment_types", filters.environment_types.len()),
    ];
    let most = Filters::PATTERNS_MAX;
    match lengths.into_iter().find(|(_, length)| *length > most) {
        None => Ok(filters),
        Some((field, length)) => {
            let why = format!("has {length} entries; at most {most} are allowed, so use `*`");
            Err(Rejection::field(field, why))
        }
    }
}

/// The format that is asked for, held against the `present` one; `None` if that stays.
pub(super) fn format_of(
    name: Option<FormatName>,
    template: Option<Value>,
    present: &Format,
) -> Result<Option<Format>, Rejection> {
    let is_template = match name {
        Some(name) => name == FormatName::Template,
        None => matches!(present, Format::Template { .. }),
    };
    match (is_template, template) {
        (true, Some(value)) => {
            let template = Template::parse(value);
            let why = |why| Rejection::field("template", format!("is wrong: {why}"));
            Ok(Some(Format::Template { template: template.map_err(why)? }))
        }
        (true, None) if matches!(present, Format::Template { .. }) => Ok(None),
        (true, None) => Err(Rejection::field("template", "is required for the format `template`")),
        (false, Some(_)) => Err(Rejection::field(
            "template",
            "is for the format `template` only; add \"format\": \"template\"",
        )),
        (false, None) => Ok(match name {
            Some(FormatName::Slack) => Some(Format::Slack),
            Some(_) => Some(Format::Standard),
            None => None,
        }),
    }
}

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
    /// The JSON that the format `template` fills, with `${placeholders}` in its strings.
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
        let slack_rate = matches!(format, Format::Slack).then_some(SLACK_RATE_PER_SECOND);
        let config = Config {
            name: name.into_string(),
            description: description.map(Prose::into_string),
            filters: filters_of(events, filters)?,
            format,
            project: found,
            ordered: ordered.unwrap_or(false),
            concurrency: concurrency.unwrap_or(Config::CONCURRENCY),
            rate_per_second: rate_per_second.unwrap_or(slack_rate),
            timeout_ms: timeout_ms.unwrap_or(Config::TIMEOUT_MS),
            retries: retry_schedule.unwrap_or_default(),
            is_asymmetric: signature_of(secret.as_deref(), signature)? == Signature::Ed25519,
        };
        Ok(NewWebhook {
            config,
            url: url.into_string(),
            headers: headers.unwrap_or_default(),
            secret,
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

fn signature_of(secret: Option<&str>, wanted: Option<Signature>) -> Result<Signature, Rejection> {
    match (secret, wanted) {
        (Some(secret), Some(wanted)) => wanted.require_fit(secret).map(|()| wanted),
        (Some(secret), None) => Signature::of_secret(secret),
        (None, wanted) => Ok(wanted.unwrap_or(Signature::Hmac)),
    }
}
