//! The format of a webhook, as it is sent: a word, and for some the JSON to fill.

use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::humanitec::Payload;
use landfall_domain::webhook::format::template::Template;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::shared::rejection::Rejection;

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
    /// What Qovery sends.
    Qovery,
    /// What Humanitec sends.
    Humanitec,
    /// Akinon's events.
    Akinon,
    /// What Versioner sends.
    Versioner,
}

impl FormatName {
    /// The name of a format.
    const fn of(format: &Format) -> Self {
        match format {
            Format::Standard => Self::Standard,
            Format::Template { .. } => Self::Template,
            Format::Slack => Self::Slack,
            Format::Qovery => Self::Qovery,
            Format::Humanitec { .. } => Self::Humanitec,
            Format::Akinon => Self::Akinon,
            Format::Versioner => Self::Versioner,
        }
    }
}

/// The format that is asked for, held against the `present` one; `None` if that stays.
pub(super) fn format_of(
    name: Option<FormatName>,
    template: Option<Value>,
    present: &Format,
) -> Result<Option<Format>, Rejection> {
    let before = FormatName::of(present);
    let name = name.unwrap_or(before);
    match (name, template) {
        (_, None) if name == before => Ok(None),
        (FormatName::Template, Some(value)) => {
            let template = Template::parse(value);
            let why = |why| Rejection::field("template", format!("is wrong: {why}"));
            Ok(Some(Format::Template { template: template.map_err(why)? }))
        }
        (FormatName::Template, None) => {
            Err(Rejection::field("template", "is required for the format `template`"))
        }
        (FormatName::Humanitec, Some(Value::Object(payload))) => {
            let payload = Payload::parse(payload);
            let why = |why| Rejection::field("template", why);
            Ok(Some(Format::Humanitec { payload: Some(payload.map_err(why)?) }))
        }
        (FormatName::Humanitec, Some(_)) => Err(Rejection::field("template", "must be an object")),
        (_, Some(_)) => Err(Rejection::field(
            "template",
            "is for the formats `template` and `humanitec` only; add \"format\": \"template\"",
        )),
        (name, None) => Ok(Some(without_template(name))),
    }
}

const fn without_template(name: FormatName) -> Format {
    match name {
        FormatName::Slack => Format::Slack,
        FormatName::Qovery => Format::Qovery,
        FormatName::Humanitec => Format::Humanitec { payload: None },
        FormatName::Akinon => Format::Akinon,
        FormatName::Versioner => Format::Versioner,
        FormatName::Standard | FormatName::Template => Format::Standard,
    }
}
