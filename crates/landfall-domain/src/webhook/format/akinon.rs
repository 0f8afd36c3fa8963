//! Akinon's events. Their body is documented nowhere, so it is Landfall's own under Akinon's names.

use serde_json::json;

use crate::webhook::format::{Message, RenderError, Rendered};
use crate::webhook::vocabulary::Vocabulary;

/// Renders `message`.
pub(super) fn render(message: &Message<'_>) -> Result<Rendered, RenderError> {
    let name = message.name_in(Vocabulary::Akinon)?;
    Ok(Rendered::json(serde_json::to_vec(&json!({ "event": name }))?))
}
