//! A webhook with everything parsed that an attempt needs, so that sending parses nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use landfall_domain::time::Timestamp;
use landfall_domain::view::Named;
use landfall_domain::webhook::Webhook;
use landfall_domain::webhook::filter::Interest;
use landfall_domain::webhook::format::Rendered;
use landfall_domain::webhook::signature::{self, Key};

use crate::egress::{Egress, Target, check_headers};

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("Landfall/", env!("CARGO_PKG_VERSION")));

/// One revision of a webhook, ready to send.
pub struct Armed {
    /// What it is set to.
    pub webhook: Webhook,
    /// Whose it is, as deliveries name it.
    pub organization: Named,
    /// Where people find this Landfall.
    pub(crate) base_url: Option<String>,
    target: Result<Target, String>,
    headers: HeaderMap,
    interest: Interest,
    /// The present key, then the one before.
    keys: Vec<Key>,
    is_replaced: AtomicBool,
}

impl Armed {
    /// Makes a webhook ready. What can't be used any more makes its attempts fail and say why.
    pub(crate) fn new(
        webhook: Webhook,
        (organization, base_url): (Named, Option<String>),
        egress: &Egress,
    ) -> Self {
        let target = egress.check_url(&webhook.private.url).map_err(|error| error.to_string());
        let mut headers = check_headers(&webhook.private.headers).unwrap_or_default();
        headers.entry(USER_AGENT).or_insert(AGENT);
        Self {
            keys: keys(&webhook),
            interest: webhook.config.interest(),
            webhook,
            organization,
            base_url,
            target,
            headers,
            is_replaced: AtomicBool::new(false),
        }
    }

    /// Says that another revision is in force.
    pub(crate) fn replace(&self) {
        self.is_replaced.store(true, Ordering::SeqCst);
    }

    /// Whether another revision is in force, so that no attempt may start with this one.
    pub(crate) fn is_replaced(&self) -> bool {
        self.is_replaced.load(Ordering::SeqCst)
    }

    /// Where to, unless its URL may not be used any more: then why.
    pub(crate) fn target(&self) -> Result<Target, String> {
        self.target.clone()
    }

    /// Which events it is sent.
    pub(crate) const fn interest(&self) -> &Interest {
        &self.interest
    }

    /// The keys to sign with at a time.
    fn keys_at(&self, now: Timestamp) -> &[Key] {
        let previous = self.webhook.private.previous_secret.as_ref();
        let count = 1 + usize::from(previous.is_some_and(|(_, until)| now < *until));
        self.keys.get(..count).unwrap_or(&self.keys)
    }

    /// All headers of a delivery but those that the client adds.
    pub fn headers(&self, id: &str, now: Timestamp, rendered: &Rendered) -> HeaderMap {
        let Rendered { body, content_type, headers: vendors } = rendered;
        let seconds = now.as_micros().div_euclid(1_000_000);
        let signature = signature::header(self.keys_at(now), id, seconds, body);
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let own = [(ID, id), (TIMESTAMP, &seconds.to_string()), (SIGNATURE, &signature)];
        let vendors = vendors.iter().map(|(name, value)| (HeaderName::from_static(name), &**value));
        for (name, value) in own.into_iter().chain(vendors) {
            if let Ok(mut value) = HeaderValue::from_str(value) {
                // A vendor's header may be the secret itself.
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        headers
    }
}

/// The secrets that were checked when they were saved, parsed.
fn keys(webhook: &Webhook) -> Vec<Key> {
    let previous = webhook.private.previous_secret.iter().map(|(text, _)| text);
    let texts = std::iter::once(&webhook.private.secret).chain(previous);
    texts.filter_map(|text| Key::parse(text).ok()).collect()
}
