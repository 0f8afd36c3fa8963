//! The bodies of reported builds and deployments.
//!
//! They differ in what they are about, and share everything else. Serde can't refuse unknown fields
//! in a struct that is made of others, so a macro writes the shared fields into both.

use landfall_domain::facts::{Facts, JsonObject};
use landfall_domain::identity::RunKey;
use landfall_domain::report::{Report, Subject};
use landfall_domain::sha::CommitSha;
use landfall_domain::text::{
    ApplicationName, EnvironmentCode, ProjectName, TargetName, Text, VersionName,
};
use landfall_domain::time::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::facts::{ActorBody, CommitBody, ErrorBody, LinkBody, commits, links, metadata};
use super::{Told, Understood, choose};
use crate::native::fields::{HttpUrl, Prose, optional, optional_word};
use crate::shared::rejection::Rejection;

/// Writes a body, its own fields as given, and how it becomes a report about `$subject`.
macro_rules! report_body {
    ($(#[$doc:meta])* $name:ident [$($own:ident),*] { $($fields:tt)* } => $subject:expr) => {
        #[derive(Debug, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$doc])*
        pub(in crate::native) struct $name {
            /// The application's name.
            #[schema(value_type = String, max_length = 255, example = "shop")]
            application: ApplicationName,
            /// The version's name.
            #[schema(value_type = String, max_length = 300, example = "1.4.2")]
            version: VersionName,
            $($fields)*
            /// Where it stands, such as `started`, `completed`, `failed` or `aborted`; `completed` if absent.
            #[serde(default, deserialize_with = "optional")]
            #[schema(example = "completed")]
            status: Option<String>,
            /// The application's project; the API key's default project or `default` if absent.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, max_length = 255)]
            project: Option<ProjectName>,
            /// The source system's own id of it.
            #[serde(default, deserialize_with = "optional_word")]
            #[schema(value_type = Option<String>, max_length = 255)]
            source_id: Option<Text<255>>,
            /// The id of the CI run.
            #[serde(default, deserialize_with = "optional_word")]
            #[schema(value_type = Option<String>, max_length = 255)]
            invoke_id: Option<Text<255>>,
            /// When it came to this status; the arrival of the report if no time is given.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, format = DateTime)]
            occurred_at: Option<Timestamp>,
            /// When it began.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, format = DateTime)]
            started_at: Option<Timestamp>,
            /// When it ended; counts only where the status is an end.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, format = DateTime)]
            completed_at: Option<Timestamp>,
            /// The commit.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, max_length = 64)]
            commit_sha: Option<CommitSha>,
            /// The branch.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, max_length = 255)]
            branch: Option<Text<255>>,
            /// The repository, `owner/name` or a URL.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, max_length = 500)]
            repository: Option<Text<500>>,
            /// The CI system's number of the build.
            #[serde(default, deserialize_with = "optional_word")]
            #[schema(value_type = Option<String>, max_length = 100)]
            build_number: Option<Text<100>>,
            /// The CI system, such as `github`.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, max_length = 50)]
            source_system: Option<Text<50>>,
            /// Link to the CI run.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, max_length = 2000)]
            url: Option<HttpUrl>,
            /// Who caused it.
            #[serde(default)]
            actor: Option<ActorBody>,
            /// What it is about; what is longer is cut off.
            #[serde(default, deserialize_with = "optional")]
            #[schema(value_type = Option<String>, max_length = 2000)]
            description: Option<Prose<2_000>>,
            /// What went wrong.
            #[serde(default)]
            error: Option<ErrorBody>,
            /// Further links.
            #[serde(default)]
            #[schema(max_items = 50)]
            links: Option<Vec<LinkBody>>,
            /// The commits that it brings.
            #[serde(default)]
            #[schema(max_items = 250)]
            commits: Option<Vec<CommitBody>>,
            /// A JSON object of your own, at most 100 KB.
            #[serde(default)]
            #[schema(value_type = Option<Object>)]
            metadata: Option<JsonObject>,
        }

        impl TryFrom<$name> for Report {
            type Error = Rejection;

            fn try_from(body: $name) -> Result<Self, Rejection> {
                let $name {
                    application,
                    version,
                    $($own,)*
                    status,
                    project,
                    source_id,
                    invoke_id,
                    occurred_at,
                    started_at,
                    completed_at,
                    commit_sha,
                    branch,
                    repository,
                    build_number,
                    source_system,
                    url,
                    actor,
                    description,
                    error,
                    links: link_bodies,
                    commits: commit_bodies,
                    metadata: object,
                } = body;
                let told = Told { status, occurred_at, started_at, completed_at };
                let Understood { status, told_at, started_at } = told.understand()?;
                let ActorBody { login, name, email } = actor.unwrap_or_default();
                let ErrorBody { message, code } = error.unwrap_or_default();
                let facts = Facts {
                    started_at,
                    commit_sha,
                    branch: branch.map(Text::into_string),
                    repository: repository.map(Text::into_string),
                    build_number: build_number.map(Text::into_string),
                    source_system: source_system.map(Text::into_string),
                    url: url.map(HttpUrl::into_string),
                    actor: login.map(Text::into_string),
                    actor_email: email.map(Text::into_string),
                    actor_name: name.map(Text::into_string),
                    description: description.map(Prose::into_string),
                    error_message: message.map(Prose::into_string),
                    error_code: code.map(Text::into_string),
                    links: links(link_bodies)?,
                    commits: commits(commit_bodies)?,
                    metadata: metadata(object)?,
                };
                let key = RunKey {
                    source_id: source_id.map(Text::into_string),
                    invoke_id: invoke_id.map(Text::into_string),
                };
                let (subject, project) = ($subject, choose(project));
                let facts = facts.into();
                Ok(Self { subject, project, application, version, status, key, told_at, facts })
            }
        }
    };
}

report_body! {
    /// A report of a build. What is blank is as good as absent.
    BuildBody [] {} => Subject::Build
}

report_body! {
    /// A report of a deployment. What is blank is as good as absent.
    DeploymentBody [environment, target] {
        /// Where to: the environment's code.
        #[schema(value_type = String, max_length = 100, example = "production")]
        environment: EnvironmentCode,
        /// Which part of it: a region, cluster or tenant.
        #[serde(default, deserialize_with = "optional")]
        #[schema(value_type = Option<String>, max_length = 100)]
        target: Option<TargetName>,
    } => Subject::Deployment { environment, target }
}
