//! Fields of request bodies: what may be left out, emptied, or said in more than one way.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

use crate::shared::fields::parse_unless_blank;
pub(super) use crate::shared::fields::{optional, present};
pub(super) use crate::shared::url::HttpUrl;

/// A field of an edit: left out it stays, null empties it.
#[expect(clippy::option_option, reason = "left out, null and a value are three things here")]
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Like [`optional`], but takes a whole number as well: CI systems count in numbers.
pub(super) fn optional_word<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    parse_unless_blank(&deserializer.deserialize_any(WordVisitor)?)
}

struct WordVisitor;

impl Visitor<'_> for WordVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a whole number")
    }

    fn visit_unit<E: de::Error>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

/// Text that may hold line breaks; what is longer than `MAX` characters is cut off.
#[derive(Debug)]
pub(super) struct Prose<const MAX: usize>(String);

impl<const MAX: usize> Prose<MAX> {
    /// The text.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Prose<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        Ok(Self(text.trim().chars().filter(is_kept).take(MAX).collect()))
    }
}
