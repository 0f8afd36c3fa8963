//! What clients see of the ledger: one shape each, used by answers, events and webhooks alike.
//!
//! Field names here are a promise to clients. Absent facts are left out, not null.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::catalog::{Application, Environment, Project};
use crate::cell::{Cell, Standing};
use crate::deployment::Voided;
use crate::environment::EnvironmentType;
use crate::facts::{Commit, Facts, JsonObject, Link};
use crate::identity::RunKey;
use crate::run::Run;
use crate::status::Status;
use crate::time::Timestamp;
use crate::version::Version;

/// Something with an id and a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

impl From<&Project> for Named {
    fn from(project: &Project) -> Self {
        Self { id: project.id.uuid(), name: project.name.to_string() }
    }
}

impl From<&Application> for Named {
    fn from(application: &Application) -> Self {
        Self { id: application.id.uuid(), name: application.name.to_string() }
    }
}

/// An environment, as far as a deployment names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnvironmentRef {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "production")]
    pub kind: EnvironmentType,
    /// Where it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl From<&Environment> for EnvironmentRef {
    fn from(environment: &Environment) -> Self {
        Self {
            id: environment.id.uuid(),
            code: environment.code.to_string(),
            name: environment.name.clone(),
            kind: environment.kind,
            url: environment.url.clone(),
        }
    }
}

/// A version, as far as a deployment names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionRef {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
}

impl From<&Version> for VersionRef {
    fn from(version: &Version) -> Self {
        Self {
            id: version.id.uuid(),
            name: version.name.to_string(),
            commit_sha: version.commit_sha.as_ref().map(|sha| sha.as_str().to_owned()),
        }
    }
}

/// Who caused a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActorView {
    /// Their login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorView {
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// As a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What is odd about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// It names another commit than the build of its version did.
    OtherSha,
    /// It told a time more than ten minutes ahead of its arrival.
    ClockAhead,
}

/// A build or deployment: its lifecycle and what its reports say, merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunView {
    /// Its id.
    pub id: Uuid,
    /// `pending`, `started`, `completed`, `failed` or `aborted`.
    #[schema(value_type = String, example = "completed")]
    pub status: Status,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// From begin to end, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// When its first report arrived.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The source system's own id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// The id of the CI run that reported it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_id: Option<String>,
    /// The CI system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    /// The CI system's number of the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_number: Option<String>,
    /// Link to the CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The commit that its reports name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// The branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Who caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorView>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorView>,
    /// Further links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<LinkSchema>)]
    pub links: Vec<Link>,
    /// The commits that it brings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<CommitSchema>)]
    pub commits: Vec<Commit>,
    /// The reporter's own JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<JsonObject>,
    /// What is odd about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Set when it was declared never to have happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided: Option<VoidedView>,
}

/// A titled link.
#[derive(ToSchema)]
#[schema(as = Link)]
pub struct LinkSchema {
    /// What it leads to.
    pub title: String,
    /// An http(s) URL.
    pub url: String,
}

/// A commit that a build or deployment brings.
#[derive(ToSchema)]
#[schema(as = Commit)]
pub struct CommitSchema {
    /// Its name.
    pub sha: String,
    /// Its message.
    pub message: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was committed.
    #[schema(format = DateTime)]
    pub at: Option<String>,
}

/// Who said that a deployment never happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoidedView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// By which API key.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A time further ahead of its arrival than this is flagged.
const CLOCK_AHEAD: std::time::Duration = std::time::Duration::from_mins(10);

impl RunView {
    /// Shows a run of `version`.
    pub fn of(id: Uuid, key: &RunKey, run: &Run, version: &Version) -> Self {
        let Facts {
            started_at: _,
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
        } = &*run.facts();
        let (began_at, ended_at) = (run.began_at(), run.ended_at());
        let flags = flags(run, version, commit_sha.as_ref());
        Self {
            id,
            status: run.status(),
            began_at,
            ended_at,
            duration_ms: ended_at.and_then(|end| end.since(began_at).as_millis().try_into().ok()),
            created_at: run.created_at(),
            source_id: key.source_id.clone(),
            invoke_id: key.invoke_id.clone(),
            source_system: source_system.clone(),
            build_number: build_number.clone(),
            url: url.clone(),
            commit_sha: commit_sha.as_ref().map(|sha| sha.as_str().to_owned()),
            branch: branch.clone(),
            repository: repository.clone(),
            actor: (actor.is_some() || actor_name.is_some() || actor_email.is_some()).then(|| {
                ActorView {
                    login: actor.clone(),
                    name: actor_name.clone(),
                    email: actor_email.clone(),
                }
            }),
            description: description.clone(),
            error: (error_message.is_some() || error_code.is_some())
                .then(|| ErrorView { message: error_message.clone(), code: error_code.clone() }),
            links: links.clone(),
            commits: commits.clone(),
            metadata: metadata.clone(),
            flags,
            voided: None,
        }
    }

    /// The same run, shown as voided if it is.
    #[must_use]
    pub fn with_voided(mut self, voided: Option<&Voided>) -> Self {
        self.voided = voided.map(|Voided { at, by, reason }| VoidedView {
            at: *at,
            by: by.clone(),
            reason: reason.clone(),
        });
        self
    }
}

fn flags(run: &Run, version: &Version, sha: Option<&crate::sha::CommitSha>) -> Vec<Flag> {
    let is_ahead = run
        .entries()
        .iter()
        .any(|entry| entry.told.is_some_and(|told| told.since(entry.arrived_at) > CLOCK_AHEAD));
    let other_sha = version.contradicts(sha).then_some(Flag::OtherSha);
    other_sha.into_iter().chain(is_ahead.then_some(Flag::ClockAhead)).collect()
}

/// A deployment with everything it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeploymentView {
    /// Lifecycle and facts; shared with the event that tells of them.
    #[serde(flatten)]
    #[schema(value_type = RunView)]
    pub run: Arc<RunView>,
    /// The project of the application.
    pub project: Named,
    /// What was deployed.
    pub application: Named,
    /// Where to.
    pub environment: EnvironmentRef,
    /// Which part of it; empty if none was named.
    pub target: String,
    /// The version.
    pub version: VersionRef,
}

/// A build with everything it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BuildView {
    /// Lifecycle and facts; shared with the event that tells of them.
    #[serde(flatten)]
    #[schema(value_type = RunView)]
    pub run: Arc<RunView>,
    /// The project of the application.
    pub project: Named,
    /// What was built.
    pub application: Named,
    /// The version.
    pub version: VersionRef,
}

// `flatten` can't read raw JSON, which metadata is, so the run and the rest are each read from the
// same text.
impl<'de> Deserialize<'de> for DeploymentView {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Rest {
            project: Named,
            application: Named,
            environment: EnvironmentRef,
            target: String,
            version: VersionRef,
        }
        let (run, rest) = read_twice(deserializer)?;
        let Rest { project, application, environment, target, version } = rest;
        Ok(Self { run, project, application, environment, target, version })
    }
}

impl<'de> Deserialize<'de> for BuildView {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Rest {
            project: Named,
            application: Named,
            version: VersionRef,
        }
        let (run, rest) = read_twice(deserializer)?;
        let Rest { project, application, version } = rest;
        Ok(Self { run, project, application, version })
    }
}

fn read_twice<'de, D, A, B>(deserializer: D) -> Result<(A, B), D::Error>
where
    D: Deserializer<'de>,
    A: DeserializeOwned,
    B: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let first = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
    let second = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
    Ok((first, second))
}

/// A deployment as the matrix shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StandingView {
    /// The deployment.
    pub deployment_id: Uuid,
    /// The version's name.
    pub version: String,
    /// The version's id.
    pub version_id: Uuid,
    /// How far it came.
    #[schema(value_type = String, example = "completed")]
    pub status: Status,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    /// When it came to this status.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// Link to the CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl From<&Standing> for StandingView {
    fn from(standing: &Standing) -> Self {
        Self {
            deployment_id: standing.run.id.uuid(),
            version: standing.version_name.to_string(),
            version_id: standing.version.uuid(),
            status: standing.status,
            began_at: standing.run.began_at,
            at: standing.at,
            by: standing.actor.clone(),
            commit_sha: standing.commit_sha.clone(),
            url: standing.url.clone(),
        }
    }
}

/// What runs in one place, and what happens there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CellView {
    /// The latest completed deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<StandingView>,
    /// The deployment in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_progress: Option<StandingView>,
    /// The last failed deployment, if newer than the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<StandingView>,
}

impl From<&Cell> for CellView {
    fn from(cell: &Cell) -> Self {
        Self {
            current: cell.current.as_deref().map(Into::into),
            in_progress: cell.in_progress().map(Into::into),
            failed: cell.failed_since().map(Into::into),
        }
    }
}
