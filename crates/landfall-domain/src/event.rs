//! Events: the facts in an organization's append-only log.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::id::OrganizationId;
use crate::status::Status;
use crate::time::Timestamp;
use crate::view::{EnvironmentRef, Named, RunView, VersionRef};

/// What kind of thing an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noun {
    /// A deployment.
    Deployment,
    /// A build.
    Build,
    /// An environment.
    Environment,
    /// An application.
    Application,
    /// A project.
    Project,
    /// A webhook.
    Webhook,
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// A run came to this status.
    Reached(Status),
    /// Facts were added, or a report came late.
    Updated,
    /// A deployment was declared never to have happened.
    Voided,
    /// It was made.
    Created,
    /// It was deleted.
    Deleted,
    /// An application no longer runs in an environment.
    Retired,
    /// A webhook was disabled, and not by a person.
    Disabled,
    /// Events were forgotten before a webhook was sent them.
    Skipped,
}

/// An event's type, such as `deployment.completed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventType {
    /// About what.
    pub noun: Noun,
    /// What happened.
    pub verb: Verb,
}

impl EventType {
    /// `noun.verb`.
    pub const fn new(noun: Noun, verb: Verb) -> Self {
        Self { noun, verb }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = match self.noun {
            Noun::Deployment => "deployment",
            Noun::Build => "build",
            Noun::Environment => "environment",
            Noun::Application => "application",
            Noun::Project => "project",
            Noun::Webhook => "webhook",
        };
        let verb = match self.verb {
            Verb::Reached(status) => status.as_str(),
            Verb::Updated => "updated",
            Verb::Voided => "voided",
            Verb::Created => "created",
            Verb::Deleted => "deleted",
            Verb::Retired => "retired",
            Verb::Disabled => "disabled",
            Verb::Skipped => "skipped",
        };
        write!(f, "{noun}.{verb}")
    }
}

/// One fact in the log. The row carries all that any format renders.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number in the organization, from 1, without gaps.
    pub sequence: u64,
    /// What happened.
    pub kind: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// When Landfall heard of it.
    pub recorded_at: Timestamp,
    /// Everything it says.
    pub data: EventData,
}

/// What an event says; `data` in the API and in the standard webhook format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventData {
    /// The project concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Named>,
    /// The application concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Named>,
    /// The environment concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentRef>,
    /// The part of the environment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// The version concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionRef>,
    /// The deployment, as it stood then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RunView>)]
    pub deployment: Option<Arc<RunView>>,
    /// The build, as it stood then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RunView>)]
    pub build: Option<Arc<RunView>>,
    /// Whether the deployment became the current one by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became_current: Option<bool>,
    /// What was current before, where another deployment became current by this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// It happened over a day before it was reported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backfill: bool,
    /// The webhook concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Named>,
    /// Why it happened, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A name that the noun had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_name: Option<String>,
    /// The API key that asked for it, where it was not a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What ran in a place before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Previous {
    /// The deployment.
    pub deployment_id: Uuid,
    /// Its version's id.
    pub version_id: Uuid,
    /// Its version's name.
    pub version: String,
    /// When it was completed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// An entry of the audit log, which webhooks never see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Whose.
    pub organization: OrganizationId,
    /// When.
    pub at: Timestamp,
    /// By which API key, or the e-mail address of the person.
    pub by: String,
    /// What was done, such as `key.created`.
    pub action: String,
    /// To what.
    pub subject: String,
}
