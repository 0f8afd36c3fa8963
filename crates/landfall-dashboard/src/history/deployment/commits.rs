//! What a deployment brought since the one before it in the same environment.

use landfall_domain::facts::Commit;
use landfall_domain::time::Timestamp;
use landfall_domain::version::Version;
use landfall_engine::story::{Between, DeploymentStory};
use uuid::Uuid;

use super::super::repository::Repository;
use super::super::words::short_sha;
use crate::filters::age;

/// Commits of a run that are listed.
const COMMITS_MAX: usize = 50;

/// What it brought.
pub(super) struct Commits {
    /// In a sentence.
    pub sentence: String,
    /// One by one, newest first.
    pub items: Vec<Item>,
    /// What lies between the two commits, where the repository is.
    pub compare: Option<String>,
    /// What is not listed.
    pub more: u64,
}

/// A commit, or a version that stands for its commits.
pub(super) struct Item {
    pub sha: String,
    pub href: Option<String>,
    pub subject: String,
    /// The version, where it is one.
    pub version: Option<Uuid>,
    pub author: Option<String>,
    pub at: Option<Timestamp>,
    pub age: String,
}

impl Commits {
    pub(super) fn of(story: &DeploymentStory, now: Timestamp) -> Self {
        let run = &story.known.view.run;
        let repository = Repository::of(run.repository.as_deref(), run.url.as_deref());
        let (items, count) = items(story, repository.as_ref(), now);
        Self {
            sentence: sentence(story, count),
            more: count.saturating_sub(items.len() as u64),
            compare: compare(story, repository.as_ref()),
            items,
        }
    }
}

fn items(
    story: &DeploymentStory,
    repository: Option<&Repository>,
    now: Timestamp,
) -> (Vec<Item>, u64) {
    let commits = &story.known.view.run.commits;
    if !commits.is_empty() {
        let listed = commits.iter().take(COMMITS_MAX);
        let items = listed.map(|commit| of_commit(commit, repository, now)).collect();
        return (items, commits.len() as u64);
    }
    let Some(Between { versions, count, .. }) = &story.between else { return (Vec::new(), 0) };
    (versions.iter().map(|version| of_version(version, repository, now)).collect(), *count)
}

fn of_commit(commit: &Commit, repository: Option<&Repository>, now: Timestamp) -> Item {
    let sha = commit.sha.as_str();
    let message = commit.message.as_deref().unwrap_or_default();
    Item {
        href: repository.and_then(|repository| repository.commit(sha)),
        sha: short_sha(sha),
        subject: message.lines().next().unwrap_or_default().to_owned(),
        version: None,
        author: commit.author.clone(),
        at: commit.at,
        age: commit.at.map_or(String::new(), |at| age(at, now)),
    }
}

fn of_version(version: &Version, repository: Option<&Repository>, now: Timestamp) -> Item {
    let sha = version.commit_sha.as_ref().map_or("", |sha| sha.as_str());
    Item {
        href: repository.and_then(|repository| repository.commit(sha)),
        sha: short_sha(sha),
        subject: version.name.to_string(),
        version: Some(version.id.uuid()),
        author: None,
        at: Some(version.created_at),
        age: age(version.created_at, now),
    }
}

fn sentence(story: &DeploymentStory, count: u64) -> String {
    let view = &story.known.view;
    let Some(previous) = &story.previous else {
        return "The first deployment here.".to_owned();
    };
    if previous.version.id == view.version.id {
        return format!("{} again: nothing changed.", previous.version.name);
    }
    let since = &previous.version.name;
    let things = |one: &'static str, many: &'static str| if count == 1 { one } else { many };
    if !view.run.commits.is_empty() {
        return format!("{count} {} since {since}.", things("commit", "commits"));
    }
    match &story.between {
        Some(Between { is_back: true, .. }) => {
            format!("Back from {since}: {count} {} gone.", things("version is", "versions are"))
        }
        _ => format!("{count} {} since {since}.", things("version", "versions")),
    }
}

fn compare(story: &DeploymentStory, repository: Option<&Repository>) -> Option<String> {
    let view = &story.known.view;
    let previous = story.previous.as_ref()?;
    let from = previous.version.commit_sha.as_ref().or(previous.run.commit_sha.as_ref())?;
    let to = view.version.commit_sha.as_ref().or(view.run.commit_sha.as_ref())?;
    if from == to { None } else { repository?.compare(from, to) }
}
