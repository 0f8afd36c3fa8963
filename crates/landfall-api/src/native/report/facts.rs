//! The parts of a report that are objects of their own: actor, error, links, commits, metadata.

use landfall_domain::facts::{Commit, JsonObject, Link};
use landfall_domain::sha::CommitSha;
use landfall_domain::text::Text;
use landfall_domain::time::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::native::fields::{HttpUrl, Prose, optional, optional_word};
use crate::shared::rejection::Rejection;

/// A report brings at most so many commits.
const COMMITS_MAX: usize = 250;
/// A report brings at most so many links.
const LINKS_MAX: usize = 50;
/// Metadata may be this long.
const METADATA_BYTES_MAX: usize = 100 * 1024;

/// Who caused a run.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActorBody {
    /// Their login.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub login: Option<Text<255>>,
    /// Their name.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub name: Option<Text<255>>,
    /// Their e-mail address.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub email: Option<Text<255>>,
}

/// What went wrong.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorBody {
    /// In words; what is longer is cut off.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    pub message: Option<Prose<4_000>>,
    /// As a code.
    #[serde(default, deserialize_with = "optional_word")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub code: Option<Text<255>>,
}

/// A titled link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkBody {
    /// What it leads to.
    #[schema(value_type = String, max_length = 255)]
    title: Text<255>,
    /// An http(s) URL.
    #[schema(value_type = String, max_length = 2000)]
    url: HttpUrl,
}

/// A commit that a build or deployment brings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CommitBody {
    /// Its name.
    #[schema(value_type = String, max_length = 64)]
    sha: CommitSha,
    /// Its message; what is longer is cut off.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    message: Option<Prose<2_000>>,
    /// Who wrote it.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, max_length = 255)]
    author: Option<Text<255>>,
    /// When it was committed.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// The links of a report.
pub(super) fn links(links: Option<Vec<LinkBody>>) -> Result<Vec<Link>, Rejection> {
    let links = links.unwrap_or_default();
    check_count("links", links.len(), LINKS_MAX)?;
    let link = |LinkBody { title, url }| Link {
        title: Text::into_string(title),
        url: HttpUrl::into_string(url),
    };
    Ok(links.into_iter().map(link).collect())
}

/// The commits of a report.
pub(super) fn commits(commits: Option<Vec<CommitBody>>) -> Result<Vec<Commit>, Rejection> {
    let commits = commits.unwrap_or_default();
    check_count("commits", commits.len(), COMMITS_MAX)?;
    let commit = |CommitBody { sha, message, author, at }| Commit {
        sha,
        message: message.map(Prose::into_string),
        author: author.map(Text::into_string),
        at,
    };
    Ok(commits.into_iter().map(commit).collect())
}

/// The metadata of a report.
pub(super) fn metadata(object: Option<JsonObject>) -> Result<Option<JsonObject>, Rejection> {
    let is_too_long = |object: &JsonObject| object.as_str().len() > METADATA_BYTES_MAX;
    if object.as_ref().is_some_and(is_too_long) {
        let reason = format!("is larger than {METADATA_BYTES_MAX} bytes");
        return Err(Rejection::field("metadata", reason));
    }
    Ok(object)
}

fn check_count(field: &str, count: usize, count_max: usize) -> Result<(), Rejection> {
    if count > count_max {
        let reason = format!("holds {count}; at most {count_max} are allowed");
        return Err(Rejection::field(field, reason));
    }
    Ok(())
}
