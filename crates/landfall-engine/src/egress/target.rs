//! URLs that webhooks may be sent to.

use std::fmt;
use std::net::IpAddr;

use http::{HeaderValue, Uri};
use url::{Host, Url};

use super::allow::Allow;

/// A URL that was checked, and parsed for sending. Cheap to clone.
///
/// Holding one says nothing about where its name leads: that is checked at each connection.
#[derive(Clone)]
pub struct Target {
    pub(super) uri: Uri,
    pub(super) host: HeaderValue,
}

impl Target {
    /// Longer URLs are refused.
    pub const BYTES_MAX: usize = 2_000;

    /// `host` or `host:port`: what may be shown where the rest of the URL is a secret.
    pub fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }

    /// The whole URL, as it is sent. Its path and query may be a secret.
    pub const fn uri(&self) -> &Uri {
        &self.uri
    }
}

/// The path and query of some URLs (Slack's) are credentials, so they are left out.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.authority()).finish()
    }
}

/// Why a URL can't be saved.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// More than [`Target::BYTES_MAX`].
    #[error("is longer than {} bytes", Target::BYTES_MAX)]
    TooLong,
    /// It can't be read as a URL.
    #[error("is not a URL: {0}")]
    Malformed(String),
    /// Something else than http and https.
    #[error("must start with http:// or https://")]
    Scheme,
    /// A name or a password before the host.
    #[error("must not contain a user name or password")]
    UserInfo,
    /// Fragments are never sent.
    #[error("must not contain a fragment (#…)")]
    Fragment,
    /// The host is an address that is neither public nor opened.
    #[error("names {0}, which is not public; an operator can open it with LANDFALL_EGRESS_ALLOW")]
    Forbidden(IpAddr),
}

/// Checks all that can be told without asking DNS.
pub(super) fn check(text: &str, allow: &Allow) -> Result<Target, UrlError> {
    let url = parse(text)?;
    if let Some(address) = literal(&url)
        && !allow.admits(address)
        && !is_opened(&url, allow)
    {
        return Err(UrlError::Forbidden(address));
    }
    let uri =
        Uri::from_maybe_shared(String::from(url)).map_err(|error| malformed(error.to_string()))?;
    let authority = uri.authority().ok_or_else(|| malformed("it has no host"))?;
    let host =
        HeaderValue::from_str(authority.as_str()).map_err(|error| malformed(error.to_string()))?;
    Ok(Target { uri, host })
}

fn parse(text: &str) -> Result<Url, UrlError> {
    if text.len() > Target::BYTES_MAX {
        return Err(UrlError::TooLong);
    }
    // The parser would drop some of these silently, and two readers could then disagree.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(malformed("it contains spaces or control characters"));
    }
    // The parser takes it for a slash, and whoever redacts the URL would not.
    if text.contains('\\') {
        return Err(malformed("it contains a backslash"));
    }
    let url = Url::parse(text).map_err(|error| malformed(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !text[url.scheme().len()..].starts_with("://") {
        return Err(UrlError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(UrlError::Fragment);
    }
    Ok(url)
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

fn is_opened(url: &Url, allow: &Allow) -> bool {
    let authority = url.host_str().zip(url.port_or_known_default());
    authority.is_some_and(|(host, port)| allow.admits_authority(host, port))
}

fn malformed(why: impl Into<String>) -> UrlError {
    UrlError::Malformed(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> UrlError {
        check(text, &Allow::default()).expect_err(text)
    }

    #[test]
    fn a_public_url_is_kept_as_it_will_be_sent() {
        let target =
            check("HTTPS://Hooks.Example:443/a b".replace(' ', "|").as_str(), &Allow::default());
        let target = target.unwrap();
        assert_eq!(target.uri().to_string(), "https://hooks.example/a|b");
        assert_eq!(target.host, "hooks.example");
        let odd = check("http://1.1.1.1:8080?q=ä", &Allow::default()).unwrap();
        assert_eq!(odd.uri().to_string(), "http://1.1.1.1:8080/?q=%C3%A4");
        assert_eq!(odd.host, "1.1.1.1:8080");
        assert!(check("http://[2606:4700:4700::1111]/", &Allow::default()).is_ok());
    }

    #[test]
    fn a_forbidden_literal_is_refused_in_every_notation() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "①②⑦.0.0.1",
            "%31%32%37.0.0.1",
            "0",
            "[::1]",
            "[::]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "169.254.169.254",
            "0xa9fea9fe",
            "10.0.0.1",
            "192.168.0.1",
            "168.63.129.16",
        ] {
            for scheme in ["http", "https"] {
                let error = refusal(&format!("{scheme}://{host}:8080/x"));
                assert!(matches!(error, UrlError::Forbidden(_)), "{host}: {error}");
                assert!(error.to_string().contains("LANDFALL_EGRESS_ALLOW"));
            }
        }
    }

    #[test]
    fn a_literal_is_accepted_once_it_is_opened() {
        let by_network = "127.0.0.0/8".parse().unwrap();
        assert!(check("http://2130706433/", &by_network).is_ok());
        assert!(check("http://[::ffff:127.0.0.1]/", &by_network).is_ok());
        let by_authority = "127.0.0.1:443,[::1]:8080".parse().unwrap();
        assert!(check("https://127.1/", &by_authority).is_ok());
        assert!(check("http://[::1]:8080/", &by_authority).is_ok());
        assert!(check("http://127.0.0.1/", &by_authority).is_err());
    }

    #[test]
    fn what_is_no_plain_http_url_is_refused_with_a_reason() {
        assert_eq!(refusal(&format!("http://a/{}", "x".repeat(2_000))), UrlError::TooLong);
        assert_eq!(refusal("ftp://a/"), UrlError::Scheme);
        assert_eq!(refusal("file:///etc/passwd"), UrlError::Scheme);
        assert_eq!(refusal("javascript:alert(1)"), UrlError::Scheme);
        assert_eq!(refusal("https:/hooks.example/secret"), UrlError::Scheme);
        assert_eq!(refusal("https:hooks.example"), UrlError::Scheme);
        assert_eq!(refusal("http://user@a/"), UrlError::UserInfo);
        assert_eq!(refusal("http://:password@a/"), UrlError::UserInfo);
        assert_eq!(refusal("http://a/#top"), UrlError::Fragment);
        for text in [
            "",
            "a",
            "http://",
            "http:///",
            "//a/",
            "http://[::1",
            "http://a:99999/",
            "http://a b/",
            "http://a\t/",
            "http://a\r\nhost:b/",
            " http://a/",
            "http://fe80::1%eth0/",
            "http://[fe80::1%25eth0]/",
            "http://a\u{2028}/",
            "http://a\\secret",
            "http:\\\\a/",
        ] {
            assert!(check(text, &Allow::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_can_be_secret_is_not_shown() {
        let target = check("https://hooks.slack.com/services/T0/B0/x", &Allow::default()).unwrap();
        assert_eq!(format!("{target:?}"), r#"Target("hooks.slack.com")"#);
    }
}
