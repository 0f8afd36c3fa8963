//! Fields of request bodies that more than one interface reads by the same rule.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer};

/// A field that may be left out but not emptied.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field of a report: null and blank are as good as left out, since CI systems send what is unset
/// as an empty text.
pub fn optional<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = Option::<Cow<'de, str>>::deserialize(deserializer)?;
    parse_unless_blank(text.as_deref().unwrap_or_default())
}

/// Reads a text as a `T`; a blank one as nothing.
pub fn parse_unless_blank<T: DeserializeOwned, E: de::Error>(text: &str) -> Result<Option<T>, E> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let deserializer: StrDeserializer<'_, E> = text.into_deserializer();
    T::deserialize(deserializer).map(Some)
}
