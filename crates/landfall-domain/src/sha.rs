//! Commit SHAs, whole or shortened.

use serde::{Deserialize, Deserializer, Serialize};

/// A commit's name as a source system gives it: at most 64 characters, lower case.
///
/// It need not be hexadecimal: what a build pins is compared, never looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CommitSha(String);

impl CommitSha {
    /// SHA-256 repositories have names of 64 digits.
    pub const CHARS_MAX: usize = 64;
    /// Fewer digits than this are no evidence that two names mean one commit.
    const PREFIX_CHARS_MIN: usize = 7;

    /// Checks and lower-cases `text`.
    pub fn parse(text: &str) -> Result<Self, crate::text::InvalidText> {
        let text = crate::text::check(text, Self::CHARS_MAX)?;
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The SHA.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both name the same commit: equal, or one is a prefix (≥ 7) of the other.
    pub fn matches(&self, other: &Self) -> bool {
        let (short, long) =
            if self.0.len() <= other.0.len() { (self, other) } else { (other, self) };
        short == long || (short.0.len() >= Self::PREFIX_CHARS_MIN && long.0.starts_with(&short.0))
    }

    /// The more precise of two names of one commit.
    #[must_use]
    pub fn longer(self, other: Self) -> Self {
        if other.0.len() > self.0.len() { other } else { self }
    }
}

impl<'de> Deserialize<'de> for CommitSha {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_of_seven_or_more_is_the_same_commit() {
        let sha = |text: &str| CommitSha::parse(text).unwrap();
        assert!(sha("abc1234").matches(&sha("ABC1234def")));
        assert!(!sha("abc123").matches(&sha("abc1234def")));
        assert!(sha("abc123").matches(&sha("abc123")));
        assert!(!sha("abc123").matches(&sha("def456")));
        assert_eq!(sha("abc1234").longer(sha("abc1234def")), sha("abc1234def"));
    }
}
