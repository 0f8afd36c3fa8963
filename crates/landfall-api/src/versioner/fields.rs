//! Reading Versioner's fields: what kind of value each holds, and how long it may be.

use std::borrow::Cow;
use std::fmt;

use landfall_domain::facts::{Facts, JsonObject};
use landfall_domain::sha::CommitSha;
use landfall_domain::status::Status;
use landfall_domain::text::{self, Text};
use landfall_domain::time::Timestamp;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::shared::rejection::Rejection;

/// `extra_metadata` may be this long, which is the limit of Versioner's own command line.
const METADATA_BYTES_MAX: usize = 100 * 1024;

/// A field as it was sent; what is wrong with it is told when it is asked for.
#[derive(Debug, Default)]
pub(super) enum Field<'a> {
    /// Missing or null.
    #[default]
    Absent,
    /// A string.
    Text(Cow<'a, str>),
    /// A whole number.
    Number(i128),
    /// Something that no text field takes.
    Other(&'static str),
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Field::Number(i128::from(number)))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Field::Number(i128::from(number)))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Field::Other("a decimal number"))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Field::Other("a boolean"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other("an object"))
    }
}

impl Field<'_> {
    /// The text of the field, if it is there and not blank.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Rejection> {
        let kind = match self {
            Self::Absent => return Ok(None),
            Self::Text(text) => return Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Self::Number(_) => "a number",
            Self::Other(kind) => kind,
        };
        Err(Rejection::field(name, format!("must be a string, not {kind}; put it in quotes")))
    }

    /// A text of at most `chars_max` characters.
    pub(super) fn short(&self, name: &str, chars_max: usize) -> Result<Option<String>, Rejection> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text::check(text, chars_max) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(why) => Err(Rejection::field(name, why)),
        }
    }

    /// A text that may hold line breaks, cut off after `chars_max` characters.
    pub(super) fn long(&self, name: &str, chars_max: usize) -> Result<Option<String>, Rejection> {
        Ok(self.text(name)?.map(|text| clean(text, chars_max)))
    }

    /// Like [`Self::short`], but takes a whole number as well: CI systems count in numbers.
    pub(super) fn number_or_short(
        &self,
        name: &str,
        chars_max: usize,
    ) -> Result<Option<String>, Rejection> {
        match self {
            Self::Number(number) => Ok(Some(number.to_string())),
            _ => self.short(name, chars_max),
        }
    }

    /// A name that must be there.
    pub(super) fn required<const MAX: usize>(
        &self,
        name: &str,
        chars_max: usize,
    ) -> Result<Text<MAX>, Rejection> {
        let Some(text) = self.short(name, chars_max)? else {
            return Err(Rejection::field(name, "is required"));
        };
        Text::parse(&text).map_err(|why| Rejection::field(name, why))
    }

    /// A status word.
    pub(super) fn status(&self, name: &str) -> Result<Option<Status>, Rejection> {
        let Some(word) = self.short(name, 50)? else { return Ok(None) };
        let known = Status::parse(&word);
        known.map(Some).map_err(|why| Rejection::field(name, format!("is wrong: {why}")))
    }

    /// A commit.
    pub(super) fn sha(&self, name: &str) -> Result<Option<CommitSha>, Rejection> {
        let Some(text) = self.short(name, 40)? else { return Ok(None) };
        CommitSha::parse(&text).map(Some).map_err(|why| Rejection::field(name, why))
    }

    /// A time.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Rejection> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let time = Timestamp::parse(text);
        time.map(Some).map_err(|why| Rejection::field(name, format!("is wrong: {why}")))
    }
}

/// Replaces what would control a terminal, keeps line breaks and tabs, and cuts what is too long.
fn clean(text: &str, chars_max: usize) -> String {
    let is_kept = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(|c| is_kept(*c)).take(chars_max).collect()
}

/// `extra_metadata`: a JSON object of bounded length, kept as it was sent.
pub(super) fn metadata(raw: Option<&RawValue>) -> Result<Option<JsonObject>, Rejection> {
    const NAME: &str = "extra_metadata";
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Ok(None) };
    if raw.get().len() > METADATA_BYTES_MAX {
        let reason = format!("is larger than {METADATA_BYTES_MAX} bytes");
        return Err(Rejection::field(NAME, reason));
    }
    let object = JsonObject::from_raw(raw);
    object.map(Some).ok_or_else(|| Rejection::field(NAME, "must be a JSON object"))
}

/// Versioner's documents put what went wrong into `extra_metadata`, as `error` and `error_code`.
pub(super) fn errors_from_metadata(facts: &mut Facts) {
    #[derive(serde::Deserialize)]
    struct Errors<'a> {
        #[serde(borrow, default)]
        error: Field<'a>,
        #[serde(borrow, default)]
        error_code: Field<'a>,
    }
    let Some(metadata) = &facts.metadata else { return };
    let Ok(errors) = serde_json::from_str::<Errors<'_>>(metadata.as_str()) else { return };
    if let (None, Ok(Some(error))) = (&facts.error_message, errors.error.text("error")) {
        facts.error_message = Some(clean(error, 4_000));
    }
    if let (None, Ok(Some(code))) = (&facts.error_code, errors.error_code.text("error_code")) {
        facts.error_code = Some(clean(code, 255));
    }
}
