//! What of a webhook a caller may see; the rule is the engine's, for the dashboard has it too.

pub use landfall_engine::webhooks::seen::{
    HIDDEN, headers, is_signature, may_see_all, sent_url, url,
};
