//! Cells: what runs in one place, kept up to date with every report and never computed from
//! history.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::deployment::Deployment;
use crate::id::{DeploymentId, VersionId};
use crate::identity::Identity;
use crate::status::Status;
use crate::text::VersionName;
use crate::time::{Timestamp, micros};

/// An open build or deployment, as far as joining it needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRun<I> {
    /// Which one.
    #[serde(rename = "i")]
    pub id: I,
    /// When it began.
    #[serde(rename = "b", with = "micros")]
    pub began_at: Timestamp,
    /// When something was last heard of it.
    #[serde(rename = "n", with = "micros")]
    pub news_at: Timestamp,
    /// Whether its source system gave it an id, so that a report with another can't adopt it.
    #[serde(rename = "k", default)]
    pub is_keyed: bool,
}

impl<I> OpenRun<I> {
    /// Whether nothing was heard of it for so long that it is shown as stale, and that nothing
    /// joins it by guess.
    pub fn is_stale(&self, now: Timestamp, stale_after: Duration) -> bool {
        now.since(self.news_at) > stale_after
    }
}

/// A deployment as its cell shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its id, begin and news.
    #[serde(flatten)]
    pub run: OpenRun<DeploymentId>,
    /// The version.
    #[serde(rename = "v")]
    pub version: VersionId,
    /// The version's name.
    #[serde(rename = "w")]
    pub version_name: VersionName,
    /// How far it came.
    #[serde(rename = "s")]
    pub status: Status,
    /// When it came there.
    #[serde(rename = "t", with = "micros")]
    pub at: Timestamp,
    /// Settles which of two that ended at the same instant is the later.
    #[serde(rename = "y")]
    pub identity: Identity,
    /// Who caused it.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Its commit.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// Link to the CI run.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Standing {
    /// How a deployment stands now.
    pub fn of(deployment: &Deployment, version_name: &VersionName) -> Self {
        let run = &deployment.run;
        let facts = run.facts();
        Self {
            run: OpenRun {
                id: deployment.id,
                began_at: run.began_at(),
                news_at: run.news_at(),
                is_keyed: deployment.key.is_given(),
            },
            version: deployment.version,
            version_name: version_name.clone(),
            status: run.status(),
            at: run.ended_at().unwrap_or_else(|| run.latest_at()),
            identity: deployment.identity(),
            actor: facts
                .actor
                .as_ref()
                .or(facts.actor_name.as_ref())
                .or(facts.actor_email.as_ref())
                .cloned(),
            commit_sha: facts.commit_sha.as_ref().map(|sha| sha.as_str().to_owned()),
            url: facts.url.clone(),
        }
    }

    fn order(&self) -> (Timestamp, Identity, DeploymentId) {
        (self.at, self.identity, self.run.id)
    }
}

/// The deployment that was last reported in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReport {
    /// Which one.
    #[serde(rename = "i")]
    pub deployment: DeploymentId,
    /// Its version.
    #[serde(rename = "v")]
    pub version: VersionId,
}

/// What runs in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The latest completed deployment by effective time.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Arc<Standing>>,
    /// Deployments that have not ended, oldest first; at most [`Cell::OPEN_MAX`].
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Arc<Standing>>,
    /// The latest failed one.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Arc<Standing>>,
    /// What was reported last.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last_report: Option<LastReport>,
    /// Since when the application is retired from here.
    #[serde(
        rename = "x",
        default,
        skip_serializing_if = "Option::is_none",
        with = "micros::option"
    )]
    pub retired_at: Option<Timestamp>,
}

impl Cell {
    /// More open deployments than this are found only by their own ids.
    pub const OPEN_MAX: usize = 16;

    /// Takes in how deployments of this cell stand now; a voided one stands nowhere.
    ///
    /// All are forgotten before any is placed, since a deployment that was cut in two hands its
    /// completion to its other half.
    pub fn track(&mut self, deployments: &[(Arc<Standing>, bool)]) {
        for (standing, _) in deployments {
            self.forget(standing.run.id);
        }
        for (standing, _) in deployments.iter().filter(|(_, is_voided)| !is_voided) {
            self.place(Arc::clone(standing));
        }
    }

    fn place(&mut self, standing: Arc<Standing>) {
        match standing.status {
            Status::Completed => keep_later(&mut self.current, standing),
            Status::Failed => keep_later(&mut self.failed, standing),
            Status::Pending | Status::Started => self.place_open(standing),
            Status::Aborted => {}
        }
    }

    fn forget(&mut self, id: DeploymentId) {
        self.open.retain(|open| open.run.id != id);
        for place in [&mut self.current, &mut self.failed] {
            if place.as_ref().is_some_and(|standing| standing.run.id == id) {
                *place = None;
            }
        }
    }

    fn place_open(&mut self, standing: Arc<Standing>) {
        self.open.push(standing);
        self.open.sort_by_key(|open| (open.run.began_at, open.identity, open.run.id));
        if self.open.len() > Self::OPEN_MAX {
            self.open.remove(0);
        }
    }

    /// The deployment that runs here now.
    pub fn current_id(&self) -> Option<DeploymentId> {
        self.current.as_ref().map(|current| current.run.id)
    }

    /// Whether an open deployment was overtaken by one that began later and is current.
    pub fn is_superseded(&self, open: &OpenRun<DeploymentId>) -> bool {
        self.was_superseded(open, Timestamp::MAX)
    }

    /// The same at an instant, which a late report may speak of (decision 0003).
    pub fn was_superseded(&self, open: &OpenRun<DeploymentId>, at: Timestamp) -> bool {
        let current = self.current.as_ref().map(|current| current.run.began_at);
        current.is_some_and(|began_at| open.began_at < began_at && began_at <= at)
    }

    /// The deployment in progress: the newest open one that was not overtaken.
    pub fn in_progress(&self) -> Option<&Standing> {
        let mut open = self.open.iter().rev().map(Arc::as_ref);
        open.find(|open| !self.is_superseded(&open.run))
    }

    /// The last failed deployment, if it is newer than the current one.
    pub fn failed_since(&self) -> Option<&Standing> {
        let current_at = self.current.as_ref().map(|current| current.at);
        self.failed.as_deref().filter(|failed| current_at.is_none_or(|at| failed.at > at))
    }
}

fn keep_later(place: &mut Option<Arc<Standing>>, standing: Arc<Standing>) {
    if place.as_ref().is_none_or(|held| standing.order() > held.order()) {
        *place = Some(standing);
    }
}
