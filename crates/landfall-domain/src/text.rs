//! Text that was checked at the door.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// Trimmed text of 1 to `MAX` characters, none of them a control character.
///
/// Holding one proves that the text was checked; there is no other way to make one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

/// The name of a project.
pub type ProjectName = Text<255>;
/// The name of an application within its project.
pub type ApplicationName = Text<255>;
/// The code of an environment within its organization.
pub type EnvironmentCode = Text<100>;
/// The name of a version; long enough for Envtracker's `branch#pipeline`.
pub type VersionName = Text<300>;
/// A region, cluster or tenant within an environment.
pub type TargetName = Text<100>;

/// Why a text was refused; the caller adds the name of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Over the limit.
    #[error("is {chars} characters long; at most {chars_max} are allowed")]
    TooLong {
        /// How long it is.
        chars: usize,
        /// How long it may be.
        chars_max: usize,
    },
    /// NUL, a line break or the like.
    #[error("must not contain control characters")]
    Control,
}

impl<const MAX: usize> Text<MAX> {
    /// Checks `text`, trimmed.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        check(text, MAX).map(|checked| Self(checked.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Trims `text` and checks that it is not empty, holds at most `chars_max` characters and none of
/// them controls the terminal.
pub fn check(text: &str, chars_max: usize) -> Result<&str, InvalidText> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidText::Empty);
    }
    // Bytes are counted first, since no text has more characters than bytes.
    if text.len() > chars_max {
        let chars = text.chars().count();
        if chars > chars_max {
            return Err(InvalidText::TooLong { chars, chars_max });
        }
    }
    if text.chars().any(char::is_control) {
        return Err(InvalidText::Control);
    }
    Ok(text)
}

impl<const MAX: usize> Borrow<str> for Text<MAX> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
