//! Who did something through Landfall's own interfaces.

use serde::{Deserialize, Serialize};

/// The credential that a command came with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The id of the API key, such as `k1`; the e-mail address of a person who is signed in; `system`
    /// for Landfall itself.
    pub key_id: String,
}

impl Actor {
    /// Landfall's own background work.
    pub fn system() -> Self {
        Self { key_id: "system".to_owned() }
    }
}
