//! What reports say about a run beside its status: who, where from, which links, what went wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::sha::CommitSha;
use crate::time::{Timestamp, micros};

/// The facts of one report, or of a whole run once merged. Every one is optional.
///
/// The short names are what the data file holds; no client sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Facts {
    /// When the run began, where the report says so beside its own time.
    #[serde(
        rename = "t",
        default,
        skip_serializing_if = "Option::is_none",
        with = "micros::option"
    )]
    pub started_at: Option<Timestamp>,
    /// The commit that was built or deployed.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<CommitSha>,
    /// The branch it is on.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The repository, `owner/name` or a URL.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The CI system's number of the build.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub build_number: Option<String>,
    /// The CI system's name.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    /// Link to the run that reported.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who caused it: a login.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Their e-mail address.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub actor_email: Option<String>,
    /// Their name.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// What it is about, in a line or two.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What went wrong.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The same as a code.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Further links.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The commits that it brings.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<Commit>,
    /// The caller's own JSON object.
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<JsonObject>,
}

/// A titled link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// What it leads to.
    pub title: String,
    /// An http(s) URL.
    pub url: String,
}

/// A commit that a build or deployment brings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Commit {
    /// Its name.
    pub sha: CommitSha,
    /// Its message; the first line is its subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Facts {
    /// Fills what is empty here from `other`; what is known stays.
    ///
    /// Metadata is merged by top-level key, and the earliest start wins.
    pub fn enrich(&mut self, other: &Self) {
        let Self {
            started_at,
            commit_sha,
            branch,
            repository,
            build_number,
            source_system,
            url,
            actor,
            actor_email,
            actor_name,
            description,
            error_message,
            error_code,
            links,
            commits,
            metadata,
        } = other;
        self.started_at = match (self.started_at, *started_at) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (own, other) => own.or(other),
        };
        fill(&mut self.commit_sha, commit_sha.as_ref());
        fill(&mut self.branch, branch.as_ref());
        fill(&mut self.repository, repository.as_ref());
        fill(&mut self.build_number, build_number.as_ref());
        fill(&mut self.source_system, source_system.as_ref());
        fill(&mut self.url, url.as_ref());
        fill(&mut self.actor, actor.as_ref());
        fill(&mut self.actor_email, actor_email.as_ref());
        fill(&mut self.actor_name, actor_name.as_ref());
        fill(&mut self.description, description.as_ref());
        fill(&mut self.error_message, error_message.as_ref());
        fill(&mut self.error_code, error_code.as_ref());
        if self.links.is_empty() {
            self.links.clone_from(links);
        }
        if self.commits.is_empty() {
            self.commits.clone_from(commits);
        }
        match (&mut self.metadata, metadata) {
            (Some(own), Some(other)) => own.enrich(other),
            (own, other) => fill(own, other.as_ref()),
        }
    }
}

fn fill<T: Clone>(own: &mut Option<T>, other: Option<&T>) {
    if own.is_none() {
        *own = other.cloned();
    }
}

/// A JSON object as its sender wrote it, never parsed unless two have to be merged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonObject(String);

impl JsonObject {
    /// Takes the text of an object; `None` if it is another kind of JSON value.
    pub fn from_raw(raw: &RawValue) -> Option<Self> {
        raw.get().starts_with('{').then(|| Self(raw.get().to_owned()))
    }

    /// Takes a parsed object.
    pub fn from_map(map: &serde_json::Map<String, serde_json::Value>) -> Self {
        Self(serde_json::to_string(map).unwrap_or_else(|_| "{}".to_owned()))
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Adds the keys of `other` that are missing here.
    fn enrich(&mut self, other: &Self) {
        if self == other || other.0 == "{}" {
            return;
        }
        let mut merged: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&other.0).unwrap_or_default();
        let own: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&self.0).unwrap_or_default();
        merged.extend(own);
        self.0 = serde_json::to_string(&merged).unwrap_or_else(|_| "{}".to_owned());
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::from_raw(&raw).ok_or_else(|| serde::de::Error::custom("must be a JSON object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Option<JsonObject> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn enriching_fills_only_what_is_empty() {
        let mut facts = Facts {
            actor: Some("ada".to_owned()),
            metadata: object(r#"{"a":1}"#),
            ..Facts::default()
        };
        let other = Facts {
            actor: Some("bob".to_owned()),
            url: Some("https://ci.test/1".to_owned()),
            metadata: object(r#"{"a":2,"b":3}"#),
            ..Facts::default()
        };
        facts.enrich(&other);
        assert_eq!(facts.actor.as_deref(), Some("ada"));
        assert_eq!(facts.url.as_deref(), Some("https://ci.test/1"));
        assert_eq!(facts.metadata.unwrap().as_str(), r#"{"a":1,"b":3}"#);
    }

    #[test]
    fn facts_survive_the_data_file() {
        let facts = Facts {
            started_at: Some(Timestamp::from_micros(5)),
            metadata: object(r#"{"deep": {"x": [1, 2]}}"#),
            ..Facts::default()
        };
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
    }
}
