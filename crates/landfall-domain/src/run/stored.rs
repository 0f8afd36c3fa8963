//! Runs in the data file: short names, and facts only where a report says others than the one before
//! it, since the reports of a CI run mostly repeat each other.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Entry, Run};
use crate::facts::Facts;
use crate::status::Status;
use crate::time::{Timestamp, micros};

#[derive(Serialize, Deserialize)]
struct StoredEntry<'a> {
    #[serde(rename = "t", with = "micros")]
    at: Timestamp,
    #[serde(rename = "s")]
    status: Status,
    #[serde(
        rename = "o",
        default,
        skip_serializing_if = "Option::is_none",
        with = "micros::option"
    )]
    told: Option<Timestamp>,
    /// Absent where they are those of the entry before.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    facts: Option<Cow<'a, Facts>>,
    #[serde(rename = "r", with = "micros")]
    arrived_at: Timestamp,
}

impl Serialize for Run {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before: Option<&Arc<Facts>> = None;
        serializer.collect_seq(self.entries.iter().map(|entry| {
            let Entry { at, status, told, facts, arrived_at } = entry;
            let is_same = before == Some(facts);
            before = Some(facts);
            StoredEntry {
                at: *at,
                status: *status,
                told: *told,
                facts: (!is_same).then_some(Cow::Borrowed(&**facts)),
                arrived_at: *arrived_at,
            }
        }))
    }
}

impl<'de> Deserialize<'de> for Run {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Vec::<StoredEntry<'_>>::deserialize(deserializer)?;
        let mut entries: Vec<Entry> = Vec::with_capacity(stored.len());
        for StoredEntry { at, status, told, facts, arrived_at } in stored {
            let facts = match (facts, entries.last()) {
                (Some(facts), _) => Arc::new(facts.into_owned()),
                (None, Some(before)) => Arc::clone(&before.facts),
                (None, None) => return Err(de::Error::custom("the first report has no facts")),
            };
            entries.push(Entry { at, status, told, facts, arrived_at });
        }
        if entries.is_empty() {
            return Err(de::Error::custom("a run has no report"));
        }
        Ok(Self { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: i64, status: Status, actor: Option<&str>) -> Entry {
        let at = Timestamp::from_micros(at);
        let facts = Facts { actor: actor.map(str::to_owned), ..Facts::default() };
        Entry { at, status, told: Some(at), facts: facts.into(), arrived_at: at }
    }

    #[test]
    fn a_run_survives_the_data_file_and_repeated_facts_are_stored_once() {
        let entries = vec![
            entry(1, Status::Pending, None),
            entry(2, Status::Started, Some("ada")),
            entry(3, Status::Started, Some("ada")),
            entry(4, Status::Completed, None),
        ];
        let run = Run { entries };
        let text = serde_json::to_string(&run).unwrap();
        assert_eq!(text.matches("ada").count(), 1, "{text}");
        assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
    }
}
