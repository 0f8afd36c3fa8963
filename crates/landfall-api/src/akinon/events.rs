//! The names of events in a webhook: any dotted name, since Akinon lists families of events but
//! spells out only `deployment.build.created`.

use landfall_domain::webhook::filter::{Filters, asks_for};
use landfall_domain::webhook::glob::Glob;
use landfall_domain::webhook::vocabulary::Vocabulary;
use serde::{Deserialize, Deserializer, de};

use crate::shared::vendor::events_asked;

/// One name, of two or more words with dots between.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct EventName(Glob);

impl TryFrom<String> for EventName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !is_name(&text) {
            let why = "must be words of letters, digits, `_` and `-` with dots between, such as \
                       deployment.build.created";
            return Err(why.to_owned());
        }
        Glob::try_from(text).map(Self).map_err(|why| why.to_string())
    }
}

fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    text.contains('.') && text.split('.').all(is_word)
}

/// The names that a webhook is given, as they were written.
pub(super) struct EventNames(Vec<Glob>);

impl<'de> Deserialize<'de> for EventNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<EventName>::deserialize(deserializer)?;
        let (count, most) = (names.len(), Filters::PATTERNS_MAX);
        if count > most {
            return Err(de::Error::custom(format!("{count} entries; at most {most} are allowed")));
        }
        Ok(Self(names.into_iter().map(|EventName(name)| name).collect()))
    }
}

impl EventNames {
    /// Whether it names no event at all.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The patterns that stand for these names, where none of them means no event.
    pub(super) fn into_patterns(self) -> Vec<Glob> {
        events_asked(self.0)
    }

    /// What the filters become; `None` if these are the names that they are shown as, so that a
    /// client that sends back what it read does not narrow a pattern that was set elsewhere.
    pub(super) fn change(self, before: &Filters) -> Option<Filters> {
        let is_shown = self.0.iter().map(Glob::as_str).eq(shown(before));
        (!is_shown).then(|| Filters { events: self.into_patterns(), ..before.clone() })
    }
}

/// The names to show: those that stand there, then Akinon's names for what others ask for, such as
/// patterns and the names of other vendors.
pub(super) fn shown(filters: &Filters) -> Vec<&str> {
    let is_all = filters.events.is_empty();
    let (mut names, patterns): (Vec<_>, Vec<_>) =
        filters.events.iter().map(Glob::as_str).partition(|text| is_name(text));
    let is_other = |glob: &&Glob| patterns.contains(&glob.as_str());
    let is_wanted = |kind| filters.events.iter().filter(is_other).any(|glob| asks_for(glob, kind));
    for (name, kind) in Vocabulary::Akinon.names() {
        if (is_all || is_wanted(kind)) && !names.contains(name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(patterns: &[&str]) -> Filters {
        let glob = |text: &&str| Glob::try_from((*text).to_owned()).unwrap();
        Filters { events: patterns.iter().map(glob).collect(), ..Filters::default() }
    }

    #[test]
    fn names_stand_as_they_were_written_and_patterns_as_what_they_ask_for() {
        let distributions = [
            "distribution.created",
            "distribution.succeeded",
            "distribution.failed",
            "distribution.canceled",
        ];
        let named = ["Shop.Opened", "deployment.build.created", "a.b.c"];
        assert_eq!(shown(&filters(&named)), named);
        assert_eq!(shown(&filters(&["deployment.*"])), distributions);
        assert_eq!(
            shown(&filters(&["*.failed", "distribution.failed"])),
            ["distribution.failed", "deployment.build.failed"]
        );
        assert_eq!(shown(&filters(&["none"])), [""; 0]);
        assert_eq!(shown(&filters(&[])).len(), Vocabulary::Akinon.names().len());
    }

    #[test]
    fn what_is_sent_back_as_it_was_shown_changes_nothing() {
        for patterns in [&["deployment.*"][..], &["none"], &[], &["a.b", "build.?????d"]] {
            let before = filters(patterns);
            let body = serde_json::to_string(&shown(&before)).unwrap();
            let sent: EventNames = serde_json::from_str(&body).unwrap();
            assert_eq!(sent.change(&before), None, "{patterns:?}");
        }
        let sent: EventNames = serde_json::from_str(r#"["a.b"]"#).unwrap();
        assert_eq!(sent.change(&filters(&[])), Some(filters(&["a.b"])));
        let sent: EventNames = serde_json::from_str("[]").unwrap();
        assert_eq!(sent.change(&filters(&["a.b"])), Some(filters(&["none"])));
    }

    #[test]
    fn what_is_no_dotted_name_is_refused() {
        for text in
            ["", ".", "a", "a.", ".a", "a..b", "a.*", "a.?", "a b.c", "ä.b", " a.b", "a.b\n"]
        {
            assert!(EventName::try_from(text.to_owned()).is_err(), "{text:?}");
        }
        assert!(EventName::try_from(format!("a.{}", "b".repeat(198))).is_ok());
        assert!(EventName::try_from(format!("a.{}", "b".repeat(199))).is_err());
    }
}
