//! The bodies of POST and PATCH, as "Create a organization project webhook" and "Update a project
//! webhook" show them. Other fields are ignored.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use landfall_domain::id::ProjectId;
use landfall_domain::text::Text;
use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::vendor::Vendor;
use landfall_domain::webhook::{Config, Webhook};
use landfall_engine::webhooks::{NewWebhook, WebhookEdit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};

use super::error::Failure;
use super::events::EventNames;
use crate::shared::api::Api;
use crate::shared::body::read_json;
use crate::shared::fields::present;
use crate::shared::json;
use crate::shared::rejection::Rejection;
use crate::shared::seen;
use crate::shared::vendor::state_for;

/// A body. The handler names it last, so that who sends it and where to is known before it is read.
pub(super) struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let body = read_json(body, &parts.headers, &api.limits).await?;
        Ok(Self(json::parse(&body)?))
    }
}

/// A name of 2 to 100 characters.
struct Name(Text<100>);

impl Name {
    const CHARS_MIN: usize = 2;
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        if text.as_str().chars().count() < Self::CHARS_MIN {
            return Err(de::Error::custom("must have 2 to 100 characters"));
        }
        Ok(Self(text))
    }
}

/// A webhook to be made.
#[derive(Deserialize)]
pub(super) struct CreateBody {
    name: Name,
    url: Text<2_000>,
    #[serde(default, deserialize_with = "present")]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "present")]
    active: Option<bool>,
    events: EventNames,
}

impl CreateBody {
    /// The webhook to be made, which hears of its project only.
    pub(super) fn into_new(self, project: ProjectId) -> Result<NewWebhook, Rejection> {
        let Self { name: Name(name), url, headers, active, events } = self;
        if events.is_empty() {
            let why = "must name at least one event, such as deployment.build.created";
            return Err(Rejection::field("events", why));
        }
        let its_project = Glob::try_from(project.to_string()).expect("a UUID is a pattern");
        let config = Config {
            filters: Filters {
                events: events.into_patterns(),
                projects: vec![its_project],
                ..Filters::default()
            },
            format: Format::Akinon,
            project: Some(project),
            vendor: Some(Vendor::Akinon),
            ..Config::named(name.into_string())
        };
        Ok(NewWebhook {
            config,
            url: url.into_string(),
            headers: headers.unwrap_or_default(),
            secret: None,
            vendor_secret: None,
            is_enabled: active.unwrap_or(true),
        })
    }
}

/// What a webhook becomes; what is left out stays.
#[derive(Deserialize)]
pub(super) struct EditBody {
    #[serde(default, deserialize_with = "present")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "present")]
    url: Option<Text<2_000>>,
    #[serde(default, deserialize_with = "present")]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "present")]
    active: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    events: Option<EventNames>,
}

impl EditBody {
    /// The edit of a webhook.
    pub(super) fn into_edit(self, webhook: &Webhook) -> WebhookEdit {
        let Self { name, url, headers, active, events } = self;
        WebhookEdit {
            name: name.map(|Name(name)| name.into_string()),
            url: url.and_then(|url| seen::sent_url(&webhook.private, url.into_string())),
            headers,
            filters: events.and_then(|events| events.change(&webhook.config.filters)),
            state: active.and_then(|is_on| state_for(&webhook.state, is_on)),
            ..WebhookEdit::default()
        }
    }
}
