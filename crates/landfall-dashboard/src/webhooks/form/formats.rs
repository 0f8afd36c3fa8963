//! The formats that a webhook can send, and which fields each of them needs.

use landfall_domain::webhook::format::Format;
use landfall_domain::webhook::format::sample::KINDS;
use landfall_domain::webhook::vocabulary::Vocabulary;

/// A format that can be chosen.
#[derive(Debug)]
pub(in super::super) struct FormatOption {
    /// The word in the address.
    pub word: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What for.
    pub about: &'static str,
    /// The vendor whose names of events it uses.
    pub vocabulary: Option<Vocabulary>,
    /// It is filled from a JSON of the user's: required, optional or not at all.
    pub template: Option<bool>,
    /// It sends or signs with a secret of the vendor's.
    pub has_vendor_secret: bool,
}

const PLAIN: FormatOption = FormatOption {
    word: "standard",
    name: "Standard Webhooks",
    about: "Everything about the event as JSON, signed as the Standard Webhooks specification says.",
    vocabulary: None,
    template: None,
    has_vendor_secret: false,
};

/// The formats, in the order in which they are shown.
pub(in super::super) const FORMATS: &[FormatOption] = &[
    PLAIN,
    FormatOption {
        word: "template",
        name: "Your own JSON",
        about: "Your JSON, with placeholders such as ${application.name} in its texts.",
        template: Some(true),
        ..PLAIN
    },
    FormatOption {
        word: "slack",
        name: "Slack",
        about: "A message for the URL of a Slack incoming webhook.",
        ..PLAIN
    },
    FormatOption {
        word: "qovery",
        name: "Qovery",
        about: "What Qovery sends to its webhooks.",
        vocabulary: Some(Vocabulary::Qovery),
        has_vendor_secret: true,
        ..PLAIN
    },
    FormatOption {
        word: "humanitec",
        name: "Humanitec",
        about: "Humanitec's variables, in your payload or in the usual one.",
        vocabulary: Some(Vocabulary::Humanitec),
        template: Some(false),
        ..PLAIN
    },
    FormatOption {
        word: "akinon",
        name: "Akinon",
        about: "The events that Akinon's project webhooks send.",
        vocabulary: Some(Vocabulary::Akinon),
        ..PLAIN
    },
    FormatOption {
        word: "versioner",
        name: "Versioner",
        about: "Versioner's notification, signed in its header.",
        vocabulary: Some(Vocabulary::Versioner),
        has_vendor_secret: true,
        ..PLAIN
    },
];

impl FormatOption {
    /// The format of that word; the first one if there is none.
    pub(in super::super) fn of_word(word: &str) -> &'static Self {
        FORMATS.iter().find(|format| format.word == word).unwrap_or(&FORMATS[0])
    }

    /// The names of events that can be asked for, patterns of them first.
    pub(in super::super) fn event_names(&self) -> Vec<&'static str> {
        let Some(vendor) = self.vocabulary else {
            let patterns = ["deployment.*", "build.*", "environment.*", "application.*"];
            return patterns.into_iter().chain(KINDS.iter().copied()).collect();
        };
        let mut names: Vec<&str> = vendor.names().iter().map(|(name, _)| *name).collect();
        names.dedup();
        names
    }

    /// The format itself, if it is not filled from a JSON.
    pub(in super::super) fn plain(&self) -> Format {
        match self.word {
            "slack" => Format::Slack,
            "qovery" => Format::Qovery,
            "humanitec" => Format::Humanitec { payload: None },
            "akinon" => Format::Akinon,
            "versioner" => Format::Versioner,
            _ => Format::Standard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_called_as_the_engine_calls_it() {
        for option in FORMATS.iter().filter(|option| option.template != Some(true)) {
            assert_eq!(option.plain().as_str(), option.word);
            assert_eq!(option.plain().vocabulary(), option.vocabulary);
        }
    }
}
