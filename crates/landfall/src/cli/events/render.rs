//! An event in a line: its number, when, what, and about what.

use landfall_domain::time::Timestamp;
use serde::Deserialize;

use super::super::shapes::{Actor, Environment, Named};

/// An event of the log.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    sequence: u64,
    #[serde(rename = "type")]
    kind: String,
    timestamp: Timestamp,
    #[serde(default)]
    data: Content,
}

/// What it is about, as far as a line has room for it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    application: Option<Named>,
    version: Option<Named>,
    environment: Option<Environment>,
    target: String,
    project: Option<Named>,
    deployment: Option<Cause>,
    build: Option<Cause>,
    became_current: Option<bool>,
    former_name: Option<String>,
}

/// Who caused the run.
#[derive(Debug, Deserialize)]
struct Cause {
    #[serde(default)]
    actor: Option<Actor>,
}

impl Event {
    /// Times are whole and in UTC here: a log is read long after, and beside other logs.
    pub(crate) fn line(&self) -> String {
        let Self { sequence, kind, timestamp, data } = self;
        let at = timestamp.to_string();
        let at = at.get(..19).unwrap_or(&at);
        format!("{sequence:>6}  {at}Z  {kind:<22}  {}", data.words()).trim_end().to_owned()
    }
}

impl Content {
    fn words(&self) -> String {
        let name = |named: &Option<Named>| named.as_ref().map(|named| named.name.clone());
        let place = self.environment.as_ref().map(|environment| &environment.code);
        let subject = name(&self.application);
        // A project is worth a word only where the event is about nothing smaller.
        let project = (subject.is_none() && place.is_none()).then(|| name(&self.project)).flatten();
        let arrow = if subject.is_some() { "→ " } else { "" };
        let words = [
            project,
            subject,
            name(&self.version),
            place.map(|code| format!("{arrow}{code}")),
            (!self.target.is_empty()).then(|| format!("/ {}", self.target)),
            self.former_name.as_ref().map(|name| format!("(was {name})")),
            self.became_current.filter(|is| *is).map(|_| "(now current)".to_owned()),
            self.cause().map(|who| format!("by {who}")),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn cause(&self) -> Option<&str> {
        self.deployment.as_ref().or(self.build.as_ref())?.actor.as_ref()?.word()
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn an_event_is_told_in_a_line() {
        let events = [
            r#"{"sequence": 7, "type": "deployment.completed", "timestamp": "2026-11-20T22:18:49.123456Z",
                "recorded_at": "2026-11-20T22:18:50Z", "data": {"project": {"name": "default"},
                "application": {"name": "shop"}, "version": {"name": "1.4.2"}, "target": "eu",
                "environment": {"code": "production", "name": "Production", "type": "production"},
                "deployment": {"actor": {"login": "ada"}}, "became_current": true}}"#,
            r#"{"sequence": 8, "type": "environment.created", "timestamp": "2026-11-20T22:18:49Z",
                "data": {"environment": {"code": "qa", "name": "QA", "type": "testing"}}}"#,
            r#"{"sequence": 9, "type": "project.updated", "timestamp": "2026-11-20T22:18:49Z",
                "data": {"project": {"name": "web"}, "former_name": "www"}}"#,
        ];
        let line = |json| serde_json::from_str::<Event>(json).unwrap().line();
        insta::assert_snapshot!(events.map(line).join("\n"), @"
        7  2026-11-20T22:18:49Z  deployment.completed    shop 1.4.2 → production / eu (now current) by ada
        8  2026-11-20T22:18:49Z  environment.created     qa
        9  2026-11-20T22:18:49Z  project.updated         web (was www)
        ");
    }
}
