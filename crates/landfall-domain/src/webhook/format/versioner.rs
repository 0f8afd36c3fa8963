//! Versioner's notifications, as its guide "Notifications" shows them.

use serde_json::json;

use crate::webhook::format::{Message, RenderError, Rendered};
use crate::webhook::vocabulary::Vocabulary;

/// Renders `message`.
pub(super) fn render(message: &Message<'_>) -> Result<Rendered, RenderError> {
    let name = message.name_in(Vocabulary::Versioner)?;
    Ok(Rendered::json(serde_json::to_vec(&json!({ "event": name }))?))
}
