//! The format of a webhook, as it is sent: a word, and for `template` the JSON to fill.

use landfall_domain::webhook::format::Format;
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
