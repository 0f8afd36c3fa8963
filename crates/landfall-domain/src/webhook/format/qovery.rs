//! Qovery's envelope, as its page "Webhooks" shows it and as a receiver in production reads it.
//!
//! The raw secret goes along in two headers: the API's description calls it `Qovery-Signature`, the
//! page `Qovery-Secret`, and receivers look at either.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::environment::EnvironmentType;
use crate::time::Timestamp;
use crate::view::{EnvironmentRef, Named, VersionRef};
use crate::webhook::format::{Message, RenderError, Rendered};
use crate::webhook::vocabulary::Vocabulary;

/// The headers that carry the raw secret.
const SECRET_HEADERS: [&str; 2] = ["qovery-secret", "qovery-signature"];

/// Qovery's words for what an environment is for; its API calls them modes.
pub const MODES: [&str; 4] = ["DEVELOPMENT", "PREVIEW", "PRODUCTION", "STAGING"];

/// Qovery's word for a type of environment. It has none for testing.
pub const fn mode_of(kind: EnvironmentType) -> &'static str {
    match kind {
        EnvironmentType::Development | EnvironmentType::Testing => "DEVELOPMENT",
        EnvironmentType::Preview => "PREVIEW",
        EnvironmentType::Production => "PRODUCTION",
        EnvironmentType::Staging => "STAGING",
    }
}

/// Whether a header can carry a secret as it is: receivers trim what they compare.
pub fn can_send(secret: &str) -> bool {
    secret.bytes().all(|byte| matches!(byte, b' '..=b'~')) && secret.trim() == secret
}

/// Renders `message`.
pub(super) fn render(message: &Message<'_>) -> Result<Rendered, RenderError> {
    let event_type = message.name_in(Vocabulary::Qovery)?;
    let happened: Happened = serde_json::from_str(message.data)?;
    let envelope = Envelope {
        created_at: message.at,
        event_type,
        payload_type: "DEPLOYMENT",
        payload_id: happened.deployment.id,
        payload: Payload::of(message.organization, event_type, &happened),
    };
    let mut rendered = Rendered::json(serde_json::to_vec(&envelope)?);
    if let Some(secret) = message.vendor_secret {
        rendered.headers = SECRET_HEADERS.map(|name| (name, secret.to_owned())).into();
    }
    Ok(rendered)
}

/// What an event of a deployment says, as far as Qovery's receivers want to know it.
#[derive(Deserialize)]
struct Happened {
    project: Named,
    application: Named,
    environment: EnvironmentRef,
    #[serde(default)]
    target: String,
    version: VersionRef,
    deployment: Deployment,
}

#[derive(Deserialize)]
struct Deployment {
    id: Uuid,
    #[serde(default)]
    commit_sha: Option<String>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    created_at: Timestamp,
    event_type: &'static str,
    payload_type: &'static str,
    payload_id: Uuid,
    payload: Payload<'a>,
}

#[derive(Serialize)]
struct Payload<'a> {
    id: Uuid,
    /// The page has `id`; the receiver in production reads this one.
    deployment_id: Uuid,
    current_status: &'static str,
    /// Qovery also stops and deletes what it deployed; all that is reported here is meant to run.
    desired_status: &'static str,
    organization: &'a Named,
    project: &'a Named,
    environment: Environment<'a>,
    applications: [Application<'a>; 1],
    databases: [(); 0],
    containers: [(); 0],
    jobs: [(); 0],
    logs: [(); 0],
}

#[derive(Serialize)]
struct Environment<'a> {
    id: Uuid,
    name: &'a str,
    mode: &'static str,
    /// The part of the environment; empty where reports name none.
    cluster_name: &'a str,
}

#[derive(Serialize)]
struct Application<'a> {
    id: Uuid,
    name: &'a str,
    version: &'a str,
    /// The commit that was deployed; empty if it is not known.
    commit_id: &'a str,
}

impl<'a> Payload<'a> {
    fn of(organization: &'a Named, event_type: &str, happened: &'a Happened) -> Self {
        let Happened { project, application, environment, target, version, deployment } = happened;
        let commit = deployment.commit_sha.as_deref().or(version.commit_sha.as_deref());
        Self {
            id: deployment.id,
            deployment_id: deployment.id,
            current_status: state_after(event_type),
            desired_status: "DEPLOYED",
            organization,
            project,
            environment: Environment {
                id: environment.id,
                name: &environment.name,
                mode: mode_of(environment.kind),
                cluster_name: target,
            },
            applications: [Application {
                id: application.id,
                name: &application.name,
                version: &version.name,
                commit_id: commit.unwrap_or_default(),
            }],
            databases: [],
            containers: [],
            jobs: [],
            logs: [],
        }
    }
}

/// Qovery's word, of its closed list of states, for how a deployment stands after an event.
fn state_after(event_type: &str) -> &'static str {
    match event_type {
        "DEPLOYMENT_STARTED" => "DEPLOYING",
        "DEPLOYMENT_CANCELLED" => "CANCELED",
        "DEPLOYMENT_FAILURE" => "DEPLOYMENT_ERROR",
        _ => "DEPLOYED",
    }
}

#[cfg(test)]
mod tests;
