//! URLs: sent without a scheme, as Humanitec's document shows, or with one, as its Terraform
//! provider does, and shown as they were sent.

use crate::shared::rejection::Rejection;

/// What a URL without a scheme means.
const HTTPS: &str = "https://";

/// Where a webhook sends to.
pub(super) struct Address {
    /// The whole URL.
    pub url: String,
    /// It was sent without its scheme.
    pub is_bare: bool,
}

impl Address {
    /// Reads a URL as it was sent. Where it leads is not looked at.
    pub(super) fn parse(sent: &str) -> Result<Self, Rejection> {
        if has_scheme(sent) {
            return Ok(Self { url: sent.to_owned(), is_bare: false });
        }
        if sent.is_empty() || sent.starts_with('/') {
            let why = "must begin with a host, such as \"example.com/hook\", or with https://";
            return Err(Rejection::field("url", why));
        }
        Ok(Self { url: format!("{HTTPS}{sent}"), is_bare: true })
    }
}

/// A URL as its maker knows it.
pub(super) fn shown(url: &str, is_bare: bool) -> &str {
    url.strip_prefix(HTTPS).filter(|_| is_bare).unwrap_or(url)
}

/// Whether it begins with a scheme. A `://` may also stand in a query.
fn has_scheme(sent: &str) -> bool {
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    sent.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(is_of_scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_stored_whole_and_shown_as_it_was_sent() {
        for (sent, stored) in [
            ("example.com/hook", "https://example.com/hook"),
            ("example.com:8443/a?next=http://b", "https://example.com:8443/a?next=http://b"),
            ("https://example.com/hook", "https://example.com/hook"),
            ("HTTP://Example.com", "HTTP://Example.com"),
        ] {
            let Address { url, is_bare } = Address::parse(sent).unwrap();
            assert_eq!((url.as_str(), shown(&url, is_bare)), (stored, sent));
        }
    }

    #[test]
    fn a_url_without_a_host_is_refused() {
        for sent in ["", "/hook", "//example.com/hook"] {
            assert!(Address::parse(sent).is_err(), "{sent}");
        }
    }
}
