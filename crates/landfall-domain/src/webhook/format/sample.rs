//! Sample events of every type, for previews and tests.
//!
//! They tell one story: `checkout` 1.4.2 goes to production. Names are the same in all of them.

use std::time::Duration;

use uuid::Uuid;

use crate::environment::EnvironmentType;
use crate::event::{EventData, Previous};
use crate::facts::{Commit, JsonObject, Link};
use crate::sha::CommitSha;
use crate::status::Status;
use crate::time::Timestamp;
use crate::view::{ActorView, EnvironmentRef, ErrorView, Named, RunView, VersionRef, VoidedView};

/// Every type of event.
pub const KINDS: &[&str] = &[
    "deployment.pending",
    "deployment.started",
    "deployment.completed",
    "deployment.failed",
    "deployment.aborted",
    "deployment.updated",
    "deployment.voided",
    "build.pending",
    "build.started",
    "build.completed",
    "build.failed",
    "build.aborted",
    "build.updated",
    "environment.created",
    "environment.updated",
    "environment.deleted",
    "application.created",
    "application.updated",
    "application.deleted",
    "application.retired",
    "project.created",
    "project.updated",
    "project.deleted",
    "webhook.disabled",
    "webhook.skipped",
];

/// A realistic event of a known type that happened at `at`; `None` if the type is unknown.
///
/// Its ids are made from the organization's, so that no two organizations see the same ones.
pub fn sample(kind: &str, organization: &Named, at: Timestamp) -> Option<EventData> {
    if !KINDS.contains(&kind) {
        return None;
    }
    let story = Story { organization: organization.id, at };
    let (noun, verb) = kind.split_once('.')?;
    Some(match noun {
        "deployment" => story.deployment(verb),
        "build" => story.build(verb),
        "environment" => story.environment_event(verb),
        "application" => story.application_event(verb),
        "project" => EventData {
            project: Some(story.project()),
            former_name: former_name(verb, "storefront"),
            by: Some(BY.to_owned()),
            ..EventData::default()
        },
        _ => EventData { by: Some(BY.to_owned()), ..EventData::default() },
    })
}

/// The key that asks for what is not a report.
const BY: &str = "ci";
const SHA: &str = "3f5c1e9a7b2d4c6e8f0a1b2c3d4e5f60718293a4";

fn former_name(verb: &str, name: &str) -> Option<String> {
    (verb == "updated").then(|| name.to_owned())
}

struct Story {
    organization: Uuid,
    at: Timestamp,
}

impl Story {
    /// The id of the `nth` thing in the story.
    fn id(&self, nth: u128) -> Uuid {
        Uuid::from_u128(self.organization.as_u128() ^ (nth << 64) ^ nth)
    }

    fn project(&self) -> Named {
        Named { id: self.id(1), name: "shop".to_owned() }
    }

    fn application(&self) -> Named {
        Named { id: self.id(2), name: "checkout".to_owned() }
    }

    fn environment(&self) -> EnvironmentRef {
        EnvironmentRef {
            id: self.id(3),
            code: "production".to_owned(),
            name: "Production".to_owned(),
            kind: EnvironmentType::Production,
            url: Some("https://shop.example.com".to_owned()),
        }
    }

    fn version(&self) -> VersionRef {
        VersionRef { id: self.id(4), name: "1.4.2".to_owned(), commit_sha: Some(SHA.to_owned()) }
    }

    fn deployment(&self, verb: &str) -> EventData {
        let became_current = verb == "completed";
        let previous = Previous {
            deployment_id: self.id(7),
            version_id: self.id(8),
            version: "1.4.1".to_owned(),
            at: self.at - Duration::from_hours(26),
        };
        EventData {
            project: Some(self.project()),
            application: Some(self.application()),
            environment: Some(self.environment()),
            target: "eu-1".to_owned(),
            version: Some(self.version()),
            deployment: Some(RunView { id: self.id(5), ..self.run(verb) }.into()),
            became_current: Some(became_current),
            previous: became_current.then_some(previous),
            ..EventData::default()
        }
    }

    fn build(&self, verb: &str) -> EventData {
        EventData {
            project: Some(self.project()),
            application: Some(self.application()),
            version: Some(self.version()),
            build: Some(RunView { id: self.id(6), ..self.run(verb) }.into()),
            ..EventData::default()
        }
    }

    fn environment_event(&self, verb: &str) -> EventData {
        EventData {
            environment: Some(self.environment()),
            former_name: former_name(verb, "prod"),
            by: Some(BY.to_owned()),
            ..EventData::default()
        }
    }

    fn application_event(&self, verb: &str) -> EventData {
        EventData {
            project: Some(self.project()),
            application: Some(self.application()),
            environment: (verb == "retired").then(|| self.environment()),
            former_name: former_name(verb, "cart"),
            by: Some(BY.to_owned()),
            ..EventData::default()
        }
    }

    fn run(&self, verb: &str) -> RunView {
        let status = Status::parse(verb).unwrap_or(Status::Completed);
        let duration = Duration::from_millis(83_250);
        let began_at = if status.is_terminal() { self.at - duration } else { self.at };
        let error = ErrorView {
            message: Some("health check on /ready failed: 503 after 60 s".to_owned()),
            code: Some("HEALTH_CHECK".to_owned()),
        };
        let voided = VoidedView {
            at: self.at,
            by: BY.to_owned(),
            reason: Some("reported for the wrong environment".to_owned()),
        };
        RunView {
            id: Uuid::nil(),
            status,
            began_at,
            ended_at: status.is_terminal().then_some(self.at),
            duration_ms: status.is_terminal().then_some(83_250),
            created_at: began_at,
            error: (status == Status::Failed).then_some(error),
            voided: (verb == "voided").then_some(voided),
            ..self.reported(began_at)
        }
    }

    /// What a pipeline says about itself.
    fn reported(&self, began_at: Timestamp) -> RunView {
        const RUN_URL: &str = "https://github.com/acme/checkout/actions/runs/9284710";
        RunView {
            id: Uuid::nil(),
            status: Status::Started,
            began_at,
            ended_at: None,
            duration_ms: None,
            created_at: began_at,
            source_id: None,
            invoke_id: Some("9284710".to_owned()),
            source_system: Some("github".to_owned()),
            build_number: Some("482".to_owned()),
            url: Some(RUN_URL.to_owned()),
            commit_sha: Some(SHA.to_owned()),
            branch: Some("main".to_owned()),
            repository: Some("acme/checkout".to_owned()),
            actor: Some(ActorView {
                login: Some("ada".to_owned()),
                name: Some("Ada Lovelace".to_owned()),
                email: Some("ada@example.com".to_owned()),
            }),
            description: Some("Faster checkout".to_owned()),
            error: None,
            links: vec![Link {
                title: "Release notes".to_owned(),
                url: "https://github.com/acme/checkout/releases/tag/1.4.2".to_owned(),
            }],
            commits: self.commits(),
            metadata: serde_json::from_str::<JsonObject>(r#"{"ticket":"SHOP-217"}"#).ok(),
            flags: Vec::new(),
            voided: None,
        }
    }

    fn commits(&self) -> Vec<Commit> {
        let commit = CommitSha::parse(SHA).ok().map(|sha| Commit {
            sha,
            message: Some("Fetch prices in one query".to_owned()),
            author: Some("Ada Lovelace".to_owned()),
            at: Some(self.at - Duration::from_hours(1)),
        });
        commit.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> Named {
        Named { id: Uuid::from_u128(77 << 100), name: "acme".to_owned() }
    }

    #[test]
    fn every_type_has_a_sample_that_can_be_read_again() {
        for kind in KINDS {
            let event = sample(kind, &organization(), Timestamp::from_micros(1 << 50)).unwrap();
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<EventData>(&text).unwrap(), event, "{kind}");
        }
        for kind in ["", "deployment", "deployment.", "deployment.exploded", "team.created"] {
            assert_eq!(sample(kind, &organization(), Timestamp::default()), None, "{kind}");
        }
    }

    #[test]
    fn a_run_stands_where_its_event_says() {
        for status in
            [Status::Pending, Status::Started, Status::Completed, Status::Failed, Status::Aborted]
        {
            let at = Timestamp::from_micros(1 << 50);
            let kind = format!("deployment.{}", status.as_str());
            let run = sample(&kind, &organization(), at).unwrap().deployment.unwrap();
            assert_eq!(run.status, status);
            assert_eq!(run.ended_at.is_some(), status.is_terminal());
            assert_eq!(run.error.is_some(), status == Status::Failed);
        }
    }
}
