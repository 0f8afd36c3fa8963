//! Humanitec's variables, filled into the payload that the webhook was given.
//!
//! Source: Humanitec, "Webhooks", its tables of variables. What becomes of a `${name}` that is no
//! variable is not told there; it is sent as it stands. A variable that the event lacks is empty.

use serde::{Deserialize, Serialize, Serializer as _};
use serde_json::{Map, Value};

use crate::webhook::format::placeholder::{Fields, Placeholder};
use crate::webhook::format::template::{Template, require_room};
use crate::webhook::format::{Message, RenderError, Rendered};
use crate::webhook::vocabulary::Vocabulary;

/// What is sent where no payload was given, in this order.
const DEFAULT: [&str; 6] = ["event", "triggered_at", "triggered_by", "org_id", "app_id", "env_id"];

/// No variable has a longer name, so no `}` is looked for beyond.
const NAME_BYTES_MAX: usize = 12;

/// A payload as it was given, with `${variables}` in its strings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Map<String, Value>);

/// Why a payload is too costly to be filled for every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPayload {
    /// Too much text.
    #[error("is {bytes} bytes long; at most {} are allowed", Payload::BYTES_MAX)]
    TooLong {
        /// How much it has.
        bytes: usize,
    },
    /// Too many places to fill.
    #[error("has {count} variables; at most {} are allowed", Template::PLACEHOLDERS_MAX)]
    TooMany {
        /// How many it has.
        count: usize,
    },
}

impl Payload {
    /// As much as a template may have.
    pub const BYTES_MAX: usize = Template::BYTES_MAX;

    /// Checks that a payload is small enough to be kept and filled for every event.
    pub fn parse(payload: Map<String, Value>) -> Result<Self, InvalidPayload> {
        let text = serde_json::to_string(&payload).unwrap_or_default();
        let (bytes, count) = (text.len(), text.matches("${").count());
        if bytes > Self::BYTES_MAX {
            return Err(InvalidPayload::TooLong { bytes });
        }
        if count > Template::PLACEHOLDERS_MAX {
            return Err(InvalidPayload::TooMany { count });
        }
        Ok(Self(payload))
    }

    /// The payload as it was given.
    pub const fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl From<Payload> for Value {
    fn from(payload: Payload) -> Self {
        Self::Object(payload.0)
    }
}

/// Renders `message`.
pub(super) fn render(
    message: &Message<'_>,
    payload: Option<&Payload>,
) -> Result<Rendered, RenderError> {
    message.name_in(Vocabulary::Humanitec)?;
    let fields = Fields::of(message)?;
    let body = match payload {
        Some(payload) => serde_json::to_vec(&filled_object(&payload.0, &fields)?)?,
        None => default_body(&fields)?,
    };
    require_room(body.len())?;
    Ok(Rendered::json(body))
}

fn default_body(fields: &Fields<'_>) -> Result<Vec<u8>, RenderError> {
    let variable = |name: &'static str| Some((name, Placeholder::of_humanitec(name)?));
    let variables = DEFAULT.into_iter().filter_map(variable);
    let members = variables.map(|(name, variable)| (name, variable.text(fields)));
    let mut body = Vec::new();
    serde_json::Serializer::new(&mut body).collect_map(members)?;
    Ok(body)
}

fn filled(value: &Value, fields: &Fields<'_>) -> Result<Value, RenderError> {
    Ok(match value {
        Value::String(text) => Value::String(filled_text(text, fields)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| filled(item, fields)).collect::<Result<_, _>>()?)
        }
        Value::Object(object) => Value::Object(filled_object(object, fields)?),
        literal => literal.clone(),
    })
}

fn filled_object(
    object: &Map<String, Value>,
    fields: &Fields<'_>,
) -> Result<Map<String, Value>, RenderError> {
    object.iter().map(|(key, value)| Ok((key.clone(), filled(value, fields)?))).collect()
}

/// What was filled in is never looked at again.
fn filled_text(text: &str, fields: &Fields<'_>) -> Result<String, RenderError> {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once("${") {
        out.push_str(before);
        rest = if let Some((variable, behind)) = variable(behind) {
            out.push_str(&variable.text(fields));
            behind
        } else {
            out.push_str("${");
            behind
        };
        require_room(out.len())?;
    }
    out.push_str(rest);
    Ok(out)
}

/// The variable whose name and brace a text begins with, and what follows them.
fn variable(text: &str) -> Option<(Placeholder, &str)> {
    let end = text.bytes().take(NAME_BYTES_MAX + 1).position(|byte| byte == b'}')?;
    Some((Placeholder::of_humanitec(&text[..end])?, &text[end + 1..]))
}

#[cfg(test)]
mod tests;
