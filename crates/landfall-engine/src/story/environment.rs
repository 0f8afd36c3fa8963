//! One environment: what runs there, and what was deployed there lately.

use std::collections::BTreeMap;

use landfall_domain::access::Scope;
use landfall_domain::catalog::{Application, Catalog, Environment, Project, Team};
use landfall_domain::id::{ApplicationId, EnvironmentId, OrganizationId};
use landfall_domain::refusal::Refusal;
use landfall_domain::view::CellView;
use landfall_store::queries::deployments::{Filter, KnownDeployment};
use landfall_store::queries::status::of_environments;
use landfall_store::{Connection, StoreError};
use uuid::Uuid;

use super::{RECENT, recent};
use crate::access::Caller;
use crate::board::Place;
use crate::catalog::applications_in_order;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::history::{Moment, moment};

/// What a page tells of an environment.
#[derive(Debug)]
pub struct EnvironmentStory {
    /// The environment, which may be archived or deleted.
    pub environment: Environment,
    /// The team that owns it.
    pub team: Option<Team>,
    /// What runs there, by project, name and target.
    pub residents: Vec<Resident>,
    /// The last deployments there, newest first.
    pub recent: Vec<KnownDeployment>,
    /// When it was read.
    pub moment: Moment,
}

/// An application that runs in an environment.
#[derive(Debug)]
pub struct Resident {
    /// Its project.
    pub project: Project,
    /// The application.
    pub application: Application,
    /// What runs of it, in one part of the environment.
    pub place: Place,
}

impl Engine {
    /// Everything about one environment.
    pub async fn environment_story(
        &self,
        caller: &Caller,
        id: Uuid,
    ) -> Result<EnvironmentStory, EngineError> {
        caller.require(Scope::Read)?;
        let (organization, wanted) = (caller.organization, EnvironmentId::from_uuid(id));
        let nouns = self.shared.nouns.clone();
        let read = self.shared.store.reader.read(move |db| {
            let catalog = nouns.of(db, organization)?;
            let Some(environment) = catalog.environments.get(wanted).cloned() else {
                return Ok(None);
            };
            let filter = Filter { environment: Some(wanted), ..Filter::default() };
            let team = environment.team.and_then(|team| catalog.teams.get(team).cloned());
            Ok(Some(EnvironmentStory {
                residents: residents(db, organization, &catalog, wanted)?,
                recent: recent(db, organization, &filter, RECENT)?,
                moment: moment(db, organization)?,
                environment,
                team,
            }))
        });
        read.await?.ok_or_else(|| Refusal::not_found("environment", &id).into())
    }
}

fn residents(
    db: &mut Connection,
    organization: OrganizationId,
    catalog: &Catalog,
    environment: EnvironmentId,
) -> Result<Vec<Resident>, StoreError> {
    let mut places: BTreeMap<ApplicationId, Vec<Place>> = BTreeMap::new();
    let mut broken = None;
    of_environments(db, organization, &[environment], |cell| {
        match serde_json::from_str::<CellView>(cell.shown) {
            Ok(view) => {
                let target = cell.target.to_owned();
                let place = Place { target, view, open_news_at: cell.open_news_at };
                places.entry(cell.application).or_default().push(place);
            }
            Err(error) => broken = Some(StoreError::corrupt("cell", error)),
        }
    })?;
    let mut found = Vec::new();
    for (project, application) in applications_in_order(catalog) {
        for place in places.remove(&application.id).unwrap_or_default() {
            let (project, application) = (project.clone(), application.clone());
            found.push(Resident { project, application, place });
        }
    }
    broken.map_or(Ok(found), Err)
}
