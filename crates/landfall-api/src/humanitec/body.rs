//! What a client sends to make or change a webhook (Humanitec, `WebhookRequest`).

use std::collections::BTreeMap;

use axum::extract::Request;
use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::humanitec::Payload;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::error::Error;
use crate::shared::api::Api;
use crate::shared::body::json_body;
use crate::shared::json;
use crate::shared::rejection::Rejection;

/// A field as it was sent: what is left out stays, and null comes back as null.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Field<T> {
    /// Left out.
    #[default]
    Absent,
    /// Null.
    Null,
    /// A value.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T> Field<T> {
    /// Whether it was sent, be it as null.
    pub(super) const fn is_sent(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Its value, if it has one.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// What a webhook is made of. Unknown fields are ignored.
#[derive(Deserialize)]
pub(super) struct WebhookBody {
    /// Unique within the organization.
    #[serde(default)]
    pub id: Field<String>,
    /// Null and left out are false.
    #[serde(default)]
    pub disabled: Field<bool>,
    /// Headers that every delivery carries.
    #[serde(default)]
    pub headers: Field<BTreeMap<String, String>>,
    /// What is sent, with `${variables}` in its strings.
    #[serde(default)]
    pub payload: Field<Map<String, Value>>,
    /// Objects of `scope` and `type`.
    #[serde(default)]
    pub triggers: Field<Vec<Map<String, Value>>>,
    /// Where to, with or without its scheme.
    #[serde(default)]
    pub url: Field<String>,
}

impl WebhookBody {
    /// Reads a body.
    pub(super) async fn read(api: &Api, request: Request) -> Result<Self, Error> {
        Ok(json::parse(&json_body(api, request).await?)?)
    }
}

/// The format that fills a payload.
pub(super) fn format_of(payload: Option<Map<String, Value>>) -> Result<Format, Rejection> {
    let payload = payload.map(Payload::parse).transpose();
    let payload = payload.map_err(|why| Rejection::field("payload", why))?;
    Ok(Format::Humanitec { payload })
}
