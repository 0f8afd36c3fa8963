//! What can't be undone asks for the name to be typed.

use landfall_domain::refusal::Refusal;
use serde::Deserialize;

use super::fields::invalid;

/// A form that asks for a name.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    name: String,
}

impl Typed {
    /// Refuses another name than that of what is meant.
    pub(super) fn require(&self, name: &str) -> Result<(), Refusal> {
        if self.name.trim() == name.trim() {
            return Ok(());
        }
        Err(invalid("name", format!("must be typed as it is: {name}")))
    }
}
