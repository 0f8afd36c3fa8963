//! What the vendors' webhook APIs have in common: which webhooks each of them shows, and how it
//! turns them on and off.

use std::sync::Arc;

use landfall_domain::webhook::filter::Filters;
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::vendor::Vendor;
use landfall_domain::webhook::{Disabled, State, Webhook};
use landfall_engine::{Armed, Caller, EngineError};

use super::api::Api;

/// The caller's webhooks that one vendor's API shows, oldest first.
pub fn webhooks_of(
    api: &Api,
    caller: &Caller,
    is_shown: impl Fn(&Webhook, &Vendor) -> bool,
) -> Result<Vec<Arc<Armed>>, EngineError> {
    let mut all = api.engine.list_all_webhooks(caller)?;
    all.retain(|armed| {
        let vendor = armed.webhook.config.vendor.as_ref();
        vendor.is_some_and(|vendor| is_shown(&armed.webhook, vendor))
    });
    Ok(all)
}

/// What a vendor's on/off flag makes of a state.
///
/// `None` if the flag says what the vendor's API shows already: a webhook that an operator paused is
/// shown as off, and a client that sends back what it read must not disable it.
pub fn state_for(present: &State, is_on: bool) -> Option<State> {
    match (present.is_enabled(), is_on) {
        (true, true) | (false, false) => None,
        (false, true) => Some(State::Enabled),
        (true, false) => Some(State::Disabled { reason: Disabled::ByHand }),
    }
}

/// The patterns for a vendor's list of events, where an empty list asks for nothing.
pub fn events_asked(patterns: Vec<Glob>) -> Vec<Glob> {
    if patterns.is_empty() {
        let none = Glob::try_from(Filters::NO_EVENT.to_owned());
        return vec![none.expect("a word of letters is a pattern")];
    }
    patterns
}
