//! Webhooks as Akinon shows them, read from what all webhooks have.

use std::collections::BTreeMap;

use landfall_domain::catalog::Project;
use landfall_domain::time::Timestamp;
use landfall_domain::webhook::Webhook;
use serde::Serialize;

use super::events;
use crate::shared::seen;

/// A webhook.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookView {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    url: String,
    headers: BTreeMap<String, String>,
    active: bool,
    events: Vec<String>,
    created_at: String,
    updated_at: String,
}

impl WebhookView {
    /// A webhook as somebody may see it.
    pub(super) fn of(webhook: &Webhook, sees_all: bool) -> Self {
        let Webhook { id, config, private, state, created_at, updated_at, .. } = webhook;
        Self {
            id: id.object_id(),
            name: config.name.clone(),
            url: seen::url(private, sees_all),
            headers: seen::headers(private, sees_all),
            active: state.is_enabled(),
            events: events::shown(&config.filters).into_iter().map(str::to_owned).collect(),
            created_at: moment(*created_at),
            updated_at: moment(*updated_at),
        }
    }
}

/// What POST answers.
///
/// Akinon's document shows the schema of a project there. So this is the webhook and what a project
/// must have besides; where both have a field, it is the webhook's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MadeView {
    #[serde(flatten)]
    webhook: WebhookView,
    slug: String,
    organization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    status: &'static str,
    last_activity_at: String,
}

impl MadeView {
    /// A webhook that was made in a project, for who made it.
    pub(super) fn of(webhook: &Webhook, project: &Project) -> Self {
        const DESCRIPTION_CHARS_MAX: usize = 255;
        let shortened = |text: &String| text.chars().take(DESCRIPTION_CHARS_MAX).collect();
        Self {
            webhook: WebhookView::of(webhook, true),
            slug: slug(project),
            organization: webhook.organization.object_id(),
            description: project.description.as_ref().map(shortened),
            status: "draft",
            last_activity_at: moment(webhook.updated_at),
        }
    }
}

/// The project's name as `^[a-z0-9-]{2,100}$`; its id where too little of the name would be left.
fn slug(project: &Project) -> String {
    const CHARS: std::ops::RangeInclusive<usize> = 2..=100;
    let name = project.name.as_str().to_ascii_lowercase();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-");
    slug.truncate(*CHARS.end());
    if CHARS.contains(&slug.len()) { slug } else { project.id.object_id() }
}

/// A time with exactly three fractional digits.
fn moment(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use landfall_domain::id::Id;
    use landfall_domain::text::Text;
    use uuid::Uuid;

    use super::*;

    fn slug_of(name: &str) -> String {
        slug(&Project {
            id: Id::from_uuid(Uuid::from_u128(0xabc)),
            name: Text::parse(name).unwrap(),
            aliases: Vec::new(),
            description: None,
            team: None,
            created_at: Timestamp::default(),
            deleted_at: None,
        })
    }

    #[test]
    fn a_slug_fits_akinons_pattern_whatever_the_name() {
        assert_eq!(slug_of("Web Shop / DE"), "web-shop-de");
        assert_eq!(slug_of("--default--"), "default");
        assert_eq!(slug_of(&"ab ".repeat(50)).len(), 100);
        for name in ["x", "店", "é!"] {
            assert_eq!(slug_of(name), "000000000000000000000abc", "{name}");
        }
    }

    #[test]
    fn times_have_milliseconds_even_where_they_are_zero() {
        for (micros, text) in [
            (1_700_000_000_000_000, "2023-11-14T22:13:20.000Z"),
            (1_700_000_000_123_999, "2023-11-14T22:13:20.123Z"),
        ] {
            assert_eq!(moment(Timestamp::from_micros(micros)), text);
        }
    }
}
