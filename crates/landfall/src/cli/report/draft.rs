//! A report before it is sent: every value beside where it came from.
//!
//! Flags win over what was found. A draft is flat, so that a dry run can list it; [`Draft::body`]
//! gives it the API's shape.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::detect::{Detected, Found, Told};
use super::arguments::Flags;

/// A report of a build or a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    /// Values by their path in the body, such as `actor.login`, in the order of a dry run.
    pub values: Vec<(&'static str, Found)>,
    /// The metadata.
    pub metadata: BTreeMap<String, Found>,
}

/// What only a report of a deployment has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub environment: Option<&'a String>,
    pub target: Option<&'a String>,
}

/// A field of the body, the flag for it, and what was found for it.
type Row<'a> = (&'static str, &'static str, Option<&'a String>, Option<Found>);

/// The flags from which other values follow.
pub(super) fn told(flags: &Flags) -> Told {
    Told {
        commit_sha: given("--commit", flags.commit.as_ref()),
        repository: given("--repository", flags.repository.as_ref()),
    }
}

impl Draft {
    /// Puts flags and findings together.
    pub(super) fn merge(place: Place<'_>, flags: &Flags, detected: &Detected) -> Self {
        let values = rows(place, flags, detected).into_iter().filter_map(row_value).collect();
        let origin = detected.system.unwrap_or_default();
        let found = |(key, value): (&String, &String)| (key.clone(), from(value, origin));
        let mut metadata: BTreeMap<String, Found> = detected.metadata.iter().map(found).collect();
        let given = |(key, value): &(String, String)| (key.clone(), from(value, "--metadata"));
        metadata.extend(flags.metadata.iter().map(given));
        Self { values, metadata }
    }

    /// A value, if there is one.
    pub(super) fn find(&self, path: &str) -> Option<&str> {
        let (_, found) = self.values.iter().find(|(known, _)| *known == path)?;
        Some(&found.value)
    }

    /// The report as the API takes it.
    pub(super) fn body(&self) -> Value {
        let mut body = Map::new();
        for (path, found) in &self.values {
            let value = Value::String(found.value.clone());
            match path.split_once('.') {
                None => drop(body.insert((*path).to_owned(), value)),
                Some((object, field)) => {
                    let object = body.entry(object).or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(object) = object {
                        object.insert(field.to_owned(), value);
                    }
                }
            }
        }
        if !self.metadata.is_empty() {
            let entry =
                |(key, found): (&String, &Found)| (key.clone(), Value::String(found.value.clone()));
            let metadata = self.metadata.iter().map(entry).collect();
            body.insert("metadata".to_owned(), Value::Object(metadata));
        }
        Value::Object(body)
    }
}

fn rows<'a>(place: Place<'a>, flags: &'a Flags, found: &Detected) -> Vec<Row<'a>> {
    let system = found.system.map(|name| from(name, "recognised by itself"));
    // Who is named by a flag is not mixed with somebody else who was found.
    let of_person = |value: &Option<Found>| value.clone().filter(|_| flags.by.is_none());
    let completed = Some(from("completed", "default"));
    vec![
        ("project", "--project", flags.project.as_ref(), None),
        ("application", "--application", flags.application.as_ref(), found.application.clone()),
        ("version", "--version", flags.version_name.as_ref(), found.version.clone()),
        ("environment", "--environment", place.environment, None),
        ("target", "--target", place.target, None),
        ("status", "--status", flags.status.as_ref(), completed),
        ("started_at", "--started-at", flags.started_at.as_ref(), None),
        ("completed_at", "--completed-at", flags.completed_at.as_ref(), None),
        ("commit_sha", "--commit", flags.commit.as_ref(), found.commit_sha.clone()),
        ("branch", "--branch", flags.branch.as_ref(), found.branch.clone()),
        ("repository", "--repository", flags.repository.as_ref(), found.repository.clone()),
        ("build_number", "--build-number", flags.build_number.as_ref(), found.build_number.clone()),
        ("invoke_id", "--invoke-id", flags.invoke_id.as_ref(), found.invoke_id.clone()),
        ("source_id", "--source-id", flags.source_id.as_ref(), None),
        ("source_system", "--source-system", flags.source_system.as_ref(), system),
        ("url", "--run-url", flags.run_url.as_ref(), found.run_url.clone()),
        ("actor.login", "--by", flags.by.as_ref(), found.actor.clone()),
        ("actor.name", "--by-name", flags.by_name.as_ref(), of_person(&found.actor_name)),
        ("actor.email", "--by-email", flags.by_email.as_ref(), of_person(&found.actor_email)),
        ("description", "--description", flags.description.as_ref(), None),
        ("error.message", "--error", flags.error.as_ref(), None),
        ("error.code", "--error-code", flags.error_code.as_ref(), None),
    ]
}

/// An empty flag is no value: in a pipeline it is a variable that was not set.
fn row_value((path, flag, told, found): Row<'_>) -> Option<(&'static str, Found)> {
    Some((path, given(flag, told).or(found)?))
}

fn given(flag: &str, told: Option<&String>) -> Option<Found> {
    told.filter(|text| !text.trim().is_empty()).map(|text| from(text.trim(), flag))
}

fn from(value: &str, origin: &str) -> Found {
    Found { value: value.to_owned(), origin: origin.to_owned() }
}
