//! What of a webhook a caller may see: what may hold a credential is shown only to those who may
//! change it.

use std::collections::BTreeMap;

use landfall_domain::access::Scope;
use landfall_domain::webhook::Private;

use crate::access::Caller;

/// What stands for a value that the caller may not see.
pub const HIDDEN: &str = "…";

/// Whether a caller may see what may hold a credential.
pub fn may_see_all(caller: &Caller) -> bool {
    caller.require(Scope::Manage).is_ok()
}

/// The URL, or what of it is no credential.
pub fn url(private: &Private, sees_all: bool) -> String {
    if sees_all { private.url.clone() } else { private.url_redacted() }
}

/// The URL that a caller sent, unless it is sent back as it was shown to who may not see all of it.
pub fn sent_url(private: &Private, sent: String) -> Option<String> {
    let shown = private.url_redacted();
    (sent != shown || shown == private.url).then_some(sent)
}

/// The headers, or their names.
pub fn headers(private: &Private, sees_all: bool) -> BTreeMap<String, String> {
    let mut headers = private.headers.clone();
    if !sees_all {
        for value in headers.values_mut() {
            HIDDEN.clone_into(value);
        }
    }
    headers
}

/// Whether a header of a request is a signature, vendors' ones too: with them, a preview of any
/// template would be a delivery that a receiver takes for ours.
pub fn is_signature(name: &str) -> bool {
    name.ends_with("-signature")
}
