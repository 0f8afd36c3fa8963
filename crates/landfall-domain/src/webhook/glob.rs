//! Globs: names with `*` for any run of characters and `?` for any one, without regard to case.
//!
//! Matching never recurses and never allocates: of all stars only the last one passed is ever
//! tried again, so the work is at most the product of both lengths.

use std::fmt;
use std::str::Chars;

use serde::{Deserialize, Serialize};

use crate::text::{self, InvalidText};

/// A pattern for names: `*` is any run of characters (also none), `?` any one.
///
/// Case is ignored, letter by letter in Unicode's lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Glob(String);

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGlob {
    /// Nothing but white space.
    #[error("a pattern must not be empty; use `*` to match everything")]
    Empty,
    /// Over the limit.
    #[error(
        "a pattern may have at most {} characters, not {chars}; shorten it with `*`",
        Glob::CHARS_MAX
    )]
    TooLong {
        /// How long it is.
        chars: usize,
    },
    /// NUL, a line break or the like.
    #[error("a pattern must not contain control characters; give each pattern as one entry")]
    Control,
}

impl Glob {
    /// Long enough for most names in full.
    pub const CHARS_MAX: usize = 200;

    /// Whether the whole of `text` fits the pattern.
    pub fn matches(&self, text: &str) -> bool {
        let (mut pattern, mut rest) = (self.0.chars(), text.chars());
        let mut star: Option<Star<'_>> = None;
        loop {
            let (mut pattern_on, mut rest_on) = (pattern.clone(), rest.clone());
            match (pattern_on.next(), rest_on.next()) {
                (Some('*'), _) => {
                    star = Some(Star { pattern: pattern_on.clone(), rest: rest.clone() });
                    pattern = pattern_on;
                }
                (Some(wanted), Some(found)) if wanted == '?' || is_same(wanted, found) => {
                    (pattern, rest) = (pattern_on, rest_on);
                }
                (None, None) => return true,
                // No star can help: each would have to give back text, and there is too little.
                (Some(_), None) => return false,
                (_, Some(_)) => {
                    let Some(last) = &mut star else { return false };
                    last.rest.next();
                    (pattern, rest) = (last.pattern.clone(), last.rest.clone());
                }
            }
        }
    }

    /// The one name that it matches, in lower case; `None` if it matches several.
    pub fn literal(&self) -> Option<String> {
        (!self.0.contains(['*', '?'])).then(|| folded(&self.0))
    }

    /// The pattern as it was given, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text without regard to case, character by character as globs compare.
pub fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The last star passed: the pattern behind it, and the text behind what it has taken so far.
struct Star<'a> {
    pattern: Chars<'a>,
    rest: Chars<'a>,
}

fn is_same(a: char, b: char) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(&b);
    }
    a == b || a.to_lowercase().eq(b.to_lowercase())
}

impl TryFrom<String> for Glob {
    type Error = InvalidGlob;

    fn try_from(pattern: String) -> Result<Self, InvalidGlob> {
        match text::check(&pattern, Self::CHARS_MAX) {
            Ok(checked) => Ok(Self(checked.to_owned())),
            Err(InvalidText::Empty) => Err(InvalidGlob::Empty),
            Err(InvalidText::TooLong { chars, .. }) => Err(InvalidGlob::TooLong { chars }),
            Err(InvalidText::Control) => Err(InvalidGlob::Control),
        }
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> Self {
        glob.0
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glob(pattern: &str) -> Glob {
        Glob::try_from(pattern.to_owned()).unwrap()
    }

    /// The definition, exponential and obvious.
    fn is_match(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|taken| is_match(rest, &text[taken..])),
            ['?', rest @ ..] => !text.is_empty() && is_match(rest, &text[1..]),
            [wanted, rest @ ..] => {
                text.first().is_some_and(|found| wanted.to_lowercase().eq(found.to_lowercase()))
                    && is_match(rest, &text[1..])
            }
        }
    }

    #[test]
    fn stars_take_runs_and_question_marks_take_one() {
        for (pattern, text, holds) in [
            ("*", "", true),
            ("*", "anything", true),
            ("deployment.*", "deployment.completed", true),
            ("deployment.*", "deployments.completed", false),
            ("deployment.completed", "Deployment.Completed", true),
            ("prod-?", "prod-1", true),
            ("prod-?", "prod-", false),
            ("prod-?", "prod-12", false),
            ("*-eu-*", "shop-eu-2-eu-3", true),
            ("*a*b", "aabab", true),
            ("*a*b", "aaba", false),
            ("münchen-?", "MÜNCHEN-Ö", true),
            ("?", "é", true),
            ("?", "", false),
            ("a", "", false),
            ("[a]", "a", false),
        ] {
            assert_eq!(glob(pattern).matches(text), holds, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_pattern_of_stars_is_not_slow() {
        let hostile = glob(&format!("{}b", "*a".repeat(99)));
        assert!(!hostile.matches(&"a".repeat(20_000)));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_advice() {
        let refused = |text: &str| Glob::try_from(text.to_owned()).unwrap_err();
        assert_eq!(refused(" "), InvalidGlob::Empty);
        assert_eq!(refused("a\nb"), InvalidGlob::Control);
        assert_eq!(
            refused(&"x".repeat(201)).to_string(),
            "a pattern may have at most 200 characters, not 201; shorten it with `*`"
        );
        assert!(serde_json::from_str::<Glob>(r#""""#).is_err());
        assert_eq!(serde_json::to_string(&glob(" a* ")).unwrap(), r#""a*""#);
    }

    proptest! {
        #[test]
        fn matching_agrees_with_its_definition(
            pattern in "[aAbÄä?*.]{1,10}", text in "[aAbBäÄ.]{0,12}",
        ) {
            let definition = is_match(
                &pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>(),
            );
            prop_assert_eq!(glob(&pattern).matches(&text), definition);
        }
    }
}
