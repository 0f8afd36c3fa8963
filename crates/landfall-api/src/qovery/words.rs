//! Qovery's closed lists of words. They are read as they are written there, in capitals.

use std::borrow::Cow;

use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::qovery::MODES;
use landfall_domain::webhook::vocabulary::Vocabulary;
use serde::{Deserialize, Deserializer, Serialize, de};

/// So much of an unknown word is repeated.
const REPEATED_CHARS_MAX: usize = 50;

/// What a webhook is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Kind {
    /// Qovery's envelope.
    Standard,
    /// Messages for Slack.
    Slack,
}

impl Kind {
    /// The kind that a webhook is shown as, whatever it sends.
    pub(super) const fn of(format: &Format) -> Self {
        match format {
            Format::Slack => Self::Slack,
            _ => Self::Standard,
        }
    }

    /// What a webhook of this kind sends.
    pub(super) const fn format(self) -> Format {
        match self {
            Self::Standard => Format::Qovery,
            Self::Slack => Format::Slack,
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        match known(&word, ["STANDARD", "SLACK"]).map_err(de::Error::custom)? {
            "SLACK" => Ok(Self::Slack),
            _ => Ok(Self::Standard),
        }
    }
}

/// A name of an event.
pub(super) struct EventName(pub &'static str);

impl<'de> Deserialize<'de> for EventName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        known(&word, event_names()).map(Self).map_err(de::Error::custom)
    }
}

/// What an environment is for.
pub(super) struct Mode(pub &'static str);

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <Cow<'de, str>>::deserialize(deserializer)?;
        known(&word, MODES).map(Self).map_err(de::Error::custom)
    }
}

/// Every name of an event.
pub(super) fn event_names() -> impl Iterator<Item = &'static str> + Clone {
    Vocabulary::Qovery.names().iter().map(|(name, _)| *name)
}

fn known(
    word: &str,
    all: impl IntoIterator<Item = &'static str> + Clone,
) -> Result<&'static str, String> {
    let found = all.clone().into_iter().find(|known| *known == word);
    found.ok_or_else(|| {
        let word: String = word.chars().take(REPEATED_CHARS_MAX).collect();
        let all: Vec<_> = all.into_iter().collect();
        format!("`{word}` is none of {}", all.join(", "))
    })
}
