//! Headers that people may add to their webhooks.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};

/// More headers are refused.
const HEADERS_MAX: usize = 20;
/// Longer names are refused.
const NAME_BYTES_MAX: usize = 100;
/// Longer values are refused.
const VALUE_BYTES_MAX: usize = 4_000;

/// Names that frame the message or speak to the next hop, which are ours to set.
const RESERVED: [&str; 10] = [
    "connection",
    "cookie2",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Beginnings of names that are ours to set.
const RESERVED_PREFIXES: [&str; 3] = ["content-", "proxy-", "webhook-"];

/// Why a webhook's own headers can't be saved.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// More headers than are sent.
    #[error("there are {0} headers, and at most {HEADERS_MAX} are sent")]
    TooMany(usize),
    /// Not a header name, or too long for one.
    #[error("{0:?} is not a header name of at most {NAME_BYTES_MAX} characters")]
    Name(String),
    /// A name that only Landfall sets.
    #[error("`{0}` is set by Landfall itself")]
    Reserved(String),
    /// The same name in another case.
    #[error("`{0}` is there twice")]
    Repeated(String),
    /// Control characters, or anything that is not ASCII.
    #[error("the value of `{0}` has characters other than printable ASCII")]
    Value(String),
    /// A value that is too long.
    #[error("the value of `{0}` is longer than {VALUE_BYTES_MAX} bytes")]
    ValueTooLong(String),
}

/// Checks a webhook's own headers, and parses them for sending.
///
/// Values may be credentials: they are marked sensitive, and no error repeats them.
pub fn check_headers(headers: &BTreeMap<String, String>) -> Result<HeaderMap, HeaderError> {
    if headers.len() > HEADERS_MAX {
        return Err(HeaderError::TooMany(headers.len()));
    }
    let mut checked = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if is_our_own_type(name, value) {
            continue;
        }
        let name = check_name(name)?;
        let value = check_value(&name, value)?;
        if checked.insert(name.clone(), value).is_some() {
            return Err(HeaderError::Repeated(name.to_string()));
        }
    }
    Ok(checked)
}

/// Many set the type that every delivery has anyway. It is kept and shown, and sent once.
fn is_our_own_type(name: &str, value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case("content-type") && essence.eq_ignore_ascii_case("application/json")
}

fn check_name(text: &str) -> Result<HeaderName, HeaderError> {
    let malformed = || HeaderError::Name(text.chars().take(NAME_BYTES_MAX).collect());
    if text.len() > NAME_BYTES_MAX {
        return Err(malformed());
    }
    let name = HeaderName::try_from(text).map_err(|_| malformed())?;
    let is_reserved = RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix));
    if is_reserved { Err(HeaderError::Reserved(name.to_string())) } else { Ok(name) }
}

fn check_value(name: &HeaderName, text: &str) -> Result<HeaderValue, HeaderError> {
    if text.len() > VALUE_BYTES_MAX {
        return Err(HeaderError::ValueTooLong(name.to_string()));
    }
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(HeaderError::Value(name.to_string()));
    }
    let mut value =
        HeaderValue::from_str(text).map_err(|_| HeaderError::Value(name.to_string()))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str) -> Result<HeaderMap, HeaderError> {
        check_headers(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn headers_of_ones_own_are_kept_and_their_values_hidden() {
        let headers = check("Authorization", "Bearer a, b").unwrap();
        assert_eq!(headers["authorization"], "Bearer a, b");
        assert!(!format!("{headers:?}").contains("Bearer"));
        assert!(check("x-empty", "").is_ok());
    }

    #[test]
    fn names_that_are_ours_are_refused() {
        for name in [
            "Webhook-Id",
            "webhook-anything",
            "Content-Type",
            "content-length",
            "HOST",
            "Connection",
            "keep-alive",
            "Proxy-Authorization",
            "proxy-connection",
            "TE",
            "trailer",
            "Transfer-Encoding",
            "upgrade",
            "expect",
            "cookie2",
        ] {
            let error = check(name, "x").unwrap_err();
            assert_eq!(error, HeaderError::Reserved(name.to_ascii_lowercase()), "{name}");
        }
    }

    #[test]
    fn names_that_are_none_are_refused() {
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for name in ["", "a b", "a:", ":path", "a\r\nb", "ä", "a\0", long.as_str()] {
            assert!(matches!(check(name, "x"), Err(HeaderError::Name(_))), "{name:?}");
        }
    }

    #[test]
    fn values_that_could_break_out_are_refused() {
        for value in ["a\r\nx: y", "a\n", "\0", "a\tb", "\u{7f}", "ä"] {
            assert_eq!(check("x-a", value), Err(HeaderError::Value("x-a".to_owned())), "{value:?}");
        }
        let long = "x".repeat(VALUE_BYTES_MAX + 1);
        assert_eq!(check("x-a", &long), Err(HeaderError::ValueTooLong("x-a".to_owned())));
    }

    #[test]
    fn there_are_so_many_and_each_once() {
        let many = |count: usize| (0..count).map(|i| (format!("x-{i}"), String::new())).collect();
        assert_eq!(check_headers(&many(HEADERS_MAX)).unwrap().len(), HEADERS_MAX);
        assert_eq!(check_headers(&many(HEADERS_MAX + 1)), Err(HeaderError::TooMany(21)));
        let twice = ["X-A", "x-a"].map(|name| (name.to_owned(), String::new()));
        let error = check_headers(&BTreeMap::from(twice)).unwrap_err();
        assert_eq!(error, HeaderError::Repeated("x-a".to_owned()));
    }
}
