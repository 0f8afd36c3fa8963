//! Fields that Envtracker's bodies have in common.

use std::borrow::Cow;
use std::fmt;

use landfall_domain::environment::EnvironmentType;
use landfall_domain::status::Status;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// A status word: the document's `success` and `failed`, or any other that CI systems use.
#[derive(Debug)]
pub(super) struct StatusWord(pub Status);

impl<'de> Deserialize<'de> for StatusWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        Status::parse(&word).map(Self).map_err(de::Error::custom)
    }
}

/// One of the four types of the document, in any case.
#[derive(Debug)]
pub(super) struct TypeWord(pub EnvironmentType);

impl<'de> Deserialize<'de> for TypeWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        let known = EnvironmentType::parse(&word).filter(|kind| *kind != EnvironmentType::Preview);
        known.map(Self).ok_or_else(|| {
            de::Error::custom("must be one of DEVELOPMENT, STAGING, PRODUCTION, TESTING")
        })
    }
}

/// The number of a CI run, also where it comes as a text; null and blank are as good as left out.
pub(super) fn pipeline<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    deserializer.deserialize_any(PipelineVisitor)
}

struct PipelineVisitor;

impl Visitor<'_> for PipelineVisitor {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, such as 456")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_decimal);
        number.map(Some).ok_or_else(|| E::invalid_value(de::Unexpected::Other("a text"), &self))
    }
}
