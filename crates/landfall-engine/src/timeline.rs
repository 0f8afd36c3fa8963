//! The timeline: deployments of all applications, walked in either direction and filtered by what no
//! index knows.

use std::collections::HashSet;

use landfall_domain::access::Scope;
use landfall_domain::catalog::Catalog;
use landfall_domain::environment::EnvironmentType;
use landfall_domain::id::{ApplicationId, DeploymentId, EnvironmentId, OrganizationId};
use landfall_domain::run::Run;
use landfall_domain::status::Status;
use landfall_store::queries::deployments::{self, KnownDeployment};
use landfall_store::queries::timeline::{Chunk, Direction, Passed, walk};
use landfall_store::{Connection, StoreError};
use uuid::Uuid;

use crate::access::Caller;
use crate::catalog::environments_in_order;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{Moment, moment};
use crate::nouns::Nouns;

pub use landfall_store::queries::timeline::Direction as TimelineDirection;

/// Deployments that one step of a filtered walk passes.
const CHUNK: i64 = 1_000;
/// A walk that passed so many ends, and says from where to go on.
const PASSED_MAX: i64 = 20_000;

/// Which deployments are asked for; what is empty asks for all.
#[derive(Clone, Debug, Default)]
pub struct TimelineFilter {
    /// Of the project of this name.
    pub project: String,
    /// Of applications whose name holds this text, in any case.
    pub application: String,
    /// Into the environment of this code.
    pub environment: String,
    /// Into environments of this type.
    pub kind: Option<EnvironmentType>,
    /// In this status.
    pub status: Option<Status>,
    /// Caused by somebody whose login, name or e-mail address holds this text, in any case.
    pub who: String,
}

/// Where a part of the timeline begins.
#[derive(Clone, Copy, Debug)]
pub struct TimelinePlace {
    /// Which way it goes from there.
    pub direction: Direction,
    /// The deployment that it follows.
    pub from: Uuid,
    /// At most so many.
    pub limit: usize,
}

/// A part of the timeline, newest first.
#[derive(Debug)]
pub struct Timeline {
    /// The deployments.
    pub items: Vec<KnownDeployment>,
    /// From where it goes on, in the direction that was asked for, if it does.
    pub next: Option<Uuid>,
    /// The names of all projects.
    pub projects: Vec<String>,
    /// The codes of all environments, in the order of promotion.
    pub environments: Vec<String>,
    /// When it was read.
    pub moment: Moment,
}

impl Engine {
    /// A part of the timeline.
    pub async fn timeline(
        &self,
        caller: &Caller,
        filter: TimelineFilter,
        place: TimelinePlace,
    ) -> Result<Timeline, EngineError> {
        caller.require(Scope::Read)?;
        let (id, nouns) = (caller.organization, self.shared.nouns.clone());
        let reader = &self.shared.store.reader;
        Ok(reader.read(move |db| read(db, &nouns, id, &filter, place)).await?)
    }
}

fn read(
    db: &mut Connection,
    nouns: &Nouns,
    id: OrganizationId,
    filter: &TimelineFilter,
    place: TimelinePlace,
) -> Result<Timeline, StoreError> {
    let catalog = nouns.of(db, id)?;
    let wanted = Wanted::of(filter, &catalog);
    let (mut ids, next) = wanted.collect(db, id, place)?;
    if place.direction == Direction::Forth {
        ids.reverse();
    }
    let live = catalog.projects.values().filter(|project| project.deleted_at.is_none());
    let mut projects: Vec<String> = live.map(|project| project.name.to_string()).collect();
    projects.sort_unstable();
    let environments = environments_in_order(&catalog).into_iter();
    Ok(Timeline {
        items: deployments::known(db, id, &ids)?,
        next,
        projects,
        environments: environments.map(|environment| environment.code.to_string()).collect(),
        moment: moment(db, id)?,
    })
}

/// A filter made ready: names became ids.
struct Wanted {
    applications: Option<HashSet<ApplicationId>>,
    environments: Option<HashSet<EnvironmentId>>,
    status: Option<Status>,
    who: String,
}

impl Wanted {
    /// What was deleted is found as well, since its history stays.
    fn of(filter: &TimelineFilter, catalog: &Catalog) -> Self {
        let TimelineFilter { project, application, environment, kind, status, who } = filter;
        let text = application.trim().to_lowercase();
        let is_of_project = |id| {
            let found = catalog.projects.get(id);
            project.is_empty() || found.is_some_and(|found| found.name.as_str() == project)
        };
        let applications = catalog.applications.values().filter(|found| {
            is_of_project(found.project) && found.name.as_str().to_lowercase().contains(&text)
        });
        let environments = catalog.environments.values().filter(|found| {
            (environment.is_empty() || found.code.as_str() == environment)
                && kind.is_none_or(|kind| found.kind == kind)
        });
        let names_applications = !project.is_empty() || !text.is_empty();
        let names_environments = !environment.is_empty() || kind.is_some();
        Self {
            applications: names_applications.then(|| applications.map(|found| found.id).collect()),
            environments: names_environments.then(|| environments.map(|found| found.id).collect()),
            status: *status,
            who: who.trim().to_lowercase(),
        }
    }

    /// Nothing has to be passed over.
    fn is_plain(&self) -> bool {
        let Self { applications, environments, status, who } = self;
        let filters = [applications.is_some(), environments.is_some(), status.is_some()];
        !filters.contains(&true) && who.is_empty()
    }

    fn is_impossible(&self) -> bool {
        self.applications.as_ref().is_some_and(HashSet::is_empty)
            || self.environments.as_ref().is_some_and(HashSet::is_empty)
    }

    /// The ids of a part, in the direction of the walk, and from where it goes on.
    fn collect(
        &self,
        db: &mut Connection,
        id: OrganizationId,
        place: TimelinePlace,
    ) -> Result<(Vec<DeploymentId>, Option<Uuid>), StoreError> {
        let TimelinePlace { direction, from, limit } = place;
        let (mut found, mut at, mut passed) = (Vec::<Uuid>::new(), from, 0);
        if self.is_impossible() {
            return Ok((Vec::new(), None));
        }
        let limit_plain = i64::try_from(limit).unwrap_or(CHUNK) + 1;
        let chunk_limit = if self.is_plain() { limit_plain } else { CHUNK };
        let next = loop {
            let chunk = Chunk {
                direction,
                from: at,
                application: only(self.applications.as_ref()),
                environment: only(self.environments.as_ref()),
                limit: chunk_limit,
            };
            let count = walk(db, id, chunk, |row| {
                at = row.id;
                if found.len() <= limit && self.holds(row)? {
                    found.push(row.id);
                }
                Ok(())
            })?;
            passed += count;
            if found.len() > limit {
                found.truncate(limit);
                break found.last().copied();
            }
            if count < chunk_limit {
                break None;
            }
            if passed >= PASSED_MAX {
                break Some(at);
            }
        };
        Ok((found.into_iter().map(DeploymentId::from_uuid).collect(), next))
    }

    fn holds(&self, row: &Passed<'_>) -> Result<bool, StoreError> {
        let is_one = self.applications.as_ref().is_none_or(|ids| ids.contains(&row.application))
            && self.environments.as_ref().is_none_or(|ids| ids.contains(&row.environment))
            && self.status.is_none_or(|status| status.as_str() == row.status);
        if !is_one || self.who.is_empty() {
            return Ok(is_one);
        }
        let run: Run = serde_json::from_str(row.reports)
            .map_err(|error| StoreError::corrupt("reports", error))?;
        let facts = run.facts();
        let names = [&facts.actor, &facts.actor_name, &facts.actor_email];
        Ok(names.into_iter().flatten().any(|name| name.to_lowercase().contains(&self.who)))
    }
}

/// The one that is wanted, if only one is: then an index leads along it.
fn only<T: Copy>(ids: Option<&HashSet<T>>) -> Option<T> {
    ids.filter(|ids| ids.len() == 1)?.iter().next().copied()
}
