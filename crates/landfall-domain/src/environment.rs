//! Environment types, and what a name says about them.

use serde::{Deserialize, Serialize};

/// What an environment is for; the order is the order of promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvironmentType {
    /// Where developers try things.
    Development,
    /// Where things are tested.
    Testing,
    /// Where a release is rehearsed.
    Staging,
    /// Made for one change and thrown away.
    Preview,
    /// Where customers are.
    Production,
}

impl EnvironmentType {
    /// Every type, in the order of promotion.
    pub const ALL: [Self; 5] =
        [Self::Development, Self::Testing, Self::Staging, Self::Preview, Self::Production];

    /// The canonical word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Testing => "testing",
            Self::Staging => "staging",
            Self::Preview => "preview",
            Self::Production => "production",
        }
    }

    /// Reads the canonical word in any case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| word.trim().eq_ignore_ascii_case(kind.as_str()))
    }

    /// The type that a name suggests (DESIGN §1): its parts are looked up, the longest known word
    /// wins, `non` or `not` before a word means development, and anything else is development.
    pub fn infer(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut best: Option<(usize, Self)> = None;
        for start in 0..words.len() {
            for (length, kind) in known_words_at(&words[start..]) {
                let denied = start > 0 && matches!(words[start - 1], "non" | "not");
                let kind = if denied { Self::Development } else { kind };
                if best.is_none_or(|(longest, _)| length > longest) {
                    best = Some((length, kind));
                }
            }
        }
        best.map_or(Self::Development, |(_, kind)| kind)
    }
}

/// The known words that begin here, with their length in letters.
fn known_words_at(words: &[&str]) -> impl Iterator<Item = (usize, EnvironmentType)> {
    let single = words.first().and_then(|word| word_type(word).map(|kind| (word.len(), kind)));
    let double = match words {
        ["pre", "prod" | "production", ..] => Some((7, EnvironmentType::Staging)),
        ["pr" | "mr", number, ..] if number.bytes().all(|b| b.is_ascii_digit()) => {
            Some((2 + number.len(), EnvironmentType::Preview))
        }
        _ => None,
    };
    // `production` alone would be longer than `pre` + `prod`, so the pair counts both words.
    let double = double.map(|(length, kind)| match words {
        ["pre", second, ..] => (3 + second.len(), kind),
        _ => (length, kind),
    });
    single.into_iter().chain(double)
}

fn word_type(word: &str) -> Option<EnvironmentType> {
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = bare.len() < word.len();
    Some(match bare {
        "pr" | "mr" if numbered => EnvironmentType::Preview,
        "dev" | "develop" | "development" | "local" | "sandbox" => EnvironmentType::Development,
        "test" | "testing" | "qa" | "integration" => EnvironmentType::Testing,
        "staging" | "stage" | "uat" | "preprod" | "preproduction" => EnvironmentType::Staging,
        "prod" | "production" | "live" => EnvironmentType::Production,
        "preview" => EnvironmentType::Preview,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::EnvironmentType::{self, *};

    #[test]
    fn a_name_says_what_an_environment_is_for() {
        for (name, kind) in [
            ("production", Production),
            ("production-us-east", Production),
            ("PROD", Production),
            ("live", Production),
            ("eu-prod-2", Production),
            ("prod2", Production),
            ("staging", Staging),
            ("uat", Staging),
            ("preprod", Staging),
            ("pre-prod", Staging),
            ("pre-production", Staging),
            ("qa-smoke", Testing),
            ("integration", Testing),
            ("dev-team-a", Development),
            ("sandbox", Development),
            ("non-prod", Development),
            ("not_production", Development),
            ("preview", Preview),
            ("pr-123", Preview),
            ("pr123", Preview),
            ("reproduce", Development),
            ("delivery", Development),
            ("", Development),
        ] {
            assert_eq!(EnvironmentType::infer(name), kind, "{name}");
        }
    }
}
