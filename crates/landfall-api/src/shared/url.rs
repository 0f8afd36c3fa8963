//! URLs in request bodies.

use std::borrow::Cow;

use landfall_domain::text;
use serde::de::{self, Deserialize, Deserializer};

/// An http(s) URL, since anything else must not become a link.
#[derive(Debug)]
pub struct HttpUrl(String);

impl HttpUrl {
    const CHARS_MAX: usize = 2_000;

    /// The URL.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<'de> Deserialize<'de> for HttpUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let url = text::check(&text, Self::CHARS_MAX).map_err(de::Error::custom)?;
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("http" | "https") if !url.contains(char::is_whitespace) => {
                Ok(Self(url.to_owned()))
            }
            _ => Err(de::Error::custom("must be a URL that begins with http:// or https://")),
        }
    }
}
