//! Placeholders: the names that a template may use, and what they stand for in an event.
//!
//! A name is the path of a field in an event's data, a word about the event itself, or one of
//! Humanitec's variables. Values are looked up in the event's own text, so numbers keep every digit.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::webhook::format::{Message, RenderError};

/// About the event itself.
const ENVELOPE: &[&str] = &[
    "id",
    "type",
    "timestamp",
    "sequence",
    "organization",
    "organization.id",
    "organization.name",
    "base_url",
    "data",
];

/// Humanitec's variables. What it calls `type` is `environment.type` here.
const HUMANITEC: &[&str] = &[
    "event",
    "triggered_at",
    "triggered_by",
    "org_id",
    "app_id",
    "env_id",
    "name",
    "deploy_id",
    "delta_id",
    "set_id",
    "comment",
    "status",
];

/// Fields of an event's data; also with `data.` before them.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "project", "project.id", "project.name",
    "application", "application.id", "application.name",
    "environment", "environment.id", "environment.code", "environment.name", "environment.type",
    "environment.url",
    "target",
    "version", "version.id", "version.name", "version.commit_sha",
    "deployment", "deployment.id", "deployment.status", "deployment.began_at",
    "deployment.ended_at", "deployment.duration_ms", "deployment.created_at",
    "deployment.source_id", "deployment.invoke_id", "deployment.source_system",
    "deployment.build_number", "deployment.url", "deployment.commit_sha", "deployment.branch",
    "deployment.repository", "deployment.actor", "deployment.actor.login",
    "deployment.actor.name", "deployment.actor.email", "deployment.description",
    "deployment.error", "deployment.error.message", "deployment.error.code", "deployment.links",
    "deployment.commits", "deployment.metadata", "deployment.flags", "deployment.voided",
    "deployment.voided.at", "deployment.voided.by", "deployment.voided.reason",
    "build", "build.id", "build.status", "build.began_at", "build.ended_at", "build.duration_ms",
    "build.created_at", "build.source_id", "build.invoke_id", "build.source_system",
    "build.build_number", "build.url", "build.commit_sha", "build.branch", "build.repository",
    "build.actor", "build.actor.login", "build.actor.name", "build.actor.email",
    "build.description", "build.error", "build.error.message", "build.error.code", "build.links",
    "build.commits", "build.metadata", "build.flags", "build.voided", "build.voided.at",
    "build.voided.by", "build.voided.reason",
    "became_current",
    "previous", "previous.deployment_id", "previous.version_id", "previous.version",
    "previous.at",
    "backfill", "former_name", "by",
    "webhook", "webhook.id", "webhook.name", "reason",
];

/// What a reporter's own object holds is not known beforehand.
const OPEN_ENDED: &[&str] = &["deployment.metadata.<key>", "build.metadata.<key>"];

/// Every placeholder that a template may use, without `${}`.
pub fn known_placeholders() -> Vec<&'static str> {
    [ENVELOPE, HUMANITEC, FIELDS, OPEN_ENDED].concat()
}

/// A name that was found in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder(String);

impl Placeholder {
    /// Looks `name` up; `None` if no event can ever have it.
    pub(super) fn find(name: &str) -> Option<Self> {
        let is_envelope = ENVELOPE.contains(&name) || HUMANITEC.contains(&name);
        if is_envelope {
            return Some(Self(name.to_owned()));
        }
        let path = name.strip_prefix("data.").unwrap_or(name);
        // The standard format shows these two within the data as well.
        let is_shown_in_data = path == "sequence" || path.starts_with("organization");
        let is_known = FIELDS.contains(&path)
            || is_open_ended(path)
            || is_shown_in_data && ENVELOPE.contains(&path);
        is_known.then(|| Self(path.to_owned()))
    }

    /// Looks a name up among Humanitec's variables, where `type` is that of the environment.
    pub(super) fn of_humanitec(name: &str) -> Option<Self> {
        if name == "type" {
            return Some(Self("environment.type".to_owned()));
        }
        HUMANITEC.contains(&name).then(|| Self(name.to_owned()))
    }

    /// What it stands for in an event; `None` if the event lacks it.
    pub(super) fn value<'a>(&self, event: &Fields<'a>) -> Option<Found<'a>> {
        let message = event.message;
        let text = |text: &'a str| Some(Found::Text(Cow::Borrowed(text)));
        let owned = |text: String| Some(Found::Text(Cow::Owned(text)));
        match self.0.as_str() {
            "id" => text(message.id),
            "type" => text(message.kind),
            "timestamp" => owned(message.at.to_string()),
            // Humanitec's clock has nanoseconds.
            "triggered_at" => owned(format!("{:.9}", message.at)),
            "sequence" => Some(Found::Json(Cow::Owned(message.sequence.to_string()))),
            "organization" => {
                let json = serde_json::to_string(message.organization).ok()?;
                Some(Found::Json(Cow::Owned(json)))
            }
            "organization.id" => owned(message.organization.id.to_string()),
            "organization.name" | "org_id" => text(&message.organization.name),
            "base_url" => text(message.base_url?),
            "data" => Some(Found::Json(Cow::Borrowed(message.data))),
            "event" => text(humanitec_event(message.kind)),
            "status" => text(humanitec_status(message.kind)?),
            "triggered_by" => TRIGGERED_BY.iter().find_map(|path| event.find(path)),
            "app_id" => message.app_id.map_or_else(|| event.find("project.name"), text),
            "env_id" => event.find("environment.code"),
            "name" => event.find("environment.name"),
            "deploy_id" => event.find("deployment.id"),
            "delta_id" => {
                event.find("deployment.commit_sha").or_else(|| event.find("version.commit_sha"))
            }
            "set_id" => event.find("version.id"),
            "comment" => event.find("deployment.description"),
            path => event.find(path),
        }
    }

    /// What it is within a longer text: nothing if the event lacks it.
    pub(super) fn text<'a>(&self, event: &Fields<'a>) -> Cow<'a, str> {
        match self.value(event) {
            Some(Found::Text(text)) => text,
            Some(Found::Json(json)) if json != "null" => json,
            Some(Found::Json(_)) | None => Cow::Borrowed(""),
        }
    }
}

/// Whoever caused it, by the best name known.
const TRIGGERED_BY: [&str; 7] = [
    "deployment.actor.login",
    "deployment.actor.email",
    "deployment.actor.name",
    "build.actor.login",
    "build.actor.email",
    "build.actor.name",
    "by",
];

fn is_open_ended(path: &str) -> bool {
    OPEN_ENDED
        .iter()
        .filter_map(|known| known.strip_suffix("<key>"))
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|key| !key.is_empty()))
}

/// Humanitec's name of an event (DESIGN §4); its deployments only start and finish.
fn humanitec_event(kind: &str) -> &str {
    match kind {
        "deployment.completed" | "deployment.failed" | "deployment.aborted" => {
            "deployment.finished"
        }
        other => other,
    }
}

fn humanitec_status(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "deployment.pending" => "pending",
        "deployment.started" => "in progress",
        "deployment.completed" => "succeeded",
        "deployment.failed" | "deployment.aborted" => "failed",
        _ => return None,
    })
}

/// A value found in an event.
pub(super) enum Found<'a> {
    /// The text of a string.
    Text(Cow<'a, str>),
    /// The JSON text of anything else.
    Json(Cow<'a, str>),
}

/// An event's data, read as far as is asked for.
pub(super) struct Fields<'a> {
    message: &'a Message<'a>,
    object: Object<'a>,
}

type Object<'a> = BTreeMap<String, &'a RawValue>;

impl<'a> Fields<'a> {
    /// Reads the outermost level.
    pub(super) fn of(message: &'a Message<'a>) -> Result<Self, RenderError> {
        Ok(Self { message, object: serde_json::from_str(message.data)? })
    }

    fn find(&self, path: &str) -> Option<Found<'a>> {
        find(&self.object, path).map(found)
    }
}

/// Follows `path`. A key may itself hold dots, so the whole of what is left is tried first.
fn find<'a>(object: &Object<'a>, path: &str) -> Option<&'a RawValue> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    let (key, rest) = path.split_once('.')?;
    let inner: Object<'a> = serde_json::from_str(object.get(key)?.get()).ok()?;
    find(&inner, rest)
}

fn found(value: &RawValue) -> Found<'_> {
    let json = value.get();
    match serde_json::from_str::<String>(json) {
        Ok(text) => Found::Text(Cow::Owned(text)),
        Err(_) => Found::Json(Cow::Borrowed(json)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::time::Timestamp;
    use crate::view::Named;
    use crate::webhook::format::sample;

    fn paths(prefix: &str, value: &Value, all: &mut Vec<String>) {
        let Value::Object(object) = value else { return };
        for (key, inner) in object {
            let path = format!("{prefix}{key}");
            paths(&format!("{path}."), inner, all);
            all.push(path);
        }
    }

    #[test]
    fn every_field_of_every_sample_is_known() {
        let organization = Named { id: Uuid::nil(), name: "acme".to_owned() };
        for kind in sample::KINDS {
            let data = sample::sample(kind, &organization, Timestamp::default()).unwrap();
            let mut all = Vec::new();
            paths("", &serde_json::to_value(data).unwrap(), &mut all);
            for path in all {
                assert!(Placeholder::find(&path).is_some(), "{path}");
                assert!(Placeholder::find(&format!("data.{path}")).is_some(), "{path}");
            }
        }
    }

    #[test]
    fn names_are_listed_once_and_found() {
        let known = known_placeholders();
        for name in &known {
            assert!(Placeholder::find(name).is_some(), "{name}");
            assert_eq!(known.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
        for name in ["", "foo", "deployment.", "deployment.metadata.", "data.type", "Type", " id"] {
            assert!(Placeholder::find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn humanitec_hears_its_own_words() {
        for (kind, event, status) in [
            ("deployment.started", "deployment.started", Some("in progress")),
            ("deployment.completed", "deployment.finished", Some("succeeded")),
            ("deployment.failed", "deployment.finished", Some("failed")),
            ("deployment.aborted", "deployment.finished", Some("failed")),
            ("environment.created", "environment.created", None),
        ] {
            assert_eq!((humanitec_event(kind), humanitec_status(kind)), (event, status));
        }
    }
}
